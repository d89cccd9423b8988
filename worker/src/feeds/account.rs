//! An account's feed: its newest items, read with its own credential.

use chrono::{DateTime, TimeDelta, Utc};
use entities::feed::{self, WaitsFor};
use entities::incident::Kind;
use entities::install;
use queue::JobError;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::limit::{leaves_at, priority};
use super::{Ending, FRESH_FOR, ITEMS, LOOK_AGAIN, Unread, begin_anew, end, holds_items, look_again, store};
use crate::graph::Class;
use crate::incidents::{self, Failure};
use crate::reason::Reason;
use crate::throttles::Key;
use crate::{Context, diagnosis, feed_body, media_address, names, page_token};

/// How long the account's name, picture and counts serve: a picture's address lives for days, not weeks.
const PROFILE_SERVES: TimeDelta = TimeDelta::hours(24);
/// How long before its picture's address ends an account is read again, and no more often than once in
/// [`PROFILE_RESTS`].
const PICTURE_ENDS: TimeDelta = TimeDelta::hours(6);
/// See [`PICTURE_ENDS`].
const PROFILE_RESTS: TimeDelta = TimeDelta::hours(1);

/// Fetches the feed of the account `name`.
pub(crate) async fn fetch(ctx: &Context, feed: &feed::Model, name: &str) -> Result<(), JobError> {
    let Some(install) = install::Entity::serving(&ctx.db.read, name).await? else {
        let has_ended = install::Entity::has_ended(&ctx.db.read, name).await?;
        let reason = if has_ended { Reason::ENDED } else { Reason::NOT_CONNECTED };
        return give_up(ctx, feed, None, Ending::Refused(reason, LOOK_AGAIN)).await;
    };
    let served_by = Some(&install);
    let Some(token) = page_token::open(ctx, &install)? else {
        return give_up(ctx, feed, served_by, Ending::Refused(Class::TokenDead.into(), LOOK_AGAIN)).await;
    };
    if let Some(pause) = incidents::pause(ctx, Kind::Feeds, Some(&install.id)).await? {
        return give_up(ctx, feed, served_by, Ending::Paused(pause)).await;
    }
    let ending = match read(ctx, feed, &install, &token).await {
        Ok(body) => {
            if let Some(body) = body {
                store(ctx, feed, &body, Some(&install)).await?;
            }
            return works(ctx, &install).await;
        }
        Err(Unread::Database(error)) => return Err(error.into()),
        Err(Unread::Unbelieved) => {
            give_up(ctx, feed, served_by, Ending::Refused(Class::Ambiguous.into(), FRESH_FOR)).await?;
            return incidents::failed(ctx, &Failure::bare(&install, Kind::Feeds, Class::Ambiguous)).await;
        }
        Err(Unread::Graph(error)) => match error.class() {
            Class::Transient => return Err(error.into()),
            Class::RateLimited => {
                incidents::met(ctx, &install, Kind::Feeds, &error).await?;
                Ending::Limited(leaves_at(ctx, feed, &error).await?, WaitsFor::Limit)
            }
            class => {
                tracing::warn!(feed_id = feed.id, %error, "feed refused by Meta");
                give_up(ctx, feed, served_by, Ending::Refused(class.into(), look_again(class))).await?;
                incidents::met(ctx, &install, Kind::Feeds, &error).await?;
                return diagnosis::doubt(ctx, &install, &error).await;
            }
        },
    };
    give_up(ctx, feed, served_by, ending).await
}

/// Keeps that a connection serves.
async fn works(ctx: &Context, install: &install::Model) -> Result<(), JobError> {
    if install.killed.is_some() {
        install::Entity::revive(&ctx.db.write, &install.id, ctx.now()).await?;
    }
    Ok(incidents::succeeded(ctx, &install.id, Kind::Feeds).await?)
}

/// Reads the items; and the account, where it was last read too long ago or has to vouch for an empty page. `None`: it bears
/// another name by now, or is not connected any more. Its posts are not this feed's then, whose row is gone, or is read with
/// another connection from now on.
async fn read(
    ctx: &Context,
    feed: &feed::Model,
    install: &install::Model,
    token: &SecretString,
) -> Result<Option<Value>, Unread> {
    let account_id = &install.instagram_business_account_id;
    let graph = ctx.graph_for(Key::of(install), priority(feed, ctx.now()));
    let media = graph.media(token, account_id, ITEMS).await?;
    let aged = is_aged(install, ctx.now());
    let profile = match &install.profile {
        Some(profile) if !aged && !media.items.is_empty() => profile.clone(),
        known => match (graph.ig_user(token, account_id).await, known) {
            (Ok(user), _) => {
                let profile = feed_body::account(&user);
                let name = names::keep_profile(ctx, install, &profile).await?;
                if name.as_deref() != feed.key.account_name() {
                    return Ok(None);
                }
                profile
            }
            // An old name and picture are better than no posts.
            (Err(error), Some(profile)) if !media.items.is_empty() => {
                tracing::warn!(feed_id = feed.id, %error, "the account could not be read; its profile stays as it was");
                profile.clone()
            }
            (Err(error), _) => return Err(error.into()),
        },
    };
    let believed = !media.items.is_empty() || profile["media_count"] == json!(0) || !holds_items(feed);
    if believed { Ok(Some(feed_body::of_account(&profile, &media))) } else { Err(Unread::Unbelieved) }
}

/// Whether what is known of the account is too old: its picture is shown beside the items, and must not end before the
/// next fetch.
fn is_aged(install: &install::Model, now: DateTime<Utc>) -> bool {
    let Some(read_at) = install.profile_read_at else { return true };
    let picture = install.profile.as_ref().and_then(|profile| profile["profile_picture_url"].as_str());
    let ends = picture.and_then(media_address::ends_at);
    let ends_soon = ends.is_some_and(|end| end <= now + PICTURE_ENDS) && read_at + PROFILE_RESTS <= now;
    read_at + PROFILE_SERVES <= now || ends_soon
}

/// Keeps why there is nothing new, and when it is looked at again. Where the account was connected anew while Meta was
/// asked, the failure is the old credential's: then nothing is kept, and the fetch begins anew.
async fn give_up(
    ctx: &Context,
    feed: &feed::Model,
    served_by: Option<&install::Model>,
    ending: Ending,
) -> Result<(), JobError> {
    let tx = ctx.db.begin().await?;
    feed::Entity::lock(&tx, &feed.id).await?;
    let name = feed.key.account_name().unwrap_or_default();
    let now_served_by = install::Entity::serving(&tx, name).await?;
    let credential = |install: &install::Model| (install.id.clone(), install.generation);
    if served_by.map(credential) != now_served_by.as_ref().map(credential) {
        tx.rollback().await?;
        return Err(begin_anew("the account was connected anew meanwhile"));
    }
    end(ctx, &tx, feed, &ending).await?;
    tx.commit().await?;
    Ok(())
}

//! One account that tries for all whether an incident is over, by the call that failed.

use chrono::TimeDelta;
use entities::incident::{Kind, Model};
use entities::{FeedKey, feed, hashtag, hashtag_search, install};
use queue::JobError;

use super::{Failure, failed};
use crate::feeds::ITEMS;
use crate::graph::{self, Class, Graph};
use crate::hashtags::{keep_id, over_since, reserve_with};
use crate::throttles::{Key, Priority};
use crate::{Context, page_token};

/// How long before a window is over by our reckoning Meta surely counts still.
const SURELY: TimeDelta = TimeDelta::hours(1);

/// What came of a canary's call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was answered.
    Well,
    /// It failed.
    Failed,
    /// It failed, and Meta says that the account's token has ended.
    Ended,
    /// Nobody could be asked: that says nothing.
    Unasked,
    /// It failed in another way, or nobody wants it any more: whatever that is, this incident it is not.
    Otherwise,
}

/// Has an install try.
pub(super) async fn try_for(ctx: &Context, row: &Model, install: &install::Model) -> Result<Outcome, JobError> {
    let Some(token) = page_token::open(ctx, install)? else { return Ok(Outcome::Unasked) };
    let account_id = &install.instagram_business_account_id;
    let graph = ctx.graph_for(Key::of(install), Priority::Refresh);
    let asked = match row.kind {
        Kind::Hashtags => match counted_hashtag(ctx, account_id).await? {
            Some(id) => graph.recent_media(&token, account_id, &id, ITEMS).await.map(|_| ()),
            None => match ask_for_wanted(ctx, &graph, install).await? {
                Ok(asked) => asked,
                Err(unasked) => return Ok(unasked),
            },
        },
        Kind::Feeds | Kind::Exchange | Kind::Outlet => read(&graph, install, &token).await,
        // Of these no install knows anything.
        Kind::XAccess | Kind::XPosts => return Ok(Outcome::Otherwise),
    };
    let Err(error) = asked else { return Ok(Outcome::Well) };
    tracing::info!(incident_id = row.id, install_id = install.id, %error, "a canary fails");
    let (class, code) = (error.class(), error.details().code);
    if matches!(error, graph::Error::NotAsked { .. }) || class == Class::RateLimited {
        return Ok(Outcome::Unasked);
    }
    if class.as_str() != row.class || (row.code.is_some() && row.code != code) {
        // What passes hides what is behind it.
        return Ok(if class == Class::Transient { Outcome::Unasked } else { Outcome::Otherwise });
    }
    let failure = Failure::of(install, row.kind, &error);
    let bare = Failure::bare(install, row.kind, error.class());
    failed(ctx, &failure.unwrap_or(bare)).await?;
    let is_ended = error.class() == Class::TokenDead
        && graph.debug_token(&token).await.is_ok_and(|token| graph.is_our_app(&token.app_id) && !token.is_valid);
    Ok(if is_ended { Outcome::Ended } else { Outcome::Failed })
}

/// Reads what a feed reads.
async fn read(graph: &Graph, install: &install::Model, token: &secrecy::SecretString) -> Result<(), graph::Error> {
    let account_id = &install.instagram_business_account_id;
    let media = graph.media(token, account_id, ITEMS).await?;
    if media.items.is_empty() || install.profile.is_none() {
        graph.ig_user(token, account_id).await?;
    }
    Ok(())
}

/// Asks for a hashtag that an app of the account's wants, at the price of the place that its feed would take, too: without
/// it nobody would ever learn that the incident is over. The error says why nobody was asked.
async fn ask_for_wanted(
    ctx: &Context,
    graph: &Graph,
    install: &install::Model,
) -> Result<Result<Result<(), graph::Error>, Outcome>, JobError> {
    let wanted = feed::Entity::wanted_hashtag(&ctx.db.read, &install.id).await?;
    let Some(tag) = wanted.as_ref().and_then(FeedKey::tag) else { return Ok(Err(Outcome::Otherwise)) };
    let Some(mut place) = reserve_with(ctx, install, tag).await? else { return Ok(Err(Outcome::Unasked)) };
    let account_id = &install.instagram_business_account_id;
    let asked = match hashtag::Entity::id_of(&ctx.db.read, tag).await? {
        Some(id) => graph.recent_media(&place.token, account_id, &id, ITEMS).await.map(|_| ()),
        None => match graph.hashtag_id(&place.token, account_id, tag).await {
            Ok(id) => Ok(keep_id(ctx, tag, &id).await?),
            Err(error) => Err(error),
        },
    };
    match &asked {
        Ok(()) => place.answered(ctx).await?,
        Err(error) => {
            place.refused(ctx, error).await?;
            if error.is_hashtag_unknown() {
                // Meta has answered: it is the hashtag's.
                return Ok(Ok(Ok(())));
            }
        }
    }
    Ok(Ok(asked))
}

/// Returns Meta's id of a hashtag that counts against the account already, so that asking again costs no place.
async fn counted_hashtag(ctx: &Context, account_id: &str) -> Result<Option<String>, JobError> {
    let rows = hashtag_search::Entity::of_accounts(&ctx.db.read, &[account_id]).await?;
    let since = over_since(ctx.now()) + SURELY;
    for row in rows.iter().filter(|row| row.is_answered && row.earliest() > since) {
        if let Some(id) = hashtag::Entity::id_of(&ctx.db.read, &row.tag).await? {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

//! The commit of a connection: install, link, due feeds and the end of the run, all or nothing.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use entities::app::Concerned;
use entities::install::{self, Status};
use entities::{FeedKey, StringList, app, app_install, connect_link, feed, job_run, new_id};
use queue::JobError;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbErr};
use serde_json::json;

use super::access::{Access, End};
use super::input::{AppRef, Input};
use super::refusal::{Refusal, Stop};
use crate::feeds::SLEEPS_AFTER;
use crate::graph::Class;
use crate::jobs::MigrateApp;
use crate::throttles::{Key, Priority};
use crate::{Context, feed_body, incidents, names, page_token};

/// A connection that was committed.
#[derive(Debug)]
pub(crate) struct Connected {
    /// The feeds that are due because of it.
    pub due_feeds: Vec<String>,
    /// The moves of apps that have one to make: of its own, and of all that use the account where that bears a new name.
    pub moves: Vec<MigrateApp>,
}

/// An end that is earlier by less is the same end: Meta counts it from the second of a visit.
const SAME_END: TimeDelta = TimeDelta::days(1);

/// Commits a connection. A good credential is never replaced by a worse one: then the old one stays and is what
/// the run reports.
pub(crate) async fn connection(ctx: &Context, run_id: &str, input: &Input, access: Access) -> Result<Connected, Stop> {
    let account_id = &access.page.account_id;
    // Whether the better credential of this generation still serves; Meta is not asked while the lock is held.
    let mut seen: Option<(i32, bool)> = None;
    let (tx, now, before, install, kept, mended) = loop {
        let tx = ctx.db.begin().await?;
        let now = ctx.now();
        let current = install::Entity::lock_business_account(&tx, account_id).await?;
        let kept = match (current.as_ref().filter(|old| is_worse(old, &access)), seen) {
            (None, _) => false,
            (Some(old), Some((generation, serves))) if generation == old.generation => serves,
            (Some(old), _) => {
                tx.rollback().await?;
                seen = Some((old.generation, still_serves(ctx, old).await?));
                continue;
            }
        };
        // What a link brings is kept once; whoever comes second by the same one is shown what the first one brought.
        let kept = kept || is_spent(&tx, input, now).await?;
        let mended = !kept && current.as_ref().is_some_and(|old| is_over(old, now));
        let before = current.clone();
        let written = match current {
            Some(old) if kept => Some(old),
            None if kept => {
                tx.rollback().await?;
                return Err(Refusal::Forgotten.into());
            }
            old => write(ctx, &tx, old, &access, now).await?,
        };
        match written {
            Some(install) => break (tx, now, before, install, kept, mended),
            // Somebody else made the account's row since we looked for it: now there is one to lock.
            None => tx.rollback().await?,
        }
    };
    let app = &input.app;
    // Before the link refers to the app's row: of two connections at once that lock it behind that, each would wait for the
    // other.
    // A letter's link renews what the app has, and moves nothing: nobody has asked for that.
    let concerned = if input.reconnect.is_some() { Concerned::Made } else { Concerned::Offered };
    let renamed = before.as_ref().filter(|before| names::is_renamed(before, &install));
    let moves = owe_moves(&tx, (app, concerned), renamed, now).await?;
    app_install::Entity::join(&tx, &app.app_id, &install.id, now).await?;
    names::settle(&tx, before.as_ref(), &install, ctx.end()).await?;
    let due_feeds = wake(&tx, &install, mended, now).await?;
    if !kept {
        incidents::healed(&tx, &install.id, now).await?;
    } else if seen.is_some_and(|(_, serves)| serves) {
        // It was seen to: a role that was lost is back.
        install::Entity::revive(&tx, &install.id, now).await?;
    }
    let result = json!({
        "install_id": install.id,
        "instagram_account": install.instagram_account,
        "instagram_business_account_id": install.instagram_business_account_id,
        "page": {"id": install.page_id, "name": install.page_name},
        "scopes": install.scopes,
        "ends_at": install.ends_at().map(feed_body::rfc3339),
    });
    // What the run tells goes with the account, whichever app uses that by then.
    job_run::Entity::note_subject(&tx, run_id, &install.id).await?;
    if !job_run::Entity::finish(&tx, run_id, result, ctx.end()).await? {
        // Somebody was told another end: then nothing of this one may stand. Trying again finds it ended.
        tx.rollback().await?;
        return Err(JobError::retry(anyhow::anyhow!("the run has ended meanwhile")).into());
    }
    tx.commit().await?;
    tracing::info!(install_id = install.id, generation = install.generation, kept, "account connected");
    Ok(Connected { due_feeds, moves })
}

/// Keeps that the app's connections have changed, and those of all apps of an account that was renamed. They are locked in
/// order, as everybody locks them.
async fn owe_moves(
    tx: &DatabaseTransaction,
    (app, concerned): (&AppRef, Concerned),
    renamed: Option<&install::Model>,
    now: DateTime<Utc>,
) -> Result<Vec<MigrateApp>, DbErr> {
    let mut apps = BTreeMap::new();
    if let Some(install) = renamed {
        let using = app::Entity::using(tx, &install.id).await?;
        apps.extend(using.into_iter().map(|app_id| (app_id, Concerned::Made)));
    }
    // Registered when it was asked for. Whoever takes it away ends the run, and then this is not committed.
    app::Entity::register(tx, &app.app_id, &app.user, &app.app_type, now).await?;
    apps.insert(app.app_id.clone(), concerned);
    names::owe_moves(tx, apps, now).await
}

/// Uses up the link that the person came by; `true` if it had been before, or is gone.
async fn is_spent(tx: &DatabaseTransaction, input: &Input, now: DateTime<Utc>) -> Result<bool, JobError> {
    let Some(reconnect) = &input.reconnect else { return Ok(false) };
    Ok(!connect_link::Entity::use_up(tx, &reconnect.link, now).await?)
}

/// A new credential is worse if it ends earlier. It carries every scope that is needed, or it had been refused by now;
/// what the old one carries beyond those serves nothing, and must not keep a renewal out.
fn is_worse(old: &install::Model, new: &Access) -> bool {
    let new_end = install::earlier(new.end.token, new.end.data_access);
    let sooner = match (old.ends_at(), new_end) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(old), Some(new)) => new + SAME_END < old,
    };
    old.status == Status::Active && sooner
}

/// Whether the owners are to be told anew of the end: it moved (to an earlier one where the old credential serves no more,
/// though nobody has noticed yet), or what they were told of is over. An exchange that did not move the end is no renewal, and
/// the mail about it has been sent.
fn begins_anew(old: &install::Model, end: &End, now: DateTime<Utc>) -> bool {
    let has_moved = match (old.ends_at(), install::earlier(end.token, end.data_access)) {
        (Some(old), Some(new)) => (new - old).abs() > SAME_END,
        _ => true,
    };
    is_over(old, now) || has_moved
}

/// Whether a connection does not serve any more: it ended, or was ended.
fn is_over(old: &install::Model, now: DateTime<Utc>) -> bool {
    !old.is_active() || old.killed.is_some() || old.has_ended(now)
}

/// Whether the old credential passes the same read as a new one has to.
async fn still_serves(ctx: &Context, old: &install::Model) -> Result<bool, Stop> {
    let Some(token) = page_token::open(ctx, old)? else { return Ok(false) };
    match ctx.graph_for(Key::of(old), Priority::Waiting).ig_user(&token, &old.instagram_business_account_id).await {
        Ok(_) => Ok(true),
        // No answer is no proof that it is dead.
        Err(error) if matches!(error.class(), Class::Transient | Class::RateLimited) => Err(error.into()),
        Err(_) => Ok(false),
    }
}

/// Writes the account's row; `None` if there was none, and somebody else has made it meanwhile.
async fn write(
    ctx: &Context,
    tx: &DatabaseTransaction,
    old: Option<install::Model>,
    access: &Access,
    now: DateTime<Utc>,
) -> Result<Option<install::Model>, JobError> {
    let Access { user_token, person, page, profile, end } = access;
    let username = profile
        .username
        .clone()
        .ok_or_else(|| JobError::retry(anyhow::anyhow!("malformed answer: the account came without its user name")))?;
    let id = old.as_ref().map_or_else(new_id, |row| row.id.clone());
    let told = old.as_ref().filter(|old| !begins_anew(old, end, now));
    let row = install::ActiveModel {
        instagram_account: Set(username.to_lowercase()),
        instagram_business_account_id: Set(page.account_id.clone()),
        page_id: Set(page.id.clone()),
        page_name: Set(page.name.clone()),
        facebook_user_id: Set(person.user_id.clone()),
        user_token: Set(Some(ctx.keyring.seal(install::USER_TOKEN.place(&id), user_token))),
        user_token_expires_at: Set(person.expires_at),
        page_token: Set(Some(ctx.keyring.seal(install::PAGE_TOKEN.place(&id), &page.token))),
        token_expires_at: Set(end.token),
        data_access_expires_at: Set(end.data_access),
        ends_estimated: Set(end.is_estimate),
        checked_at: Set(now),
        killed: Set(None),
        killed_at: Set(None),
        scopes: Set(StringList(person.scopes.clone())),
        profile: Set(Some(feed_body::account(profile))),
        profile_read_at: Set(Some(now)),
        status: Set(Status::Active),
        generation: Set(old.as_ref().map_or(1, |row| row.generation + 1)),
        first_verify_email_sent_at: Set(told.and_then(|old| old.first_verify_email_sent_at)),
        second_verify_email_sent_at: Set(told.and_then(|old| old.second_verify_email_sent_at)),
        created_at: Set(old.as_ref().map_or(now, |row| row.created_at)),
        updated_at: Set(now),
        id: Set(id),
    };
    Ok(match old {
        Some(_) => Some(row.update(tx).await?),
        None => install::Entity::insert_new(tx, row).await?,
    })
}

/// Makes the feeds due that waited for this connection, the account's and the hashtags of its apps, and says which rows
/// those are.
async fn wake(
    db: &impl ConnectionTrait,
    install: &install::Model,
    mended: bool,
    now: DateTime<Utc>,
) -> Result<Vec<String>, JobError> {
    let mut due = feed::Entity::wake_hashtags(db, &install.id, now - SLEEPS_AFTER, now).await?;
    if let Ok(key) = FeedKey::account(&install.instagram_account) {
        due.extend(if mended {
            feed::Entity::wake_mended(db, &key, now).await?
        } else {
            feed::Entity::wake(db, &key, now).await?
        });
    }
    Ok(due)
}

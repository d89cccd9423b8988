//! How a feed's row is fetched, by its source and by what its key names, and the ends that a fetch may have.

pub(crate) mod account;
pub(crate) mod hashtag;
mod limit;
mod load;
pub(crate) mod outlet;
pub(crate) mod pace;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entities::feed::{self, Source, WaitsFor};
use entities::incident::Kind;
use entities::{install, job_run};
use queue::JobError;
use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::{Value, json};

use crate::expiry::truth;
use crate::graph::{self, Class};
use crate::incidents::Pause;
use crate::jobs::ScanCrossposts;
use crate::reason::Reason;
use crate::{Context, feed_body};

/// A feed is its newest items, in one call.
pub(crate) const ITEMS: u32 = 50;
/// How soon it is looked again whether an empty page was a slip.
const FRESH_FOR: TimeDelta = TimeDelta::minutes(10);
/// How long after a failure that somebody has to mend it is looked at again, unasked.
pub(crate) const LOOK_AGAIN: TimeDelta = TimeDelta::hours(1);
/// A feed that nobody asked for in this time sleeps until it is asked for again.
pub const SLEEPS_AFTER: TimeDelta = TimeDelta::days(14);
/// How soon a fetch is begun anew whose row was changed under it.
const BEGIN_ANEW: Duration = Duration::from_secs(1);

/// Why there is no body.
enum Unread {
    /// An empty page where there were items: the good body stays, and is called stale.
    Unbelieved,
    Graph(graph::Error),
    Database(DbErr),
}

impl From<graph::Error> for Unread {
    fn from(error: graph::Error) -> Self {
        Self::Graph(error)
    }
}

impl From<DbErr> for Unread {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

/// Keeps a good body, and when the next one is due: as often as the account affords it that it was read with, if it was read
/// with one.
async fn store(
    ctx: &Context,
    feed: &feed::Model,
    body: &Value,
    served_by: Option<&install::Model>,
) -> Result<(), JobError> {
    let now = ctx.now();
    let is_changed = known_body(feed).is_none_or(|known| feed_body::is_changed(&known, body));
    let changed_at = feed.changed_at.filter(|_| !is_changed).unwrap_or(now);
    let media_ends_at = feed_body::ends_at(body, now);
    let wish = pace::Wish { changed_at: Some(changed_at), ..pace::Wish::of(feed) };
    let interval = match served_by {
        Some(install) => load::afforded(ctx, install, wish.interval(now)).await?,
        None => wish.interval(now),
    };
    let good = feed::Good {
        body: body.to_string(),
        account_id: body["account"]["id"].as_str().map(str::to_owned),
        fetched_at: now,
        next_fetch_at: pace::due(now, interval, media_ends_at),
        changed_at,
        media_ends_at,
    };
    let tx = ctx.db.begin().await?;
    if let (Some(name), Some(install)) = (feed.key.account_name(), served_by) {
        // Locked as a connection locks it: whoever bears the name from now on is not called by another's posts.
        feed::Entity::lock(&tx, &feed.id).await?;
        let serving = install::Entity::serving(&tx, name).await?;
        if serving.is_some_and(|serving| serving.id != install.id) {
            tx.rollback().await?;
            return Err(begin_anew("the name is another account's meanwhile"));
        }
    }
    feed::Entity::keep(&tx, &feed.id, good).await?;
    if let Some(run_id) = feed.unfinished_run() {
        let items = body["data"].as_array().map_or(0, Vec::len);
        let result = json!({"feed": feed.key.as_str(), "items": items, "fetched_at": feed_body::rfc3339(now)});
        job_run::Entity::finish(&tx, run_id, result, ctx.end()).await?;
    }
    tx.commit().await?;
    if feed.demand_s.is_some() {
        ctx.queue.push(&ScanCrossposts { feed_id: Some(feed.id.clone()) }).await?;
    }
    if let Some(install) = served_by {
        truth::doubt_end(ctx, install).await;
    }
    Ok(())
}

/// Writes a refusal into the row; who waits for the first body learns it, and the run that they poll is over.
pub(crate) async fn record(
    tx: &DatabaseTransaction,
    feed: &feed::Model,
    reason: &Reason,
    end: job_run::End,
    again: TimeDelta,
) -> Result<(), JobError> {
    feed::Entity::refuse(tx, &feed.id, reason.word, end.at, end.at + again).await?;
    // Another account does not find a hashtag that Meta does not show.
    if *reason == Reason::HASHTAG_NOT_FOUND {
        feed::Entity::wait_no_more(tx, &feed.id).await?;
    } else if feed.source == Source::Graph && feed.key.tag().is_some() {
        feed::Entity::wait_for(tx, &feed.id, WaitsFor::Account, end.at).await?;
    }
    if let Some(run_id) = feed.unfinished_run() {
        job_run::Entity::fail(tx, run_id, reason.to_json(), end).await?;
        feed::Entity::end_first_run(tx, &feed.id).await?;
    }
    Ok(())
}

/// How long after a failure of a class that somebody has to mend it is looked at again. What may be Meta's own fault is
/// looked at more often: nobody tells when that is over.
fn look_again(class: Class) -> TimeDelta {
    match class {
        Class::PermissionLost | Class::Ambiguous => LOOK_AGAIN / 2,
        _ => LOOK_AGAIN,
    }
}

/// Why a fetch ends without a body.
enum Ending {
    /// A refusal, and how long after it is looked again.
    Refused(Reason, TimeDelta),
    /// A limit, until when it lasts, and what would help before. A limited key is not called: the feed waits in its row,
    /// holds no worker and burns no attempt.
    Limited(DateTime<Utc>, WaitsFor),
    /// An incident that makes it wait: Meta is not called.
    Paused(Pause),
}

/// Writes why a fetch ends without a body.
async fn end(ctx: &Context, tx: &DatabaseTransaction, feed: &feed::Model, ending: &Ending) -> Result<(), JobError> {
    match ending {
        Ending::Refused(reason, again) => record(tx, feed, reason, ctx.end(), *again).await,
        Ending::Limited(until, waits_for) => {
            feed::Entity::refuse(tx, &feed.id, Class::RateLimited.as_str(), ctx.now(), *until).await?;
            Ok(feed::Entity::wait_for(tx, &feed.id, *waits_for, ctx.now()).await?)
        }
        Ending::Paused(pause) => {
            record(tx, feed, &pause.reason, ctx.end(), pause.until - ctx.now()).await?;
            Ok(feed::Entity::wait_for(tx, &feed.id, WaitsFor::Incident, ctx.now()).await?)
        }
    }
}

/// Returns an install that a feed is read with, and what work that is: the account's own, or one that asks for the hashtag.
/// The outlet reads with nobody's.
pub(crate) async fn served_by(ctx: &Context, feed: &feed::Model) -> Result<Option<(install::Model, Kind)>, DbErr> {
    if feed.source == Source::Outlet {
        return Ok(None);
    }
    if let Some(name) = feed.key.account_name() {
        let install = install::Entity::serving(&ctx.db.read, name).await?;
        return Ok(install.map(|install| (install, Kind::Feeds)));
    }
    let install = install::Entity::asking_for(&ctx.db.read, &feed.id).await?;
    Ok(install.map(|install| (install, Kind::Hashtags)))
}

/// The outcome of a fetch that rests on what has changed meanwhile.
pub(crate) fn begin_anew(why: &'static str) -> JobError {
    JobError::retry_after(BEGIN_ANEW, anyhow::anyhow!(why))
}

/// Returns when a wait from `now` ends.
fn after(now: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    now + TimeDelta::from_std(wait).unwrap_or(LOOK_AGAIN)
}

/// The last good body.
fn known_body(feed: &feed::Model) -> Option<Value> {
    feed.body.as_deref().and_then(|body| serde_json::from_str(body).ok())
}

/// Whether there are good items that an empty page must not replace.
fn holds_items(feed: &feed::Model) -> bool {
    known_body(feed).is_some_and(|body| body["data"].as_array().is_some_and(|items| !items.is_empty()))
}

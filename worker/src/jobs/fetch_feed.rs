//! `fetch_feed`: afterwards the feed's row holds its newest items, or why not and when it is tried again.

use std::time::Duration;

use chrono::TimeDelta;
use entities::{feed, install, job_run};
use queue::{Death, Job, JobError};
use sea_orm::{DatabaseTransaction, EntityTrait};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::failure::limited_for;
use crate::graph::{self, Class};
use crate::reason::Reason;
use crate::{Context, feed_body};

/// A feed is its newest items, in one call.
const ITEMS: u32 = 50;
/// How long a body is fresh.
const FRESH_FOR: TimeDelta = TimeDelta::minutes(10);
/// How long after a failure that somebody has to mend it is looked at again, unasked.
const LOOK_AGAIN: TimeDelta = TimeDelta::hours(1);
/// How long after it killed its workers a feed is left alone: long enough for somebody to look, never for ever.
const LEFT_ALONE: TimeDelta = TimeDelta::hours(24);
/// How soon a fetch is begun anew whose row was changed under it.
const BEGIN_ANEW: Duration = Duration::from_secs(1);
/// How long the account's name, picture and counts serve: a picture's address lives for days, not weeks.
const PROFILE_SERVES: TimeDelta = TimeDelta::hours(24);

/// Fetches one feed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FetchFeed {
    /// The row in `feeds`.
    pub feed_id: String,
}

impl Job for FetchFeed {
    type Context = Context;

    const NAME: &'static str = "fetch_feed";
    const ATTEMPTS: u32 = 5;
    /// One call as a rule; a list of short pages takes more, and each call may take 25 s.
    const TIMEOUT: Duration = Duration::from_mins(4);

    fn key(&self) -> Option<String> {
        Some(self.feed_id.clone())
    }

    async fn perform(&self, ctx: &Context) -> Result<(), JobError> {
        let Some(feed) = self.due(ctx).await? else { return Ok(()) };
        let Some((install, token)) = reader(ctx, &feed).await? else {
            return refuse(ctx, &feed, None, &Reason::NOT_CONNECTED, LOOK_AGAIN).await;
        };
        let served_by = Some(&install);
        match read(ctx, &feed, &install, &token).await {
            Ok(body) => store(ctx, &feed, &body).await,
            Err(Unread::Unbelieved) => refuse(ctx, &feed, served_by, &Class::Ambiguous.into(), FRESH_FOR).await,
            Err(Unread::Graph(error)) => match error.class() {
                Class::Transient => Err(error.into()),
                Class::RateLimited => park(ctx, &feed, limited_for(&error)).await,
                class => {
                    tracing::warn!(feed_id = self.feed_id, %error, "feed refused by Meta");
                    refuse(ctx, &feed, served_by, &class.into(), LOOK_AGAIN).await
                }
            },
            Err(Unread::Database(error)) => Err(error.into()),
        }
    }

    async fn on_dead(&self, ctx: &Context, reason: &Death) -> Result<(), JobError> {
        let Some(feed) = feed::Entity::find_by_id(&self.feed_id).one(&ctx.db.read).await? else { return Ok(()) };
        let again = if *reason == Death::WorkerDied { LEFT_ALONE } else { LOOK_AGAIN };
        let tx = ctx.db.begin().await?;
        record(&tx, &feed, &Class::Transient.into(), ctx.end(), again).await?;
        tx.commit().await?;
        Ok(())
    }
}

impl FetchFeed {
    /// The row, if it is still due: a second push finds the work done.
    async fn due(&self, ctx: &Context) -> Result<Option<feed::Model>, JobError> {
        let feed = feed::Entity::find_by_id(&self.feed_id).one(&ctx.db.read).await?;
        Ok(feed.filter(|feed| feed.next_fetch_at.is_some_and(|due| due <= ctx.now())))
    }
}

/// The install that serves the feed, and its Page token.
async fn reader(ctx: &Context, feed: &feed::Model) -> Result<Option<(install::Model, SecretString)>, JobError> {
    let Some(name) = feed.key.account_name() else { return Ok(None) };
    let Some(install) = install::Entity::serving(&ctx.db.read, name).await? else { return Ok(None) };
    let Some(sealed) = &install.page_token else { return Ok(None) };
    let token = ctx.keyring.open(install::page_token_place(&install.id), sealed).map_err(JobError::retry)?;
    Ok(Some((install, token)))
}

/// Why there is no body.
enum Unread {
    /// An empty page where the account has posts: the good body stays, and is called stale.
    Unbelieved,
    Graph(graph::Error),
    Database(sea_orm::DbErr),
}

impl From<graph::Error> for Unread {
    fn from(error: graph::Error) -> Self {
        Self::Graph(error)
    }
}

/// Reads the items; and the account, where it was last read too long ago or has to vouch for an empty page.
async fn read(
    ctx: &Context,
    feed: &feed::Model,
    install: &install::Model,
    token: &SecretString,
) -> Result<Value, Unread> {
    let account_id = &install.instagram_business_account_id;
    let media = ctx.graph.media(token, account_id, ITEMS).await?;
    let aged = install.profile_read_at.is_none_or(|read| read + PROFILE_SERVES <= ctx.now());
    let profile = match &install.profile {
        Some(profile) if !aged && !media.is_empty() => profile.clone(),
        known => match (ctx.graph.ig_user(token, account_id).await, known) {
            (Ok(user), _) => {
                let profile = feed_body::account(&user);
                let kept = install::Entity::keep_profile(&ctx.db.write, &install.id, &profile, ctx.now()).await;
                kept.map_err(Unread::Database)?;
                profile
            }
            // An old name and picture are better than no posts.
            (Err(error), Some(profile)) if !media.is_empty() => {
                tracing::warn!(feed_id = feed.id, %error, "the account could not be read; its profile stays as it was");
                profile.clone()
            }
            (Err(error), _) => return Err(error.into()),
        },
    };
    let believed = !media.is_empty() || profile["media_count"] == json!(0) || feed.body.is_none();
    if believed { Ok(feed_body::body(&profile, &media)) } else { Err(Unread::Unbelieved) }
}

/// Keeps a good body.
async fn store(ctx: &Context, feed: &feed::Model, body: &Value) -> Result<(), JobError> {
    let now = ctx.now();
    let tx = ctx.db.begin().await?;
    feed::Entity::keep(&tx, &feed.id, body.to_string(), now, now + FRESH_FOR).await?;
    if let Some(run_id) = feed.unfinished_run() {
        let items = body["data"].as_array().map_or(0, Vec::len);
        let result = json!({"feed": feed.key.as_str(), "items": items, "fetched_at": feed_body::rfc3339(now)});
        job_run::Entity::finish(&tx, run_id, result, ctx.end()).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Keeps why there is nothing new, and when it is looked at again. Where the account was connected anew while Meta was
/// asked, the failure is the old credential's: then nothing is kept, and the fetch begins anew.
async fn refuse(
    ctx: &Context,
    feed: &feed::Model,
    served_by: Option<&install::Model>,
    reason: &Reason,
    again: TimeDelta,
) -> Result<(), JobError> {
    let tx = ctx.db.begin().await?;
    let name = feed.key.account_name().unwrap_or_default();
    let now_served_by = install::Entity::serving(&tx, name).await?;
    let credential = |install: &install::Model| (install.id.clone(), install.generation);
    if served_by.map(credential) != now_served_by.as_ref().map(credential) {
        tx.rollback().await?;
        let cause = anyhow::anyhow!("the account was connected anew meanwhile");
        return Err(JobError::retry_after(BEGIN_ANEW, cause));
    }
    record(&tx, feed, reason, ctx.end(), again).await?;
    tx.commit().await?;
    Ok(())
}

/// Writes the refusal into the row; who waits for the first body learns it.
async fn record(
    tx: &DatabaseTransaction,
    feed: &feed::Model,
    reason: &Reason,
    end: job_run::End,
    again: TimeDelta,
) -> Result<(), JobError> {
    feed::Entity::refuse(tx, &feed.id, reason.word, end.at, end.at + again).await?;
    if let Some(run_id) = feed.unfinished_run() {
        job_run::Entity::fail(tx, run_id, reason.to_json(), end).await?;
    }
    Ok(())
}

/// A limited key is not called: the feed waits in its row, holds no worker and burns no attempt.
async fn park(ctx: &Context, feed: &feed::Model, wait: Duration) -> Result<(), JobError> {
    let (now, wait) = (ctx.now(), TimeDelta::from_std(wait).unwrap_or(LOOK_AGAIN));
    feed::Entity::refuse(&ctx.db.write, &feed.id, Class::RateLimited.as_str(), now, now + wait).await?;
    Ok(())
}

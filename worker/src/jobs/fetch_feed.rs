//! `fetch_feed`: afterwards the feed's row holds its newest items, or why not and when it is tried again.

use std::time::Duration;

use chrono::TimeDelta;
use entities::feed;
use queue::{Death, Job, JobError};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};

use crate::Context;
use crate::feeds::{self, LOOK_AGAIN, account, hashtag};
use crate::graph::Class;

/// How long after it killed its workers a feed is left alone: long enough for somebody to look, never for ever.
const LEFT_ALONE: TimeDelta = TimeDelta::hours(24);

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
    /// One call as a rule, three for a hashtag; a list of short pages takes more, and each call may take 25 s.
    const TIMEOUT: Duration = Duration::from_mins(4);

    fn key(&self) -> Option<String> {
        Some(self.feed_id.clone())
    }

    async fn perform(&self, ctx: &Context) -> Result<(), JobError> {
        let Some(feed) = self.due(ctx).await? else { return Ok(()) };
        match (feed.key.account_name(), feed.key.tag()) {
            (Some(name), _) => account::fetch(ctx, &feed, name).await,
            (None, Some(tag)) => hashtag::fetch(ctx, &feed, tag).await,
            (None, None) => Err(JobError::dead(anyhow::anyhow!("the feed's key names neither account nor hashtag"))),
        }
    }

    async fn on_dead(&self, ctx: &Context, reason: &Death) -> Result<(), JobError> {
        // What was written stands, though no answer came: then the row is not due any more.
        let Some(feed) = self.due(ctx).await? else { return Ok(()) };
        let again = if *reason == Death::WorkerDied { LEFT_ALONE } else { LOOK_AGAIN };
        let tx = ctx.db.begin().await?;
        feeds::record(&tx, &feed, &Class::Transient.into(), ctx.end(), again).await?;
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

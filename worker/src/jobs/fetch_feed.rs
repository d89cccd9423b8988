//! `fetch_feed`: afterwards the feed's row holds its newest items, or why not and when it is tried again.

use std::time::Duration;

use chrono::TimeDelta;
use entities::feed::{self, Source};
use queue::{Death, Job, JobError};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};

use crate::Context;
use crate::feeds::{self, LOOK_AGAIN, account, begin_anew, hashtag, outlet};
use crate::graph::Class;
use crate::incidents::{self, Failure};
use crate::reason::Reason;

/// How long after it killed its workers a feed is left alone: long enough for somebody to look, never for ever.
const LEFT_ALONE: TimeDelta = TimeDelta::hours(24);

/// How long a feed is left alone whose attempts all met a passing error; twice as long after each such failure, up to
/// [`LOOK_AGAIN`].
const PASSES_IN: TimeDelta = TimeDelta::minutes(10);

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
        match (feed.source, feed.key.account_name(), feed.key.tag()) {
            (Source::Outlet, ..) => outlet::fetch(ctx, &feed).await?,
            (Source::Graph, Some(name), _) => account::fetch(ctx, &feed, name).await?,
            (Source::Graph, None, Some(tag)) => hashtag::fetch(ctx, &feed, tag).await?,
            (Source::Graph, None, None) => {
                return Err(JobError::dead(anyhow::anyhow!("the feed's key names neither account nor hashtag")));
            }
        }
        // Whoever made it due while it was fetched pushed a job that the queue held already: this one.
        match self.due(ctx).await? {
            Some(_) => Err(begin_anew("the feed was made due meanwhile")),
            None => Ok(()),
        }
    }

    async fn on_dead(&self, ctx: &Context, reason: &Death) -> Result<(), JobError> {
        // What was written stands, though no answer came: then the row is not due any more.
        let Some(feed) = self.due(ctx).await? else { return Ok(()) };
        let passes = match feed.source {
            Source::Graph => Class::Transient.into(),
            Source::Outlet => outlet::AWAY,
        };
        let (why, again) = match reason {
            Death::WorkerDied => (Reason::GAVE_UP, LEFT_ALONE),
            Death::Attempts(_) => (passes, passes_in(&feed.id, feed.failures)),
            _ => (passes, LOOK_AGAIN),
        };
        let tx = ctx.db.begin().await?;
        feeds::record(&tx, &feed, &why, ctx.end(), again).await?;
        tx.commit().await?;
        if let Death::Attempts(_) = reason
            && let Some((install, kind)) = feeds::served_by(ctx, &feed).await?
        {
            incidents::failed(ctx, &Failure::bare(&install, kind, Class::Transient)).await?;
        }
        Ok(())
    }
}

impl FetchFeed {
    /// The row, if it is still due: a second push finds the work done.
    async fn due(&self, ctx: &Context) -> Result<Option<feed::Model>, JobError> {
        let feed = feed::Entity::find_by_id(&self.feed_id).one(&ctx.db.read).await?;
        Ok(feed.filter(|feed| feed.is_due(ctx.now())))
    }
}

/// How long a feed is left alone that failed once more: 10, 20, 40, 60 minutes, less up to a fifth by the feed's id, so
/// that those which failed together do not all come back together.
fn passes_in(feed_id: &str, failures: i32) -> TimeDelta {
    let doublings = u32::try_from(failures).unwrap_or_default().min(10);
    let wait = LOOK_AGAIN.min(PASSES_IN * 2_i32.pow(doublings));
    let share = feed_id.bytes().fold(0_i32, |sum, byte| (sum * 31 + i32::from(byte)) % 1_000);
    wait - wait * share / 5_000
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use entities::new_id;

    use super::passes_in;

    #[test]
    fn a_wait_grows_to_an_hour_and_is_spread_over_a_fifth() {
        for (failures, most) in [(0, 10), (1, 20), (2, 40), (3, 60), (4, 60), (i32::MAX, 60), (-1, 10)] {
            let most = TimeDelta::minutes(most);
            let mut waits: Vec<_> = (0..100).map(|_| passes_in(&new_id(), failures)).collect();
            waits.sort_unstable();
            assert!(waits[99] <= most && waits[0] > most * 4 / 5, "{failures}: {waits:?}");
            assert!(waits[99] - waits[0] > most / 10, "{failures} failures: they do not come back together");
        }
    }

    #[test]
    fn a_feed_s_wait_is_its_own() {
        let id = new_id();
        assert_eq!(passes_in(&id, 1), passes_in(&id, 1));
    }
}

//! `sweep`: afterwards no run is older than a week, no choice that nobody made keeps its sealed token, and no used token
//! is remembered that has ended anyway, nor a link, a wish or a refusal that decides nothing any more.

use chrono::TimeDelta;
use entities::{connect_link, feed_app, hashtag_refusal, job_run, used_token};
use queue::{Job, JobError};
use serde::{Deserialize, Serialize};

use crate::Context;
use crate::feeds::SLEEPS_AFTER;

/// How long a finished run can be looked at.
const KEPT: TimeDelta = TimeDelta::days(7);
/// How long a used token is remembered beyond its end: a process whose clock is behind may still believe it.
const DOUBT: TimeDelta = TimeDelta::minutes(10);

/// Deletes what is over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sweep {}

impl Job for Sweep {
    type Context = Context;

    const NAME: &'static str = "sweep";
    const ATTEMPTS: u32 = 3;

    fn key(&self) -> Option<String> {
        Some(String::new())
    }

    async fn perform(&self, ctx: &Context) -> Result<(), JobError> {
        let now = ctx.now();
        let (deleted, wiped) = job_run::Entity::sweep(&ctx.db.write, now - KEPT, now).await?;
        let forgotten = used_token::Entity::sweep(&ctx.db.write, ctx.wall_now() - DOUBT).await?;
        let wishes = feed_app::Entity::sweep(&ctx.db.write, now - SLEEPS_AFTER).await?;
        let refusals = hashtag_refusal::Entity::sweep(&ctx.db.write, now - SLEEPS_AFTER, now).await?;
        let links = connect_link::Entity::sweep(&ctx.db.write, now - KEPT).await?;
        if deleted + wiped + forgotten + wishes + refusals + links > 0 {
            tracing::info!(deleted, wiped, forgotten, wishes, refusals, links, "swept what is over");
        }
        Ok(())
    }
}

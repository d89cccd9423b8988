//! `sweep`: afterwards no run is older than a week, no choice that nobody made keeps its sealed token, and no used token
//! is remembered that has ended anyway, nor a link, a wish or a refusal that decides nothing any more, nor an incident of
//! a quarter of a year ago, nor a mail of a year ago or one that nobody is to get any more.

use chrono::TimeDelta;
use entities::{
    connect_link, email_delivery, feed_app, hashtag_refusal, incident, incident_install, job_run, used_token,
};
use queue::{Job, JobError};
use serde::{Deserialize, Serialize};

use crate::Context;
use crate::feeds::SLEEPS_AFTER;

/// How long a finished run can be looked at.
const KEPT: TimeDelta = TimeDelta::days(7);
/// How long an incident that is over can be looked at.
const LEARNT_FROM: TimeDelta = TimeDelta::days(90);
/// How long a mail to an owner can be looked at behind its end: about four ends of one connection.
const TOLD_LATELY: TimeDelta = TimeDelta::days(365);
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
        let mails = email_delivery::Entity::sweep(&ctx.db.write, now - TOLD_LATELY).await?;
        let incidents = incident::Entity::sweep(&ctx.db.write, now - LEARNT_FROM).await?;
        if incidents > 0 {
            incident_install::Entity::sweep(&ctx.db.write).await?;
        }
        if deleted + wiped + forgotten + wishes + refusals + links + mails + incidents > 0 {
            tracing::info!(deleted, wiped, forgotten, wishes, refusals, links, mails, incidents, "swept what is over");
        }
        Ok(())
    }
}

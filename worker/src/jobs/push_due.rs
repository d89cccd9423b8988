//! `push_due`: afterwards everything that is due by the rows is in the queue, whatever the queue had lost.
//!
//! It takes no input and looks at the state, so a lost tick heals at the next one. It pushes every due row by
//! its job's key, page by page; what the queue holds already, it drops. Feeds that nobody wants any more fall asleep
//! first, so that what is looked at each minute is what is due.
//!
//! A tick that comes while it works finds its key taken, and is dropped; what fell due by then may be behind it already, so it
//! looks once more before it ends.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use entities::{app, deletion, diagnosis, feed, job_run};
use queue::{Job, JobError};
use serde::{Deserialize, Serialize};

use crate::Context;
use crate::feeds::SLEEPS_AFTER;
use crate::jobs::{DiagnoseInstall, ExchangeToken, ExchangeXCode, FetchFeed, ForgetInstalls, MigrateApp, RevokeXToken};

/// Rows a page.
const PAGE: u64 = 500;

/// Pushes what the rows say is due.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PushDue {}

impl Job for PushDue {
    type Context = Context;

    const NAME: &'static str = "push_due";
    const ATTEMPTS: u32 = 3;

    fn key(&self) -> Option<String> {
        Some(String::new())
    }

    async fn perform(&self, ctx: &Context) -> Result<(), JobError> {
        loop {
            let began = ctx.now();
            push_all(ctx).await?;
            if minute(began) == minute(ctx.now()) {
                return Ok(());
            }
        }
    }
}

/// The minute at whose beginning the last tick before a time came.
fn minute(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    at.duration_trunc(TimeDelta::minutes(1)).ok()
}

async fn push_all(ctx: &Context) -> Result<(), JobError> {
    let exchanges = push_runs(ctx, |run_id| ExchangeToken { run_id }).await?
        + push_runs(ctx, |run_id| ExchangeXCode { run_id }).await?;
    let revocations = push_runs(ctx, |run_id| RevokeXToken { run_id }).await?;
    let feeds = push_feeds(ctx).await?;
    let diagnoses = push_diagnoses(ctx).await?;
    let deletions = push_deletions(ctx).await?;
    let migrations = push_migrations(ctx).await?;
    if exchanges + feeds + diagnoses + deletions + migrations + revocations > 0 {
        tracing::info!(exchanges, feeds, diagnoses, deletions, migrations, revocations, "pushed what was due");
    }
    Ok(())
}

/// Pushes the jobs of one kind whose runs are pending.
async fn push_runs<J: Job>(ctx: &Context, job: impl Fn(String) -> J) -> Result<usize, JobError> {
    let (mut after, mut pushed) = (String::new(), 0);
    loop {
        let page = job_run::Entity::pending_of(&ctx.db.read, J::NAME, &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(pushed) };
        after.clone_from(last);
        let jobs: Vec<_> = page.into_iter().map(&job).collect();
        pushed += push(ctx, &jobs).await?;
    }
}

async fn push_feeds(ctx: &Context) -> Result<usize, JobError> {
    let now = ctx.now();
    let asked_since = now - SLEEPS_AFTER;
    while feed::Entity::fall_asleep(&ctx.db.write, now, asked_since, PAGE).await? > 0 {}
    let (mut after, mut pushed) = (None, 0);
    loop {
        let page = feed::Entity::due(&ctx.db.read, now, asked_since, after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(pushed) };
        after = Some(last.clone());
        let jobs: Vec<_> = page.into_iter().map(|(_, feed_id)| FetchFeed { feed_id }).collect();
        pushed += push(ctx, &jobs).await?;
    }
}

async fn push_diagnoses(ctx: &Context) -> Result<usize, JobError> {
    let (mut after, mut pushed) = (None, 0);
    loop {
        let page = diagnosis::Entity::due(&ctx.db.read, ctx.now(), after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(pushed) };
        after = Some(last.clone());
        let jobs: Vec<_> = page.into_iter().map(|(_, install_id)| DiagnoseInstall { install_id }).collect();
        pushed += push(ctx, &jobs).await?;
    }
}

async fn push_deletions(ctx: &Context) -> Result<usize, JobError> {
    let (mut after, mut pushed) = (String::new(), 0);
    loop {
        let page = deletion::Entity::due(&ctx.db.read, ctx.now(), &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(pushed) };
        after.clone_from(last);
        let jobs: Vec<_> = page.into_iter().map(|code| ForgetInstalls { code }).collect();
        pushed += push(ctx, &jobs).await?;
    }
}

async fn push_migrations(ctx: &Context) -> Result<usize, JobError> {
    let (mut after, mut pushed) = (String::new(), 0);
    loop {
        let page = app::Entity::migrations_due(&ctx.db.read, ctx.now(), &after, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(pushed) };
        after.clone_from(last);
        let jobs: Vec<_> = page.into_iter().map(|(app_id, due_at)| MigrateApp { app_id, due_at }).collect();
        pushed += push(ctx, &jobs).await?;
    }
}

async fn push<J: Job>(ctx: &Context, jobs: &[J]) -> Result<usize, JobError> {
    let pushed = ctx.queue.push_all(jobs).await?;
    Ok(pushed.iter().filter(|pushed| !pushed.duplicate).count())
}

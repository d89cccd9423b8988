//! `forget_installs`: afterwards nothing is left of what somebody wanted forgotten but a tombstone, which says when it was
//! done and proves it to whoever knows the ids.
//!
//! Tokens go first, so that nobody is called with them from then on; then feeds, what was read of the account, jobs and
//! ledgers, all in one commit for each install. What was connected between the wish and its fulfilment goes too: too much
//! that is forgotten is mended by a click, and too little by nothing.

use chrono::TimeDelta;
use entities::app::{self, Concerned};
use entities::{deletion, install, shown_id};
use queue::store::DeadFilter;
use queue::{Death, Job, JobError};
use sea_orm::{DatabaseTransaction, EntityTrait};
use serde::{Deserialize, Serialize};

use crate::Context;
use crate::forgetting::tombstone;

/// When a wish is tried again that could not be fulfilled: it is never given up.
const AGAIN: TimeDelta = TimeDelta::hours(1);
/// More dead jobs are not kept.
const MOST_DEAD: usize = 10_000;

/// Forgets the installs that a wish is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ForgetInstalls {
    /// The wish's row in `deletions`.
    pub code: String,
}

impl Job for ForgetInstalls {
    type Context = Context;

    const NAME: &'static str = "forget_installs";

    fn key(&self) -> Option<String> {
        Some(self.code.clone())
    }

    async fn perform(&self, ctx: &Context) -> Result<(), JobError> {
        let Some(wish) = deletion::Entity::find_by_id(&self.code).one(&ctx.db.read).await? else { return Ok(()) };
        if wish.due_at.is_none() {
            return Ok(());
        }
        let again = || JobError::retry(anyhow::anyhow!("it was asked for again meanwhile"));
        if let Some(subject) = &wish.subject {
            self.forget_all(ctx, &wish, subject).await?;
            // Before the log of writes is cut off: the wish itself names whom it is about.
            if !deletion::Entity::forget_subject(&ctx.db.write, &self.code, wish.requested_at).await? {
                return Err(again());
            }
        }
        ctx.db.let_go_of_deleted().await?;
        if !deletion::Entity::finish(&ctx.db.write, &self.code, wish.requested_at, ctx.now()).await? {
            return Err(again());
        }
        tracing::info!(code = shown_id(&self.code), "what was to be forgotten is");
        Ok(())
    }

    async fn on_dead(&self, ctx: &Context, reason: &Death) -> Result<(), JobError> {
        tracing::error!(code = shown_id(&self.code), %reason, "something was to be forgotten, and is not yet");
        deletion::Entity::postpone(&ctx.db.write, &self.code, ctx.now() + AGAIN).await?;
        Ok(())
    }
}

/// Takes an install's tokens out, if it is still the subject's; `None`: it is somebody else's by now.
async fn wipe(ctx: &Context, wish: &deletion::Model, id: &str) -> Result<Option<install::Model>, JobError> {
    let tx = ctx.db.begin().await?;
    let install = still_meant(&tx, wish, id).await?;
    if let Some(install) = &install {
        install::Entity::wipe_tokens(&tx, &install.id, ctx.now()).await?;
    }
    tx.commit().await?;
    Ok(install)
}

/// Locks an install, and looks whether it is what the wish is about: another person may have connected it meanwhile, or an
/// app may use it again.
async fn still_meant(
    tx: &DatabaseTransaction,
    wish: &deletion::Model,
    id: &str,
) -> Result<Option<install::Model>, JobError> {
    let Some(subject) = &wish.subject else { return Ok(None) };
    let Some(install) = install::Entity::lock(tx, id).await? else { return Ok(None) };
    let is_used = wish.kind == deletion::Kind::Install && install::Entity::is_used(tx, id).await?;
    Ok((install.is_of(wish.kind, subject) && !is_used).then_some(install))
}

impl ForgetInstalls {
    async fn forget_all(&self, ctx: &Context, wish: &deletion::Model, subject: &str) -> Result<(), JobError> {
        let ids = install::Entity::ids_of(&ctx.db.read, wish.kind, subject).await?;
        // All tokens before anything else.
        let mut installs = Vec::new();
        for id in ids {
            installs.extend(wipe(ctx, wish, &id).await?);
        }
        for install in &installs {
            // Before the rows: who comes back after a crash finds by them which jobs there may be.
            forget_dead_jobs(ctx, wish, install).await?;
            self.forget(ctx, wish, &install.id).await?;
        }
        Ok(())
    }

    async fn forget(&self, ctx: &Context, wish: &deletion::Model, id: &str) -> Result<(), JobError> {
        let tx = ctx.db.begin().await?;
        let Some(install) = still_meant(&tx, wish, id).await? else { return Ok(tx.rollback().await?) };
        if install.page_token.is_some() {
            // It was connected anew between the two: whoever did that wants it.
            return Ok(tx.rollback().await?);
        }
        for app_id in app::Entity::using(&tx, &install.id).await? {
            app::Entity::owe_migration(&tx, &app_id, Concerned::Made, ctx.now()).await?;
        }
        let traces = install::Entity::traces(&tx, &install, wish.kind).await?;
        install::Entity::forget(&tx, &install, &traces).await?;
        let feeds = traces.feeds.len() as u64;
        deletion::Entity::note(&tx, &self.code, tombstone(ctx, &install), feeds).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Dead jobs keep what they were about and why they died.
async fn forget_dead_jobs(ctx: &Context, wish: &deletion::Model, install: &install::Model) -> Result<(), JobError> {
    let traces = install::Entity::traces(&ctx.db.read, install, wish.kind).await?;
    let dead = ctx.queue.dead(&DeadFilter::default(), MOST_DEAD).await?;
    let is_about = |payload: &str| {
        let ids = traces.feeds.iter().chain(&traces.runs).map(String::as_str);
        ids.chain([install.id.as_str()]).any(|id| payload.contains(id))
    };
    let ids: Vec<_> = dead.into_iter().filter(|job| is_about(&job.payload)).map(|job| job.id).collect();
    ctx.queue.delete_dead(&ids).await?;
    Ok(())
}

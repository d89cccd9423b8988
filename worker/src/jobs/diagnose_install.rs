//! `diagnose_install`: afterwards it is known what is wrong with an install, as far as that can be found out, and a token
//! that is dead beyond doubt is called dead.
//!
//! While an incident of everybody's is open, a few installs speak for all: the others' doubts wait until it is over.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entities::incident::Kind;
use entities::install::KnownEnd;
use entities::{FeedKey, diagnosis, feed, incident, install};
use queue::{Death, Job, JobError};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use crate::Context;
use crate::diagnosis::{Evidence, Word, gather, verdict};
use crate::jobs::{FetchFeed, SendExpiryEmail};

/// So many installs speak for all that an incident has met.
const SPEAK_FOR_ALL: u64 = 3;
/// When an install is looked into again whose token is not dead beyond doubt yet.
const ASKED_AGAIN: TimeDelta = TimeDelta::minutes(5);
/// When it is that has met a limit: what looked like something else may be something else.
const LIMIT_IS_OVER: TimeDelta = TimeDelta::hours(1);
/// When it is whose diagnosis broke off.
const BROKE_OFF: TimeDelta = TimeDelta::hours(1);

/// Finds out what is wrong with one install.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DiagnoseInstall {
    /// The install, whose row in `diagnoses` says what the doubt is.
    pub install_id: String,
}

impl Job for DiagnoseInstall {
    type Context = Context;

    const NAME: &'static str = "diagnose_install";
    const ATTEMPTS: u32 = 4;
    /// Five calls as a rule; a person with very many Pages takes more, and each call may take 25 s.
    const TIMEOUT: Duration = Duration::from_mins(4);

    fn key(&self) -> Option<String> {
        Some(self.install_id.clone())
    }

    async fn perform(&self, ctx: &Context) -> Result<(), JobError> {
        let Some(row) = self.due(ctx).await? else { return Ok(()) };
        let install = install::Entity::find_by_id(&self.install_id).one(&ctx.db.read).await?;
        let doubted = |install: &install::Model| install.generation == row.generation && install.is_active();
        let Some(install) = install.filter(doubted) else { return self.postpone(ctx, None).await };
        if !row.by_itself && others_speak_for_it(ctx, &row).await? {
            return self.postpone(ctx, None).await;
        }
        let Some(evidence) = gather(ctx, &row, &install).await? else {
            return self.postpone(ctx, None).await;
        };
        let woken = self.settle(ctx, &install, &evidence).await?;
        let jobs: Vec<_> = woken.into_iter().map(|feed_id| FetchFeed { feed_id }).collect();
        if let Err(error) = ctx.queue.push_all(&jobs).await {
            tracing::warn!(%error, "a feed is due but not pushed; the next scan pushes it");
        }
        Ok(())
    }

    async fn on_dead(&self, ctx: &Context, _: &Death) -> Result<(), JobError> {
        if self.due(ctx).await?.is_some() { self.postpone(ctx, Some(BROKE_OFF)).await } else { Ok(()) }
    }
}

impl DiagnoseInstall {
    /// The row, if it is still due: a second push finds the work done.
    async fn due(&self, ctx: &Context) -> Result<Option<diagnosis::Model>, JobError> {
        let row = diagnosis::Entity::find_by_id(&self.install_id).one(&ctx.db.read).await?;
        Ok(row.filter(|row| row.diagnose_at.is_some_and(|due| due <= ctx.now())))
    }

    async fn postpone(&self, ctx: &Context, wait: Option<TimeDelta>) -> Result<(), JobError> {
        let at = wait.map(|wait| ctx.now() + wait);
        Ok(diagnosis::Entity::postpone(&ctx.db.write, &self.install_id, at, ctx.now()).await?)
    }

    /// Keeps the verdict, calls a dead token dead, and makes the feed due of an account that answers again. Returns the
    /// feeds that are due.
    async fn settle(
        &self,
        ctx: &Context,
        install: &install::Model,
        evidence: &Evidence,
    ) -> Result<Vec<String>, JobError> {
        let (verdict, now) = (verdict(evidence), ctx.now());
        let is_dead = evidence.is_death_confirmed();
        let killed = evidence.killed();
        let is_open = matches!(verdict.word, Word::TokenDead | Word::RoleLost) && !is_dead && killed.is_none();
        let findings = diagnosis::Findings {
            verdict: serde_json::to_value(&verdict).map_err(JobError::dead)?,
            evidence: serde_json::to_value(evidence).map_err(JobError::dead)?,
            again_at: match verdict.word {
                _ if is_open => Some(now + ASKED_AGAIN),
                Word::LimitInDisguise => Some(now + LIMIT_IS_OVER),
                _ => None,
            },
        };
        tracing::info!(install_id = install.id, word = ?verdict.word, is_dead, "install diagnosed");
        let tx = ctx.db.begin().await?;
        // A reconnect locks the row too: what it left stands.
        let account_id = &install.instagram_business_account_id;
        let current = install::Entity::lock_business_account(&tx, account_id).await?;
        let Some(current) = current.filter(|current| current.generation == install.generation) else {
            tx.rollback().await?;
            self.postpone(ctx, None).await?;
            return Ok(Vec::new());
        };
        if is_dead {
            install::Entity::call_dead(&tx, &install.id, now).await?;
        }
        match killed {
            Some(killed) => install::Entity::kill(&tx, &install.id, killed, now).await?,
            None if is_dead => expired(&tx, &current, now).await?,
            None => {}
        }
        diagnosis::Entity::settle(&tx, (&install.id, install.generation), findings, now).await?;
        let changes = is_dead || verdict.word == Word::Healthy;
        let woken = match FeedKey::account(&install.instagram_account) {
            Ok(key) if changes => feed::Entity::wake(&tx, &key, now).await?,
            _ => Vec::new(),
        };
        tx.commit().await?;
        if is_dead || killed.is_some() {
            // If the push fails, the daily scan finds the row.
            let job = SendExpiryEmail { install_id: self.install_id.clone() };
            if let Err(error) = ctx.queue.push(&job).await {
                tracing::warn!(%error, "an owner is to be told but that is not pushed; the next scan pushes it");
            }
        }
        Ok(woken)
    }
}

/// Keeps that a token has come to its end, which is by now if it was to be later.
async fn expired(tx: &DatabaseTransaction, install: &install::Model, now: DateTime<Utc>) -> Result<(), DbErr> {
    let token = Some(install.token_expires_at.map_or(now, |end| end.min(now)));
    let end = KnownEnd { token, data_access: install.data_access_expires_at, is_estimate: false };
    install::Entity::keep_end(tx, (&install.id, install.generation), end, now).await
}

/// Whether an incident of everybody's is open of such failures, of which some installs have been looked into already.
async fn others_speak_for_it(ctx: &Context, row: &diagnosis::Model) -> Result<bool, JobError> {
    let incident = incident::Entity::find()
        .filter(incident::Column::ClosedAt.is_null())
        .filter(incident::Column::Scope.eq(incident::Scope::App))
        .filter(incident::Column::Class.eq(row.class.as_str()))
        .filter(incident::Column::Kind.is_not_in([Kind::XAccess, Kind::XPosts]))
        .one(&ctx.db.read)
        .await?;
    let Some(incident) = incident else { return Ok(false) };
    let judged = diagnosis::Entity::judged_since(&ctx.db.read, &row.class, incident.opened_at).await?;
    Ok(judged >= SPEAK_FOR_ALL)
}

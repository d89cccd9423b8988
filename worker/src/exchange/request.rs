//! How an exchange begins: its row first, the push second.

use chrono::{DateTime, Utc};
use entities::job_run::{self, State};
use entities::seal::Keyring;
use entities::{Db, app};
use queue::{Job, JobError};
use sea_orm::ActiveValue::Set;

use super::input::{AppRef, Credential, Input};
use super::link::Reconnect;
use super::refusal::Refusal;
use crate::jobs::ExchangeToken;

/// What somebody asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// For which app.
    pub app: AppRef,
    /// The Page to take, if the caller knows it.
    pub page_id: Option<String>,
    /// Which account it has to be, where a link renews one.
    pub reconnect: Option<Reconnect>,
    /// A code or a token.
    pub credential: Credential,
}

impl ExchangeToken {
    /// Writes the run, and registers an app that nobody has described yet. `None` if a run of this id exists: it was
    /// asked for before, and a second time is refused.
    pub async fn start(
        db: &Db,
        keyring: &Keyring,
        run_id: String,
        request: Request,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, JobError> {
        let Request { app, page_id, reconnect, credential } = request;
        let subject = reconnect.as_ref().map(|reconnect| reconnect.install_id.clone());
        let input = Input { app: app.clone(), page_id, reconnect, credential };
        let input = input.seal(keyring, &run_id).map_err(JobError::dead)?;
        let run = job_run::ActiveModel {
            input: Set(Some(input.clone())),
            subject: Set(subject),
            ..run_of(&app, run_id.clone(), now)
        };
        let tx = db.begin().await?;
        let is_new = job_run::Entity::insert_new(&tx, run).await?;
        if is_new {
            app::Entity::register(&tx, &app.app_id, &app.user, &app.app_type, now).await?;
        }
        if let Err(error) = tx.commit().await {
            // The connection may have broken behind the deed: what is written is not to be called refused.
            if !job_run::Entity::holds(&db.read, &run_id, &input).await? {
                return Err(error.into());
            }
        }
        Ok(is_new.then_some(Self { run_id }))
    }

    /// Writes a run that has ended before it began: the person said no. `false` if a run of this id exists.
    pub async fn deny(db: &Db, run_id: String, app: &AppRef, now: DateTime<Utc>) -> Result<bool, JobError> {
        let run = job_run::ActiveModel {
            state: Set(State::Failed),
            error: Set(Some(Refusal::Denied.to_json())),
            finished_at: Set(Some(now)),
            ..run_of(app, run_id, now)
        };
        Ok(job_run::Entity::insert_new(&db.write, run).await?)
    }
}

fn run_of(app: &AppRef, run_id: String, now: DateTime<Utc>) -> job_run::ActiveModel {
    job_run::ActiveModel {
        app_id: Set(Some(app.app_id.clone())),
        user: Set(Some(app.user.clone())),
        ..job_run::Entity::pending(run_id, ExchangeToken::NAME, now)
    }
}

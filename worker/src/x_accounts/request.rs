//! How connecting an account on X is asked for: the row first, then the job.

use chrono::{DateTime, Utc};
use entities::job_run::{self, State};
use entities::seal::Keyring;
use entities::{Db, app};
use queue::{Job as _, JobError};
use sea_orm::ActiveValue::Set;
use secrecy::SecretString;

use super::{Credential, Input, Refusal};
use crate::exchange::{AppRef, sealed};
use crate::jobs::ExchangeXCode;

/// What somebody brought from X's dialog.
#[derive(Clone, Debug)]
pub struct Request {
    /// For which app.
    pub app: AppRef,
    /// The dialog's code.
    pub code: SecretString,
    /// The dialog's `redirect_uri`.
    pub redirect_uri: String,
    /// What the dialog's `code_challenge` was made of.
    pub verifier: SecretString,
}

impl ExchangeXCode {
    /// Writes the run, and registers an app that nobody has described yet. `None` if a run of this id exists: it was
    /// asked for before, and a second time is refused.
    pub async fn start(
        db: &Db,
        keyring: &Keyring,
        run_id: String,
        request: Request,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, JobError> {
        let Request { app, code, redirect_uri, verifier } = request;
        let input = Input { app: app.clone(), credential: Credential::Code { code, redirect_uri, verifier } };
        let input = sealed(keyring, &run_id, &input).map_err(JobError::dead)?;
        let run = job_run::ActiveModel { input: Set(Some(input.clone())), ..run_of(&app, run_id.clone(), now) };
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
        ..job_run::Entity::pending(run_id, ExchangeXCode::NAME, now)
    }
}

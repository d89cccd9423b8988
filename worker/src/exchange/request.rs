//! How an exchange begins: its row first, the push second.

use chrono::{DateTime, Utc};
use entities::Db;
use entities::job_run;
use entities::seal::Keyring;
use queue::{Job, JobError};
use sea_orm::ActiveValue::Set;

use super::begin::{begin, deny, run_of};
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
        let run = job_run::ActiveModel { subject: Set(subject), ..run_of(Self::NAME, &app, run_id.clone(), now) };
        let is_new = begin(db, (&run_id, input), run, &app, now).await?;
        Ok(is_new.then_some(Self { run_id }))
    }

    /// Writes a run that has ended before it began: the person said no. `false` if a run of this id exists.
    pub async fn deny(db: &Db, run_id: String, app: &AppRef, now: DateTime<Utc>) -> Result<bool, JobError> {
        deny(db, run_of(Self::NAME, app, run_id, now), Refusal::Denied.to_json(), now).await
    }
}

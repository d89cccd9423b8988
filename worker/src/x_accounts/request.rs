//! How connecting an account on X is asked for: the row first, then the job.

use chrono::{DateTime, Utc};
use entities::Db;
use entities::seal::Keyring;
use queue::{Job as _, JobError};
use secrecy::SecretString;

use super::{Credential, Input, Refusal};
use crate::exchange::{AppRef, begin, deny, run_of, sealed};
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
        let run = run_of(Self::NAME, &app, run_id.clone(), now);
        let is_new = begin(db, (&run_id, input), run, &app, now).await?;
        Ok(is_new.then_some(Self { run_id }))
    }

    /// Writes a run that has ended before it began: the person said no. `false` if a run of this id exists.
    pub async fn deny(db: &Db, run_id: String, app: &AppRef, now: DateTime<Utc>) -> Result<bool, JobError> {
        deny(db, run_of(Self::NAME, app, run_id, now), Refusal::Denied.to_json(), now).await
    }
}

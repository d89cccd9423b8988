//! The answer to `choose_page`: the same run goes back from failed to pending, with the Page.

use chrono::{DateTime, Utc};
use entities::seal::Keyring;
use entities::{Db, job_run};
use queue::{Death, Decision, JobError};
use sea_orm::EntityTrait;

use super::input::Input;
use super::refusal::{PageOption, Refusal};
use crate::jobs::ExchangeToken;

/// Why a choice was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ChoiceError {
    /// There is no such run.
    #[error("there is no such job")]
    Unknown,
    /// It was answered before, or too late, or nothing was asked, or what it is to go on with does not open any more.
    #[error(
        "this choice is over: it was made already, its 15 minutes have passed, or its token is gone; connect again"
    )]
    Expired,
    /// The Page is not among those offered, or cannot be used.
    #[error("choose one of the offered pages that is marked usable")]
    NotOffered,
    /// The database could not be asked, or a key is missing that may be put back.
    #[error(transparent)]
    Failed(#[from] JobError),
}

impl From<sea_orm::DbErr> for ChoiceError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Failed(error.into())
    }
}

impl ExchangeToken {
    /// Answers a run's open choice of a Page.
    pub async fn choose(
        db: &Db,
        keyring: &Keyring,
        run_id: &str,
        page_id: &str,
        now: DateTime<Utc>,
    ) -> Result<Self, ChoiceError> {
        let run = job_run::Entity::find_by_id(run_id).one(&db.read).await?.ok_or(ChoiceError::Unknown)?;
        if run.choice_expires_at.is_none_or(|end| end <= now) {
            return Err(ChoiceError::Expired);
        }
        let offered: Vec<PageOption> = run
            .error
            .as_ref()
            .and_then(|error| error.get("pages").cloned())
            .and_then(|pages| serde_json::from_value(pages).ok())
            .unwrap_or_default();
        if !offered.iter().any(|page| page.id == page_id && page.usable) {
            return Err(ChoiceError::NotOffered);
        }
        let mut input = match Input::open(keyring, &run) {
            Err(error) if error.decision() == Decision::Dead => {
                let told = Refusal::GaveUp(Death::Refused(error.to_string()));
                tracing::error!(run = entities::shown_id(run_id), %error, "a choice cannot be gone on with: connecting anew mends it");
                job_run::Entity::close(&db.write, run_id, told.to_json(), now).await?;
                return Err(ChoiceError::Expired);
            }
            input => input?,
        };
        input.page_id = Some(page_id.to_owned());
        let sealed = input.seal(keyring, run_id).map_err(JobError::dead)?;
        let is_taken = match job_run::Entity::reopen(&db.write, run_id, sealed.clone(), now).await {
            Ok(is_taken) => is_taken,
            // The connection may have broken behind the deed: a choice that was taken is not to be called late when it
            // is sent again.
            Err(error) => job_run::Entity::holds(&db.read, run_id, &sealed).await?.then_some(true).ok_or(error)?,
        };
        if !is_taken {
            return Err(ChoiceError::Expired);
        }
        Ok(Self { run_id: run_id.to_owned() })
    }
}

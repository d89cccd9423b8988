//! Connections that are under way when their app is taken away: they end with it, and do not bring it back.

use chrono::{DateTime, Utc};
use entities::job_run;
use entities::seal::Keyring;
use queue::{Job as _, JobError};
use sea_orm::DatabaseTransaction;

use super::refusal::Refusal;
use crate::jobs::{ExchangeXCode, RevokeXToken};

/// Ends the runs that connect an account to an app. What X gave is to be revoked: the jobs do that. What Meta gave is wiped
/// with the run, and kept by nobody then; revoking it would end whatever else the person has connected.
pub async fn end_with_app(
    tx: &DatabaseTransaction,
    keyring: &Keyring,
    app_id: &str,
    now: DateTime<Utc>,
) -> Result<Vec<RevokeXToken>, JobError> {
    let mut revocations = Vec::new();
    for run in job_run::Entity::lock_pending_of_app(tx, app_id).await? {
        if run.kind == ExchangeXCode::NAME {
            revocations.extend(RevokeXToken::of_run(tx, keyring, &run, now).await?);
        }
        let end = job_run::End { at: now, attempts: run.attempts };
        job_run::Entity::fail(tx, &run.id, Refusal::AppGone.to_json(), end).await?;
    }
    Ok(revocations)
}

//! The row with which a connection begins, whatever side it is to: written before its job is pushed.

use chrono::{DateTime, Utc};
use entities::job_run::{self, ActiveModel, State};
use entities::seal::Sealed;
use entities::{Db, app};
use queue::JobError;
use sea_orm::ActiveValue::Set;
use serde_json::Value;

use super::AppRef;

/// A run of the job `kind` for an app.
pub(crate) fn run_of(kind: &str, app: &AppRef, run_id: String, now: DateTime<Utc>) -> ActiveModel {
    ActiveModel {
        app_id: Set(Some(app.app_id.clone())),
        user: Set(Some(app.user.clone())),
        ..job_run::Entity::pending(run_id, kind, now)
    }
}

/// Writes a run with its input, and registers an app that nobody has described yet. `false` if a run of this id exists.
pub(crate) async fn begin(
    db: &Db,
    (run_id, input): (&str, Sealed),
    run: ActiveModel,
    app: &AppRef,
    now: DateTime<Utc>,
) -> Result<bool, JobError> {
    let run = ActiveModel { input: Set(Some(input.clone())), ..run };
    let tx = db.begin().await?;
    let is_new = job_run::Entity::insert_new(&tx, run).await?;
    if is_new {
        app::Entity::register(&tx, &app.app_id, &app.user, &app.app_type, now).await?;
    }
    if let Err(error) = tx.commit().await {
        // The connection may have broken behind the deed: what is written is not to be called refused.
        if !job_run::Entity::holds(&db.read, run_id, &input).await? {
            return Err(error.into());
        }
    }
    Ok(is_new)
}

/// Writes a run that has ended before it began: the person said no. `false` if a run of this id exists.
pub(crate) async fn deny(db: &Db, run: ActiveModel, refusal: Value, now: DateTime<Utc>) -> Result<bool, JobError> {
    let run = ActiveModel { state: Set(State::Failed), error: Set(Some(refusal)), finished_at: Set(Some(now)), ..run };
    Ok(job_run::Entity::insert_new(&db.write, run).await?)
}

//! How an exchange begins: its row first, the push second.

use chrono::{DateTime, Utc};
use entities::seal::Keyring;
use entities::{Db, job_run};
use queue::{Job, JobError};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;

use super::input::{AppRef, Credential, Input};
use crate::jobs::ExchangeToken;

/// What somebody asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// For which app.
    pub app: AppRef,
    /// The Page to take, if the caller knows it.
    pub page_id: Option<String>,
    /// A code or a token.
    pub credential: Credential,
}

impl ExchangeToken {
    /// Writes the run. `None` if a run of this id exists: it was asked for before, and a second time is refused.
    pub async fn start(
        db: &Db,
        keyring: &Keyring,
        run_id: String,
        request: Request,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, JobError> {
        let Request { app, page_id, credential } = request;
        let (app_id, user) = (app.app_id.clone(), app.user.clone());
        let input = Input { app, page_id, credential };
        let row = job_run::ActiveModel {
            app_id: Set(Some(app_id)),
            user: Set(Some(user)),
            input: Set(Some(input.seal(keyring, &run_id).map_err(JobError::dead)?)),
            ..job_run::Entity::pending(run_id.clone(), Self::NAME, now)
        };
        let inserted = job_run::Entity::insert(row)
            .on_conflict_do_nothing_on([job_run::Column::Id])
            .exec_without_returning(&db.write)
            .await?;
        let is_new = matches!(inserted, sea_orm::TryInsertResult::Inserted(rows) if rows > 0);
        Ok(is_new.then_some(Self { run_id }))
    }
}

//! Finds runs by their app and by what they are about: whoever takes an app away, or is forgotten, reads no others.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_index(
                Index::create()
                    .name("job_runs_app_id_state")
                    .table(JobRuns::Table)
                    .col(JobRuns::AppId)
                    // Asked for together. SQLite, which counts nothing, might go by the state alone.
                    .col(JobRuns::State)
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("job_runs_subject").table(JobRuns::Table).col(JobRuns::Subject).to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["job_runs_subject", "job_runs_app_id_state"] {
            manager.drop_index(Index::drop().name(name).table(JobRuns::Table).to_owned()).await?;
        }
        Ok(())
    }
}

#[derive(DeriveIden)]
enum JobRuns {
    Table,
    AppId,
    Subject,
    State,
}

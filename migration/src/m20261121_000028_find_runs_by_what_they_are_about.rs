//! Finds runs by their app and by what they are about: whoever takes an app away, or is forgotten, reads no others.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, column) in [("job_runs_app_id", JobRuns::AppId), ("job_runs_subject", JobRuns::Subject)] {
            manager.create_index(Index::create().name(name).table(JobRuns::Table).col(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["job_runs_subject", "job_runs_app_id"] {
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
}

//! Makes `job_runs`.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(JobRuns::Table)
                    .col(ColumnDef::new(JobRuns::Id).text().not_null().primary_key())
                    .col(ColumnDef::new(JobRuns::Kind).text().not_null())
                    .col(ColumnDef::new(JobRuns::Subject).text().null())
                    .col(ColumnDef::new(JobRuns::AppId).text().null())
                    .col(ColumnDef::new(JobRuns::User).text().null())
                    .col(ColumnDef::new(JobRuns::Input).text().null())
                    .col(ColumnDef::new(JobRuns::State).text().not_null())
                    .col(ColumnDef::new(JobRuns::Attempts).integer().not_null())
                    .col(ColumnDef::new(JobRuns::Result).json().null())
                    .col(ColumnDef::new(JobRuns::Error).json().null())
                    .col(ColumnDef::new(JobRuns::ChoiceExpiresAt).timestamp_with_time_zone().null())
                    .col(ColumnDef::new(JobRuns::CreatedAt).timestamp_with_time_zone().not_null())
                    .col(ColumnDef::new(JobRuns::UpdatedAt).timestamp_with_time_zone().not_null())
                    .col(ColumnDef::new(JobRuns::FinishedAt).timestamp_with_time_zone().null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("job_runs_state_kind")
                    .table(JobRuns::Table)
                    .col(JobRuns::State)
                    .col(JobRuns::Kind)
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("job_runs_finished_at").table(JobRuns::Table).col(JobRuns::FinishedAt).to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("job_runs_choice_expires_at")
                    .table(JobRuns::Table)
                    .col(JobRuns::ChoiceExpiresAt)
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(JobRuns::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum JobRuns {
    Table,
    Id,
    Kind,
    Subject,
    AppId,
    User,
    Input,
    State,
    Attempts,
    Result,
    Error,
    ChoiceExpiresAt,
    CreatedAt,
    UpdatedAt,
    FinishedAt,
}

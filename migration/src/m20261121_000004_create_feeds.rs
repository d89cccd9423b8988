//! Makes `feeds`.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Feeds::Table)
                    .col(ColumnDef::new(Feeds::Id).text().not_null().primary_key())
                    .col(ColumnDef::new(Feeds::Source).text().not_null())
                    .col(ColumnDef::new(Feeds::Key).text().not_null())
                    .col(ColumnDef::new(Feeds::Body).text().null())
                    .col(ColumnDef::new(Feeds::FirstRunId).text().null())
                    .col(ColumnDef::new(Feeds::FetchedAt).timestamp_with_time_zone().null())
                    .col(ColumnDef::new(Feeds::NextFetchAt).timestamp_with_time_zone().null())
                    .col(ColumnDef::new(Feeds::LastRequestedAt).timestamp_with_time_zone().not_null())
                    .col(ColumnDef::new(Feeds::Failure).text().null())
                    .col(ColumnDef::new(Feeds::Failures).integer().not_null())
                    .col(ColumnDef::new(Feeds::CreatedAt).timestamp_with_time_zone().not_null())
                    .col(ColumnDef::new(Feeds::UpdatedAt).timestamp_with_time_zone().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("feeds_source_key")
                    .table(Feeds::Table)
                    .col(Feeds::Source)
                    .col(Feeds::Key)
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("feeds_next_fetch_at").table(Feeds::Table).col(Feeds::NextFetchAt).to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Feeds::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum Feeds {
    Table,
    Id,
    Source,
    Key,
    Body,
    FirstRunId,
    FetchedAt,
    NextFetchAt,
    LastRequestedAt,
    Failure,
    Failures,
    CreatedAt,
    UpdatedAt,
}

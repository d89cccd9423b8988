//! Makes `crossposts`, which Instagram accounts are posted to which X accounts, and `crosspost_deliveries`: the ledger of
//! what became of each media.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What is still to be done, in the order in which it is done: those that ended are in none of it.
const OPEN: &str = "CREATE INDEX crosspost_deliveries_open ON crosspost_deliveries \
     (crosspost_id, media_at, media_id) WHERE ended_at IS NULL";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Crossposts::Table)
                    .col(ColumnDef::new(Crossposts::Id).text().not_null().primary_key())
                    .col(ColumnDef::new(Crossposts::InstallId).text().not_null())
                    .col(ColumnDef::new(Crossposts::XAccountId).text().not_null())
                    .col(ColumnDef::new(Crossposts::Template).text().not_null())
                    .col(ColumnDef::new(Crossposts::Link).boolean().not_null())
                    .col(ColumnDef::new(Crossposts::AltText).boolean().not_null())
                    .col(ColumnDef::new(Crossposts::DailyCap).integer().not_null())
                    .col(ColumnDef::new(Crossposts::Paused).boolean().not_null())
                    .col(ColumnDef::new(Crossposts::CreatedAt).timestamp_with_time_zone().not_null())
                    .col(ColumnDef::new(Crossposts::UpdatedAt).timestamp_with_time_zone().not_null())
                    .to_owned(),
            )
            .await?;
        for (name, columns, unique) in [
            ("crossposts_one_of_each", [Some(Crossposts::InstallId), Some(Crossposts::XAccountId)], true),
            ("crossposts_x_account_id", [Some(Crossposts::XAccountId), None], false),
        ] {
            let mut index = Index::create().name(name).table(Crossposts::Table).to_owned();
            for column in columns.into_iter().flatten() {
                index.col(column);
            }
            manager.create_index(if unique { index.unique().to_owned() } else { index }).await?;
        }
        create_ledger(manager).await?;
        manager.get_connection().execute_unprepared(OPEN).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(CrosspostDeliveries::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Crossposts::Table).to_owned()).await
    }
}

async fn create_ledger(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(CrosspostDeliveries::Table)
                .col(ColumnDef::new(CrosspostDeliveries::Id).text().not_null().primary_key())
                .col(ColumnDef::new(CrosspostDeliveries::CrosspostId).text().not_null())
                .col(ColumnDef::new(CrosspostDeliveries::MediaId).text().not_null())
                .col(ColumnDef::new(CrosspostDeliveries::MediaAt).timestamp_with_time_zone().not_null())
                .col(ColumnDef::new(CrosspostDeliveries::Item).text().null())
                .col(ColumnDef::new(CrosspostDeliveries::State).text().not_null())
                .col(ColumnDef::new(CrosspostDeliveries::Reason).text().null())
                .col(ColumnDef::new(CrosspostDeliveries::Text).text().null())
                .col(ColumnDef::new(CrosspostDeliveries::MediaIds).json().null())
                .col(ColumnDef::new(CrosspostDeliveries::XPostId).text().null())
                .col(ColumnDef::new(CrosspostDeliveries::Attempts).integer().not_null())
                .col(ColumnDef::new(CrosspostDeliveries::Failures).integer().not_null())
                .col(ColumnDef::new(CrosspostDeliveries::Failure).text().null())
                .col(ColumnDef::new(CrosspostDeliveries::NextTryAt).timestamp_with_time_zone().null())
                .col(ColumnDef::new(CrosspostDeliveries::PlannedAt).timestamp_with_time_zone().not_null())
                .col(ColumnDef::new(CrosspostDeliveries::UploadedAt).timestamp_with_time_zone().null())
                .col(ColumnDef::new(CrosspostDeliveries::PostingAt).timestamp_with_time_zone().null())
                .col(ColumnDef::new(CrosspostDeliveries::EndedAt).timestamp_with_time_zone().null())
                .to_owned(),
        )
        .await?;
    for (name, column, unique) in [
        ("crosspost_deliveries_one_of_each", CrosspostDeliveries::MediaId, true),
        ("crosspost_deliveries_posting_at", CrosspostDeliveries::PostingAt, false),
    ] {
        let mut index = Index::create().name(name).table(CrosspostDeliveries::Table).to_owned();
        index.col(CrosspostDeliveries::CrosspostId).col(column);
        manager.create_index(if unique { index.unique().to_owned() } else { index }).await?;
    }
    Ok(())
}

#[derive(DeriveIden)]
enum Crossposts {
    Table,
    Id,
    InstallId,
    XAccountId,
    Template,
    Link,
    AltText,
    DailyCap,
    Paused,
    CreatedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum CrosspostDeliveries {
    Table,
    Id,
    CrosspostId,
    MediaId,
    MediaAt,
    Item,
    State,
    Reason,
    Text,
    MediaIds,
    XPostId,
    Attempts,
    Failures,
    Failure,
    NextTryAt,
    PlannedAt,
    UploadedAt,
    PostingAt,
    EndedAt,
}

//! Makes `alert_channels`: whether the ways to the operator work.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(AlertChannels::Table)
                    .col(ColumnDef::new(AlertChannels::Channel).text().not_null().primary_key())
                    .col(ColumnDef::new(AlertChannels::LeadsTo).text().null())
                    .col(ColumnDef::new(AlertChannels::FailingSince).timestamp_with_time_zone().null())
                    .col(ColumnDef::new(AlertChannels::Failure).text().null())
                    .col(ColumnDef::new(AlertChannels::SentAt).timestamp_with_time_zone().null())
                    .col(ColumnDef::new(AlertChannels::DigestAt).timestamp_with_time_zone().null())
                    .col(ColumnDef::new(AlertChannels::NotBefore).timestamp_with_time_zone().null())
                    .col(ColumnDef::new(AlertChannels::ClaimedUntil).timestamp_with_time_zone().null())
                    .col(ColumnDef::new(AlertChannels::UpdatedAt).timestamp_with_time_zone().not_null())
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(AlertChannels::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum AlertChannels {
    Table,
    Channel,
    LeadsTo,
    FailingSince,
    Failure,
    SentAt,
    DigestAt,
    NotBefore,
    ClaimedUntil,
    UpdatedAt,
}

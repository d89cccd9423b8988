//! Makes `throttles`.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Throttles::Table)
                    .col(ColumnDef::new(Throttles::Key).text().not_null().primary_key())
                    .col(ColumnDef::new(Throttles::Percent).double().null())
                    .col(ColumnDef::new(Throttles::Spent).json().null())
                    .col(ColumnDef::new(Throttles::Cost).double().null())
                    .col(ColumnDef::new(Throttles::MeasuredAt).timestamp_with_time_zone().null())
                    .col(ColumnDef::new(Throttles::ClosedUntil).timestamp_with_time_zone().null())
                    .col(ColumnDef::new(Throttles::Reason).text().null())
                    .col(ColumnDef::new(Throttles::UpdatedAt).timestamp_with_time_zone().not_null())
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Throttles::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum Throttles {
    Table,
    Key,
    Percent,
    Spent,
    Cost,
    MeasuredAt,
    ClosedUntil,
    Reason,
    UpdatedAt,
}

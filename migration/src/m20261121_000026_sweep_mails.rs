//! Adds to `email_deliveries` how often each mail was refused, and the order in which its rows end.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const ENDED_AT: &str = "email_deliveries_ended_at";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let refusals = ColumnDef::new(EmailDeliveries::Refusals).integer().not_null().default(0).to_owned();
        manager.alter_table(Table::alter().table(EmailDeliveries::Table).add_column(refusals).to_owned()).await?;
        let db = manager.get_connection();
        db.execute_unprepared("UPDATE email_deliveries SET refusals = 1 WHERE state = 'refused'").await?;
        let index =
            Index::create().name(ENDED_AT).table(EmailDeliveries::Table).col(EmailDeliveries::EndedAt).to_owned();
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(ENDED_AT).table(EmailDeliveries::Table).to_owned()).await?;
        let dropped = Table::alter().table(EmailDeliveries::Table).drop_column(EmailDeliveries::Refusals).to_owned();
        manager.alter_table(dropped).await
    }
}

#[derive(DeriveIden)]
enum EmailDeliveries {
    Table,
    EndedAt,
    Refusals,
}

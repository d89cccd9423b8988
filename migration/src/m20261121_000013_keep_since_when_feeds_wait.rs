//! Keeps since when a feed waits for an account: of several that wait for room, the first comes first.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new(Feeds::WaitsSince).timestamp_with_time_zone().to_owned();
        manager.alter_table(Table::alter().table(Feeds::Table).add_column(column).to_owned()).await?;
        let now_waiting = "UPDATE feeds SET waits_since = updated_at WHERE waits_for IS NOT NULL";
        manager.get_connection().execute_unprepared(now_waiting).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(Feeds::Table).drop_column(Feeds::WaitsSince).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum Feeds {
    Table,
    WaitsSince,
}

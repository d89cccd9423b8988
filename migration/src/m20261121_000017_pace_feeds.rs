//! Adds what the pace of a feed follows: when its items last changed, when the first of its media addresses ends, and the
//! shortest demand on it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for column in [Feeds::ChangedAt, Feeds::MediaEndsAt] {
            let column = ColumnDef::new(column).timestamp_with_time_zone().null().to_owned();
            manager.alter_table(Table::alter().table(Feeds::Table).add_column(column).to_owned()).await?;
        }
        let column = ColumnDef::new(Feeds::DemandS).integer().null().to_owned();
        manager.alter_table(Table::alter().table(Feeds::Table).add_column(column).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [Feeds::DemandS, Feeds::MediaEndsAt, Feeds::ChangedAt] {
            manager.alter_table(Table::alter().table(Feeds::Table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

#[derive(DeriveIden)]
enum Feeds {
    Table,
    ChangedAt,
    MediaEndsAt,
    DemandS,
}

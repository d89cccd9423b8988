//! Adds what the pace of a feed follows: when its items last changed, when the first of its media addresses ends, and the
//! shortest demand on it. Orders feeds by when they were fetched: while Meta fails, it is asked how many still succeed.

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
        manager.alter_table(Table::alter().table(Feeds::Table).add_column(column).to_owned()).await?;
        manager
            .create_index(Index::create().name("feeds_fetched_at").table(Feeds::Table).col(Feeds::FetchedAt).to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("feeds_fetched_at").table(Feeds::Table).to_owned()).await?;
        for column in [Feeds::DemandS, Feeds::MediaEndsAt, Feeds::ChangedAt] {
            manager.alter_table(Table::alter().table(Feeds::Table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

#[derive(DeriveIden)]
enum Feeds {
    Table,
    FetchedAt,
    ChangedAt,
    MediaEndsAt,
    DemandS,
}

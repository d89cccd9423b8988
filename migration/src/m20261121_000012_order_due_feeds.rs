//! Keeps due feeds in the order in which they are listed, so that a page of them is read from the index.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_index(
                Index::create()
                    .name("feeds_next_fetch_at_id")
                    .table(Feeds::Table)
                    .col(Feeds::NextFetchAt)
                    .col(Feeds::Id)
                    .to_owned(),
            )
            .await?;
        manager.drop_index(Index::drop().name("feeds_next_fetch_at").table(Feeds::Table).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_index(
                Index::create().name("feeds_next_fetch_at").table(Feeds::Table).col(Feeds::NextFetchAt).to_owned(),
            )
            .await?;
        manager.drop_index(Index::drop().name("feeds_next_fetch_at_id").table(Feeds::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum Feeds {
    Table,
    Id,
    NextFetchAt,
}

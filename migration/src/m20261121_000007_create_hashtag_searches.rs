//! Makes `hashtag_searches`: the ledger of hashtags per account. No foreign key: it outlives a disconnect.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(HashtagSearches::Table)
                    .col(ColumnDef::new(HashtagSearches::AccountId).text().not_null())
                    .col(ColumnDef::new(HashtagSearches::Tag).text().not_null())
                    .col(ColumnDef::new(HashtagSearches::SearchedAt).timestamp_with_time_zone().not_null())
                    .col(ColumnDef::new(HashtagSearches::IsAnswered).boolean().not_null())
                    .primary_key(Index::create().col(HashtagSearches::AccountId).col(HashtagSearches::Tag))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(HashtagSearches::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum HashtagSearches {
    Table,
    AccountId,
    Tag,
    SearchedAt,
    IsAnswered,
}

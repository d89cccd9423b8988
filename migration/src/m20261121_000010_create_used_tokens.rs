//! Makes `used_tokens`.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(UsedTokens::Table)
                    .col(ColumnDef::new(UsedTokens::Hash).text().not_null().primary_key())
                    .col(ColumnDef::new(UsedTokens::EndsAt).timestamp_with_time_zone().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("used_tokens_ends_at").table(UsedTokens::Table).col(UsedTokens::EndsAt).to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(UsedTokens::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum UsedTokens {
    Table,
    Hash,
    EndsAt,
}

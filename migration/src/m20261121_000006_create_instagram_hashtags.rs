//! Makes `instagram_hashtags`: Meta's id of each hashtag.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(InstagramHashtags::Table)
                    .col(ColumnDef::new(InstagramHashtags::Tag).text().not_null().primary_key())
                    .col(ColumnDef::new(InstagramHashtags::HashtagId).text().not_null())
                    .col(ColumnDef::new(InstagramHashtags::CreatedAt).timestamp_with_time_zone().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("instagram_hashtags_hashtag_id")
                    .table(InstagramHashtags::Table)
                    .col(InstagramHashtags::HashtagId)
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(InstagramHashtags::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum InstagramHashtags {
    Table,
    Tag,
    HashtagId,
    CreatedAt,
}

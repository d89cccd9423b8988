//! Makes `feed_apps`: which app asks for which feed.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(FeedApps::Table)
                    .col(ColumnDef::new(FeedApps::FeedId).text().not_null())
                    .col(ColumnDef::new(FeedApps::AppId).text().not_null())
                    .col(ColumnDef::new(FeedApps::LastRequestedAt).timestamp_with_time_zone().not_null())
                    .primary_key(Index::create().col(FeedApps::FeedId).col(FeedApps::AppId))
                    .foreign_key(
                        ForeignKey::create()
                            .name("feed_apps_feed_id")
                            .from(FeedApps::Table, FeedApps::FeedId)
                            .to(Feeds::Table, Feeds::Id)
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("feed_apps_app_id")
                            .from(FeedApps::Table, FeedApps::AppId)
                            .to(Apps::Table, Apps::AppId)
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("feed_apps_app_id").table(FeedApps::Table).col(FeedApps::AppId).to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(FeedApps::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum FeedApps {
    Table,
    FeedId,
    AppId,
    LastRequestedAt,
}

#[derive(DeriveIden)]
enum Feeds {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Apps {
    Table,
    AppId,
}

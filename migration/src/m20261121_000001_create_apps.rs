//! Makes `apps`.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Apps::Table)
                    .col(ColumnDef::new(Apps::AppId).text().not_null().primary_key())
                    .col(ColumnDef::new(Apps::User).text().not_null())
                    .col(ColumnDef::new(Apps::Type).text().not_null())
                    .col(ColumnDef::new(Apps::OwnerEmail).text().null())
                    .col(ColumnDef::new(Apps::Language).text().null())
                    .col(ColumnDef::new(Apps::AllowedOrigins).json().not_null())
                    .col(ColumnDef::new(Apps::Feeds).json().not_null())
                    .col(ColumnDef::new(Apps::SavedBefore).boolean().not_null())
                    .col(ColumnDef::new(Apps::InstagramGraphApiMigratedAt).text().null())
                    .col(ColumnDef::new(Apps::InstagramNotMigratedFeeds).json().not_null())
                    .col(ColumnDef::new(Apps::CreatedAt).timestamp_with_time_zone().not_null())
                    .col(ColumnDef::new(Apps::UpdatedAt).timestamp_with_time_zone().not_null())
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Apps::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum Apps {
    Table,
    AppId,
    User,
    Type,
    OwnerEmail,
    Language,
    AllowedOrigins,
    Feeds,
    SavedBefore,
    InstagramGraphApiMigratedAt,
    InstagramNotMigratedFeeds,
    CreatedAt,
    UpdatedAt,
}

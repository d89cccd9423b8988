//! Makes `deletions`: what was to be forgotten, and that it was; and what finds a person's and a Page's installs.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: [(&str, InstagramInstalls); 2] = [
    ("instagram_installs_facebook_user_id", InstagramInstalls::FacebookUserId),
    ("instagram_installs_page_id", InstagramInstalls::PageId),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Deletions::Table)
                    .col(ColumnDef::new(Deletions::Code).text().not_null().primary_key())
                    .col(ColumnDef::new(Deletions::Kind).text().not_null())
                    .col(ColumnDef::new(Deletions::Subject).text().null())
                    .col(ColumnDef::new(Deletions::Hashes).json().not_null())
                    .col(ColumnDef::new(Deletions::Installs).integer().not_null())
                    .col(ColumnDef::new(Deletions::Feeds).integer().not_null())
                    .col(ColumnDef::new(Deletions::RequestedAt).timestamp_with_time_zone().not_null())
                    .col(ColumnDef::new(Deletions::DueAt).timestamp_with_time_zone().null())
                    .col(ColumnDef::new(Deletions::DoneAt).timestamp_with_time_zone().null())
                    .to_owned(),
            )
            .await?;
        let due = Index::create().name("deletions_due_at").table(Deletions::Table).col(Deletions::DueAt).to_owned();
        manager.create_index(due).await?;
        for (name, column) in INDEXES {
            let index = Index::create().name(name).table(InstagramInstalls::Table).col(column).to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in INDEXES {
            manager.drop_index(Index::drop().name(name).table(InstagramInstalls::Table).to_owned()).await?;
        }
        manager.drop_table(Table::drop().table(Deletions::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum Deletions {
    Table,
    Code,
    Kind,
    Subject,
    Hashes,
    Installs,
    Feeds,
    RequestedAt,
    DueAt,
    DoneAt,
}

#[derive(Copy, Clone, DeriveIden)]
enum InstagramInstalls {
    Table,
    FacebookUserId,
    PageId,
}

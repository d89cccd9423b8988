//! Makes `connect_links`: the links with which owners connect an account again.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(ConnectLinks::Table)
                    .col(ColumnDef::new(ConnectLinks::Hash).text().not_null().primary_key())
                    .col(ColumnDef::new(ConnectLinks::InstallId).text().not_null())
                    .col(ColumnDef::new(ConnectLinks::AppId).text().not_null())
                    .col(ColumnDef::new(ConnectLinks::Generation).integer().not_null())
                    .col(ColumnDef::new(ConnectLinks::BusinessAccountId).text().not_null())
                    .col(ColumnDef::new(ConnectLinks::ExpiresAt).timestamp_with_time_zone().not_null())
                    .col(ColumnDef::new(ConnectLinks::UsedAt).timestamp_with_time_zone().null())
                    .col(ColumnDef::new(ConnectLinks::CreatedAt).timestamp_with_time_zone().not_null())
                    .to_owned(),
            )
            .await?;
        for (name, column) in [
            ("connect_links_install_id", ConnectLinks::InstallId),
            ("connect_links_expires_at", ConnectLinks::ExpiresAt),
        ] {
            let index = Index::create().name(name).table(ConnectLinks::Table).col(column).to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(ConnectLinks::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum ConnectLinks {
    Table,
    Hash,
    InstallId,
    AppId,
    Generation,
    BusinessAccountId,
    ExpiresAt,
    UsedAt,
    CreatedAt,
}

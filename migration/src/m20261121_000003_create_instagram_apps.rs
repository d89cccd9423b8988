//! Makes `instagram_apps`: which app uses which install.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(InstagramApps::Table)
                    .col(ColumnDef::new(InstagramApps::AppId).text().not_null())
                    .col(ColumnDef::new(InstagramApps::InstallId).text().not_null())
                    .col(ColumnDef::new(InstagramApps::CreatedAt).timestamp_with_time_zone().not_null())
                    .primary_key(Index::create().col(InstagramApps::AppId).col(InstagramApps::InstallId))
                    .foreign_key(
                        ForeignKey::create()
                            .name("instagram_apps_app_id")
                            .from(InstagramApps::Table, InstagramApps::AppId)
                            .to(Apps::Table, Apps::AppId)
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("instagram_apps_install_id")
                            .from(InstagramApps::Table, InstagramApps::InstallId)
                            .to(InstagramInstalls::Table, InstagramInstalls::Id)
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("instagram_apps_install_id")
                    .table(InstagramApps::Table)
                    .col(InstagramApps::InstallId)
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(InstagramApps::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum InstagramApps {
    Table,
    AppId,
    InstallId,
    CreatedAt,
}

#[derive(DeriveIden)]
enum Apps {
    Table,
    AppId,
}

#[derive(DeriveIden)]
enum InstagramInstalls {
    Table,
    Id,
}

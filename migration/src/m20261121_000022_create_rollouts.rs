//! Makes `rollouts`: who sees what is not for everybody yet. And keeps since when an app waits to be migrated.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Rollouts::Table)
                    .col(ColumnDef::new(Rollouts::Name).text().not_null().primary_key())
                    .col(ColumnDef::new(Rollouts::Rule).text().not_null())
                    .col(ColumnDef::new(Rollouts::Percent).integer().null())
                    .col(ColumnDef::new(Rollouts::Users).json().not_null())
                    .col(ColumnDef::new(Rollouts::UpdatedAt).timestamp_with_time_zone().not_null())
                    .to_owned(),
            )
            .await?;
        let column = ColumnDef::new(Apps::MigrateDueAt).timestamp_with_time_zone().null().to_owned();
        manager.alter_table(Table::alter().table(Apps::Table).add_column(column).to_owned()).await?;
        manager
            .create_index(
                Index::create().name("apps_migrate_due_at").table(Apps::Table).col(Apps::MigrateDueAt).to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("apps_migrate_due_at").table(Apps::Table).to_owned()).await?;
        manager.alter_table(Table::alter().table(Apps::Table).drop_column(Apps::MigrateDueAt).to_owned()).await?;
        manager.drop_table(Table::drop().table(Rollouts::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum Rollouts {
    Table,
    Name,
    Rule,
    Percent,
    Users,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum Apps {
    Table,
    MigrateDueAt,
}

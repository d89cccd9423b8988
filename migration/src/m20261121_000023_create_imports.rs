//! Makes `imports`: how far each file of registrations was read; and `import_refusals`: its lines that were refused.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Imports::Table)
                    .col(ColumnDef::new(Imports::File).text().not_null().primary_key())
                    .col(ColumnDef::new(Imports::Hash).text().not_null())
                    .col(ColumnDef::new(Imports::Bytes).big_integer().not_null())
                    .col(ColumnDef::new(Imports::Lines).big_integer().not_null())
                    .col(ColumnDef::new(Imports::Made).big_integer().not_null())
                    .col(ColumnDef::new(Imports::Changed).big_integer().not_null())
                    .col(ColumnDef::new(Imports::Refused).big_integer().not_null())
                    .col(ColumnDef::new(Imports::StartedAt).timestamp_with_time_zone().not_null())
                    .col(ColumnDef::new(Imports::UpdatedAt).timestamp_with_time_zone().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(ImportRefusals::Table)
                    .col(ColumnDef::new(ImportRefusals::File).text().not_null())
                    .col(ColumnDef::new(ImportRefusals::Line).big_integer().not_null())
                    .col(ColumnDef::new(ImportRefusals::Code).text().not_null())
                    .col(ColumnDef::new(ImportRefusals::Detail).text().not_null())
                    .primary_key(Index::create().col(ImportRefusals::File).col(ImportRefusals::Line))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(ImportRefusals::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Imports::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum Imports {
    Table,
    File,
    Hash,
    Bytes,
    Lines,
    Made,
    Changed,
    Refused,
    StartedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum ImportRefusals {
    Table,
    File,
    Line,
    Code,
    Detail,
}

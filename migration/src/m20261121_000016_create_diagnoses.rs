//! Makes `diagnoses`: what was found out about an install's newest trouble.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Diagnoses::Table)
                    .col(ColumnDef::new(Diagnoses::InstallId).text().not_null().primary_key())
                    .col(ColumnDef::new(Diagnoses::Generation).integer().not_null())
                    .col(ColumnDef::new(Diagnoses::Class).text().not_null())
                    .col(ColumnDef::new(Diagnoses::Code).big_integer().null())
                    .col(ColumnDef::new(Diagnoses::Subcode).big_integer().null())
                    .col(ColumnDef::new(Diagnoses::FbtraceId).text().null())
                    .col(ColumnDef::new(Diagnoses::Verdict).json().null())
                    .col(ColumnDef::new(Diagnoses::Evidence).json().null())
                    .col(ColumnDef::new(Diagnoses::ByItself).boolean().not_null())
                    .col(ColumnDef::new(Diagnoses::DoubtedAt).timestamp_with_time_zone().not_null())
                    .col(ColumnDef::new(Diagnoses::DiagnoseAt).timestamp_with_time_zone().null())
                    .col(ColumnDef::new(Diagnoses::DiagnosedAt).timestamp_with_time_zone().null())
                    .col(ColumnDef::new(Diagnoses::UpdatedAt).timestamp_with_time_zone().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("diagnoses_diagnose_at")
                    .table(Diagnoses::Table)
                    .col(Diagnoses::DiagnoseAt)
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Diagnoses::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum Diagnoses {
    Table,
    InstallId,
    Generation,
    Class,
    Code,
    Subcode,
    FbtraceId,
    Verdict,
    Evidence,
    ByItself,
    DoubtedAt,
    DiagnoseAt,
    DiagnosedAt,
    UpdatedAt,
}

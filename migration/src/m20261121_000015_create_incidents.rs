//! Makes `incidents`, and `incident_installs`: which installs one has met. No foreign keys: rows are written while installs
//! are locked, and outlive them.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let time = |column: Incidents| ColumnDef::new(column).timestamp_with_time_zone().null().to_owned();
        manager
            .create_table(
                Table::create()
                    .table(Incidents::Table)
                    .col(ColumnDef::new(Incidents::Id).text().not_null().primary_key())
                    // What it is an incident of, while it lasts: one at a time. Null once it is over.
                    .col(ColumnDef::new(Incidents::OpenKey).text().null().unique_key())
                    .col(ColumnDef::new(Incidents::Class).text().not_null())
                    .col(ColumnDef::new(Incidents::Scope).text().not_null())
                    .col(ColumnDef::new(Incidents::Kind).text().not_null())
                    .col(ColumnDef::new(Incidents::EverybodyWaits).boolean().not_null())
                    .col(ColumnDef::new(Incidents::InstallId).text().null())
                    .col(ColumnDef::new(Incidents::Code).big_integer().null())
                    .col(ColumnDef::new(Incidents::Subcode).big_integer().null())
                    .col(ColumnDef::new(Incidents::FbtraceId).text().null())
                    .col(ColumnDef::new(Incidents::Failures).big_integer().not_null())
                    .col(ColumnDef::new(Incidents::Verdict).json().null())
                    .col(time(Incidents::OpenedAt).not_null())
                    .col(time(Incidents::LastSeenAt).not_null())
                    .col(time(Incidents::ClosedAt))
                    .col(ColumnDef::new(Incidents::JoinedId).text().null())
                    .col(time(Incidents::NextProbeAt))
                    .col(ColumnDef::new(Incidents::Probes).integer().not_null())
                    .col(time(Incidents::ToldOpenedAt))
                    .col(time(Incidents::ToldClosedAt))
                    .col(time(Incidents::UpdatedAt).not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("incidents_closed_at").table(Incidents::Table).col(Incidents::ClosedAt).to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(IncidentInstalls::Table)
                    .col(ColumnDef::new(IncidentInstalls::IncidentId).text().not_null())
                    .col(ColumnDef::new(IncidentInstalls::InstallId).text().not_null())
                    // Whether it has failed itself; else it waits with the others.
                    .col(ColumnDef::new(IncidentInstalls::Failed).boolean().not_null())
                    .col(ColumnDef::new(IncidentInstalls::FirstSeenAt).timestamp_with_time_zone().not_null())
                    .col(ColumnDef::new(IncidentInstalls::LastSeenAt).timestamp_with_time_zone().not_null())
                    .primary_key(Index::create().col(IncidentInstalls::IncidentId).col(IncidentInstalls::InstallId))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("incident_installs_install_id")
                    .table(IncidentInstalls::Table)
                    .col(IncidentInstalls::InstallId)
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(IncidentInstalls::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Incidents::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum Incidents {
    Table,
    Id,
    OpenKey,
    Class,
    Scope,
    Kind,
    EverybodyWaits,
    InstallId,
    Code,
    Subcode,
    FbtraceId,
    Failures,
    Verdict,
    OpenedAt,
    LastSeenAt,
    ClosedAt,
    JoinedId,
    NextProbeAt,
    Probes,
    ToldOpenedAt,
    ToldClosedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum IncidentInstalls {
    Table,
    IncidentId,
    InstallId,
    Failed,
    FirstSeenAt,
    LastSeenAt,
}

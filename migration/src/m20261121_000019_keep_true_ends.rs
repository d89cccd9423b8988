//! Adds what is known of an install's end (whether it is an estimate, when Meta was last asked, whether and why it was
//! killed early), what finds those that are near it, and `email_deliveries`: the ledger of the mails about it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The end is the earlier of two, of which each may be missing. A column that the database derives, so that an index can
/// keep the installs in order of it.
const END_ON_SQLITE: &str = "ALTER TABLE instagram_installs ADD COLUMN ends_at timestamp_with_timezone_text \
     GENERATED ALWAYS AS (coalesce(min(token_expires_at, data_access_expires_at), token_expires_at, \
     data_access_expires_at)) VIRTUAL";
const END_ON_POSTGRES: &str = "ALTER TABLE instagram_installs ADD COLUMN ends_at timestamp with time zone \
     GENERATED ALWAYS AS (least(token_expires_at, data_access_expires_at)) STORED";

/// What was called dead before it was written down why; and the installs that somebody may still have to be told of, in
/// the orders in which they are looked through: whoever got the last mail is in none of them.
const STATEMENTS: [&str; 4] = [
    "UPDATE instagram_installs SET killed = 'invalidated', killed_at = updated_at WHERE status = 'dead'",
    "CREATE INDEX instagram_installs_ends_at ON instagram_installs (ends_at, id) \
     WHERE second_verify_email_sent_at IS NULL",
    "CREATE INDEX instagram_installs_killed_at ON instagram_installs (killed_at, id) \
     WHERE second_verify_email_sent_at IS NULL AND killed_at IS NOT NULL",
    "CREATE INDEX instagram_installs_checked_at ON instagram_installs (checked_at, id) \
     WHERE second_verify_email_sent_at IS NULL",
];

const INDEXES: [&str; 3] =
    ["instagram_installs_ends_at", "instagram_installs_killed_at", "instagram_installs_checked_at"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time, and wants to know what stands in the rows that are there: nobody was asked.
        let columns = [
            ColumnDef::new(InstagramInstalls::EndsEstimated).boolean().not_null().default(false).to_owned(),
            ColumnDef::new(InstagramInstalls::CheckedAt)
                .timestamp_with_time_zone()
                .not_null()
                .default("1970-01-01T00:00:00+00:00")
                .to_owned(),
            ColumnDef::new(InstagramInstalls::Killed).text().null().to_owned(),
            ColumnDef::new(InstagramInstalls::KilledAt).timestamp_with_time_zone().null().to_owned(),
        ];
        for column in columns {
            manager.alter_table(Table::alter().table(InstagramInstalls::Table).add_column(column).to_owned()).await?;
        }
        let db = manager.get_connection();
        let is_sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        db.execute_unprepared(if is_sqlite { END_ON_SQLITE } else { END_ON_POSTGRES }).await?;
        for statement in STATEMENTS {
            db.execute_unprepared(statement).await?;
        }
        create_ledger(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(EmailDeliveries::Table).to_owned()).await?;
        for index in INDEXES {
            manager.drop_index(Index::drop().name(index).table(InstagramInstalls::Table).to_owned()).await?;
        }
        for column in [
            InstagramInstalls::EndsAt,
            InstagramInstalls::KilledAt,
            InstagramInstalls::Killed,
            InstagramInstalls::CheckedAt,
            InstagramInstalls::EndsEstimated,
        ] {
            let dropped = Table::alter().table(InstagramInstalls::Table).drop_column(column).to_owned();
            manager.alter_table(dropped).await?;
        }
        Ok(())
    }
}

async fn create_ledger(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table(EmailDeliveries::Table)
                .col(ColumnDef::new(EmailDeliveries::Id).text().not_null().primary_key())
                .col(ColumnDef::new(EmailDeliveries::InstallId).text().not_null())
                .col(ColumnDef::new(EmailDeliveries::Generation).integer().not_null())
                .col(ColumnDef::new(EmailDeliveries::Stage).text().not_null())
                .col(ColumnDef::new(EmailDeliveries::Recipient).text().not_null())
                .col(ColumnDef::new(EmailDeliveries::Language).text().null())
                .col(ColumnDef::new(EmailDeliveries::MessageId).text().not_null())
                .col(ColumnDef::new(EmailDeliveries::State).text().not_null())
                .col(ColumnDef::new(EmailDeliveries::Attempts).integer().not_null())
                .col(ColumnDef::new(EmailDeliveries::Failure).text().null())
                .col(ColumnDef::new(EmailDeliveries::PlannedAt).timestamp_with_time_zone().not_null())
                .col(ColumnDef::new(EmailDeliveries::SendingAt).timestamp_with_time_zone().null())
                .col(ColumnDef::new(EmailDeliveries::EndedAt).timestamp_with_time_zone().null())
                .to_owned(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("email_deliveries_one_of_each")
                .table(EmailDeliveries::Table)
                .col(EmailDeliveries::InstallId)
                .col(EmailDeliveries::Generation)
                .col(EmailDeliveries::Stage)
                .col(EmailDeliveries::Recipient)
                .unique()
                .to_owned(),
        )
        .await
}

#[derive(DeriveIden)]
enum InstagramInstalls {
    Table,
    EndsEstimated,
    CheckedAt,
    Killed,
    KilledAt,
    EndsAt,
}

#[derive(DeriveIden)]
enum EmailDeliveries {
    Table,
    Id,
    InstallId,
    Generation,
    Stage,
    Recipient,
    Language,
    MessageId,
    State,
    Attempts,
    Failure,
    PlannedAt,
    SendingAt,
    EndedAt,
}

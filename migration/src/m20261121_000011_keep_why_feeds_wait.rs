//! Adds what a feed waits for, when a hashtag's window may have begun at the earliest, and `hashtag_refusals`: which
//! accounts do not serve a hashtag's feed. No foreign key there: a row may be written while its install is locked.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What waited for a connection before this was written down, for a limit; and runs that have ended are polled no more.
const BACKFILL: [&str; 3] = [
    "UPDATE feeds SET waits_for = 'account' WHERE key LIKE '#%' AND failure IS NOT NULL \
     AND failure NOT IN ('rate_limited', 'not_found')",
    "UPDATE feeds SET waits_for = 'limit' WHERE failure = 'rate_limited'",
    "UPDATE feeds SET first_run_id = NULL WHERE body IS NULL AND failure IS NOT NULL \
     AND first_run_id NOT IN (SELECT id FROM job_runs WHERE finished_at IS NULL)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(
                Table::alter().table(Feeds::Table).add_column(ColumnDef::new(Feeds::WaitsFor).text().null()).to_owned(),
            )
            .await?;
        manager
            .alter_table(
                Table::alter()
                    .table(HashtagSearches::Table)
                    .add_column(ColumnDef::new(HashtagSearches::UnsureSince).timestamp_with_time_zone().null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(HashtagRefusals::Table)
                    .col(ColumnDef::new(HashtagRefusals::FeedId).text().not_null())
                    .col(ColumnDef::new(HashtagRefusals::InstallId).text().not_null())
                    .col(ColumnDef::new(HashtagRefusals::Generation).integer().not_null())
                    .col(ColumnDef::new(HashtagRefusals::Reason).text().not_null())
                    .col(ColumnDef::new(HashtagRefusals::RefusedAt).timestamp_with_time_zone().not_null())
                    .col(ColumnDef::new(HashtagRefusals::LimitedUntil).timestamp_with_time_zone().null())
                    .primary_key(Index::create().col(HashtagRefusals::FeedId).col(HashtagRefusals::InstallId))
                    .to_owned(),
            )
            .await?;
        for statement in BACKFILL {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(HashtagRefusals::Table).to_owned()).await?;
        manager
            .alter_table(
                Table::alter().table(HashtagSearches::Table).drop_column(HashtagSearches::UnsureSince).to_owned(),
            )
            .await?;
        manager.alter_table(Table::alter().table(Feeds::Table).drop_column(Feeds::WaitsFor).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum Feeds {
    Table,
    WaitsFor,
}

#[derive(DeriveIden)]
enum HashtagSearches {
    Table,
    UnsureSince,
}

#[derive(DeriveIden)]
enum HashtagRefusals {
    Table,
    FeedId,
    InstallId,
    Generation,
    Reason,
    RefusedAt,
    LimitedUntil,
}

//! Adds whose posts a feed holds, and deletes what accounts have left behind under names that they bear no longer: those
//! feeds come back with the next who asks for them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The feeds of accounts, of which no install bears the name and reads those posts; and what runs told of them.
const LEFT_BEHIND: [&str; 2] = [
    "DELETE FROM feeds WHERE source = 'graph' AND key LIKE '@%' AND body IS NOT NULL AND NOT EXISTS (\
     SELECT 1 FROM instagram_installs WHERE instagram_account = substr(feeds.key, 2) \
     AND instagram_business_account_id = feeds.account_id)",
    "DELETE FROM job_runs WHERE kind = 'fetch_feed' AND finished_at IS NOT NULL \
     AND subject IS NOT NULL AND NOT EXISTS (SELECT 1 FROM feeds WHERE feeds.id = job_runs.subject)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new(Feeds::AccountId).text().null().to_owned();
        manager.alter_table(Table::alter().table(Feeds::Table).add_column(column).to_owned()).await?;
        let id = match manager.get_database_backend() {
            DbBackend::Sqlite => "json_extract(body, '$.account.id')",
            _ => "body::json -> 'account' ->> 'id'",
        };
        let known = format!("UPDATE feeds SET account_id = {id} WHERE key LIKE '@%' AND body IS NOT NULL");
        for statement in [known.as_str()].into_iter().chain(LEFT_BEHIND) {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        manager
            .create_index(Index::create().name("feeds_account_id").table(Feeds::Table).col(Feeds::AccountId).to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("feeds_account_id").table(Feeds::Table).to_owned()).await?;
        manager.alter_table(Table::alter().table(Feeds::Table).drop_column(Feeds::AccountId).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum Feeds {
    Table,
    AccountId,
}

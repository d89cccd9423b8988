//! Opening the database, and the one way to begin a transaction.

use std::time::Duration;

use sea_orm::sqlx::Connection;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};

/// How long a statement waits for another process's write lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Reads beside the one writer on SQLite.
const SQLITE_READERS: u32 = 4;
/// Connections on a database server.
const SERVER_CONNECTIONS: u32 = 10;

/// The database: `read` for selects, `write` for single statements, [`Db::begin`] for everything that
/// reads and then writes.
///
/// On SQLite there is one write connection, so that writers queue here and not inside SQLite, where a
/// waiting one would fail. `synchronous=FULL`: the rows that fence single-use calls live here.
#[derive(Clone, Debug)]
pub struct Db {
    /// Connections for selects.
    pub read: DatabaseConnection,
    /// Connections for single statements that write.
    pub write: DatabaseConnection,
}

impl Db {
    /// Opens `sqlite://path` (made if it is missing) or `postgres://…`.
    pub async fn connect(url: &str) -> Result<Self, DbErr> {
        if url.starts_with("sqlite:") {
            let write = sqlite(url, 1).await?;
            return Ok(Self { read: sqlite(url, SQLITE_READERS).await?, write });
        }
        let mut options = ConnectOptions::new(url);
        options.max_connections(SERVER_CONNECTIONS).acquire_timeout(BUSY_TIMEOUT).sqlx_logging(false);
        let both = Database::connect(options).await?;
        Ok(Self { read: both.clone(), write: both })
    }

    /// Begins a transaction that may read and then write. On SQLite it takes the write lock at once: a
    /// deferred one that turns into a writer fails under load, whatever the busy time-out is.
    #[expect(clippy::disallowed_methods, reason = "the one place where a transaction begins")]
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.write
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            })
            .await
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.read.ping().await
    }
}

async fn sqlite(url: &str, connections: u32) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.min_connections(1).max_connections(connections).sqlx_logging(false).map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
    });
    // After a full disk SQLite has rolled back what the driver still counts as open: such a connection would take
    // writes and never commit them. It is thrown away, and the next one begins clean.
    options
        .map_sqlx_sqlite_before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }));
    Database::connect(options).await
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait, DbBackend, Statement};

    use super::Db;

    /// A full disk makes a commit fail and SQLite roll back by itself; so does this hook, without a full disk.
    #[tokio::test]
    async fn after_a_commit_that_failed_a_write_that_is_answered_is_on_disk() {
        let path = std::env::temp_dir().join(format!("{}.db", crate::new_id()));
        let url = format!("sqlite://{}", path.display());
        let db = Db::connect(&url).await.expect("a database");
        db.write.execute_unprepared("CREATE TABLE t (a TEXT)").await.expect("made");
        let mut connection = db.write.get_sqlite_connection_pool().acquire().await.expect("the one connection");
        connection.lock_handle().await.expect("locked").set_commit_hook(|| false);
        drop(connection);
        let write = async |text: &str| {
            let tx = db.begin().await?;
            tx.execute_unprepared(&format!("INSERT INTO t VALUES ('{text}')")).await?;
            tx.commit().await
        };

        write("lost, and said so").await.expect_err("the commit fails");
        write("kept").await.expect("the next connection is clean");

        let again = Db::connect(&url).await.expect("opened by somebody else");
        let all = Statement::from_string(DbBackend::Sqlite, "SELECT a FROM t");
        let rows = again.read.query_all_raw(all).await.expect("read");
        let texts: Vec<String> = rows.iter().map(|row| row.try_get("", "a").expect("a text")).collect();
        assert_eq!(texts, ["kept"]);
        let _ = std::fs::remove_file(path);
    }
}

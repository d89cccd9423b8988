//! Opening the database, and the one way to begin a transaction.

use std::time::Duration;

use sea_orm::sqlx::Connection;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

/// How long a statement waits for another process's write lock on SQLite.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long somebody waits for a connection, a server that is just starting included.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// No statement of ours takes a tenth of it: one that does waits for a lock that nobody gives back.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a server bears a transaction in which nothing happens: then its process is gone, and its locks go too.
const SILENT_TRANSACTION: Duration = Duration::from_mins(1);
/// How long a connection to a server is kept unused, and at all.
const IDLE_TIMEOUT: Duration = Duration::from_mins(5);
const LIFETIME: Duration = Duration::from_mins(30);

/// How a database is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DbOptions {
    /// The most connections of this process. On SQLite one of them writes and the rest read: two at least.
    pub connections: u32,
    /// How long a server lets a statement run; `None`: as long as it takes, for the schema.
    pub statement_timeout: Option<Duration>,
}

impl Default for DbOptions {
    fn default() -> Self {
        Self { connections: 10, statement_timeout: Some(STATEMENT_TIMEOUT) }
    }
}

/// The database: `read` for selects, `write` for single statements, [`Db::begin`] for everything that
/// reads and then writes.
///
/// On SQLite there is one write connection, so that writers queue here and not inside SQLite, where a
/// waiting one would fail. `synchronous=FULL`: the rows that fence single-use calls live here.
///
/// On PostgreSQL both are one pool, and transactions are READ COMMITTED: what a decision rests on is locked first
/// (`lock_…`), or decided by the database (`ON CONFLICT`, a filter in the `UPDATE`). A connection that broke is
/// replaced when the next one asks for it.
#[derive(Clone, Debug)]
pub struct Db {
    /// Connections for selects.
    pub read: DatabaseConnection,
    /// Connections for single statements that write.
    pub write: DatabaseConnection,
}

impl Db {
    /// Opens `sqlite://path` (made if it is missing) or `postgres://…` as a service does.
    pub async fn connect(url: &str) -> Result<Self, DbErr> {
        Self::connect_with(url, DbOptions::default()).await
    }

    /// Opens it with options.
    pub async fn connect_with(url: &str, options: DbOptions) -> Result<Self, DbErr> {
        if url.starts_with("sqlite:") {
            let write = sqlite(url, 1).await?;
            let readers = options.connections.saturating_sub(1).max(1);
            return Ok(Self { read: sqlite(url, readers).await?, write });
        }
        let both = postgres(url, options).await?;
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

    /// Lets go of what was deleted: on SQLite it still stands in the log of what was written. Somebody who reads an older
    /// state keeps it there; it is overwritten with what is written next.
    pub async fn let_go_of_deleted(&self) -> Result<(), DbErr> {
        if self.write.get_database_backend() == DbBackend::Sqlite {
            self.write.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        }
        Ok(())
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.read.ping().await
    }
}

async fn postgres(url: &str, with: DbOptions) -> Result<DatabaseConnection, DbErr> {
    let statement_timeout = with.statement_timeout.unwrap_or_default();
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(with.connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(IDLE_TIMEOUT)
        .max_lifetime(LIFETIME)
        // A round trip each time, so that a restart of the server costs nobody a failed request.
        .test_before_acquire(true)
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(move |postgres| {
            // Whatever the server's own defaults are.
            let settings = [
                ("default_transaction_isolation", "read committed".to_owned()),
                ("statement_timeout", statement_timeout.as_millis().to_string()),
                ("idle_in_transaction_session_timeout", SILENT_TRANSACTION.as_millis().to_string()),
            ];
            postgres.application_name("feedkeeper").options(settings)
        });
    Database::connect(options).await
}

async fn sqlite(url: &str, connections: u32) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.min_connections(1).max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            // What is deleted is overwritten: people have a right to that.
            .pragma("secure_delete", "ON")
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

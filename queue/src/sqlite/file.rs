//! The file behind the store: its one connection, and its loss. An operator may delete rows, tables or the
//! file itself at any moment; the connection then finds its way to what is there now. A disk may be full for a while; no
//! connection on which that was met is used again.

use std::{
    fs::{self, Metadata},
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use sea_orm::sqlx::{
    self, ConnectOptions, Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::time::sleep;

use super::schema;
use crate::store::StoreError;

/// How long a statement waits for another process' write.
const BUSY: Duration = Duration::from_secs(5);

/// How often it is tried anew to open a file that somebody else is just making.
const BUSY_LOOK: Duration = Duration::from_millis(10);

/// SQLite's code for "the file is locked".
const BUSY_CODE: i32 = 5;

/// SQLite's extended code for "the file has been moved or deleted".
const READONLY_DBMOVED: i32 = 1032;

/// SQLite's primary codes for failures of what lies below it, after which a connection is in doubt: `NOMEM`, `IOERR`,
/// `CORRUPT`, `FULL`, `NOTADB`.
const DOUBTFUL: [i32; 5] = [7, 10, 11, 13, 26];

/// Is the open file.
pub(super) struct OpenFile {
    path: PathBuf,
    identity: Option<u64>,
    data_version: i64,
    /// Whether the file was opened since the last look at it.
    replaced: bool,
    /// Absent from when it is given up to the next success in opening the file.
    conn: Option<SqliteConnection>,
}

impl OpenFile {
    /// Opens or creates the file and its tables.
    pub(super) async fn open(path: &Path) -> Result<Self, StoreError> {
        let mut file = Self { path: path.to_owned(), identity: None, data_version: 0, replaced: false, conn: None };
        file.conn().await.map_err(unavailable)?;
        Ok(file)
    }

    /// Returns a connection in order to what lies at the path now. A look at the folder is cheap beside any statement, and
    /// without it a deleted file would swallow pushes for as long as it is held open.
    pub(super) async fn conn(&mut self) -> sqlx::Result<&mut SqliteConnection> {
        if self.conn.is_some() && identity(fs::metadata(&self.path)) != self.identity {
            tracing::warn!(path = %self.path.display(), "the queue's file has been replaced: opening it anew");
            self.close().await;
        }
        if let Some(conn) = &mut self.conn
            && !in_order(conn).await
        {
            tracing::debug!(path = %self.path.display(), "a transaction was not ended in order: opening the file anew");
            self.close().await;
        }
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.connect().await?,
        };
        Ok(self.conn.insert(conn))
    }

    /// Connects. Whoever else makes the file at the same moment is waited for here: where SQLite turns to a log, it says that
    /// the file is locked without waiting for as long as it was told to.
    async fn connect(&mut self) -> sqlx::Result<SqliteConnection> {
        let since = Instant::now();
        loop {
            match self.connect_once().await {
                Err(error) if code(&error) == Some(BUSY_CODE) && since.elapsed() < BUSY => sleep(BUSY_LOOK).await,
                connected => return connected,
            }
        }
    }

    async fn connect_once(&mut self) -> sqlx::Result<SqliteConnection> {
        let options = SqliteConnectOptions::new()
            .filename(&self.path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY)
            .disable_statement_logging();
        let mut conn = options.connect().await?;
        if let Err(error) = schema::create(&mut conn).await {
            let _ = conn.close().await;
            return Err(error);
        }
        self.identity = identity(fs::metadata(&self.path));
        self.replaced = true;
        Ok(conn)
    }

    /// Closes the connection; the next use opens what lies at the path then.
    pub(super) async fn close(&mut self) {
        if let Some(conn) = self.conn.take() {
            // The old file must be let go before a new one is made: closing removes a log beside it, by its path.
            let _ = conn.close().await;
        }
    }

    /// Mends what made a statement fail: missing tables, a missing file, a connection in doubt. Returns whether trying
    /// again can help at once; a disk that is full is so for longer.
    pub(super) async fn heal(&mut self, error: &sqlx::Error) -> bool {
        let code = code(error);
        let gone = code == Some(READONLY_DBMOVED)
            || error.as_database_error().is_some_and(|error| error.message().contains("no such table"));
        if gone {
            tracing::warn!(path = %self.path.display(), "the queue's file or tables are gone: making them anew");
        }
        let doubtful = code.is_some_and(|code| DOUBTFUL.contains(&(code & 0xff)));
        if gone || doubtful || matches!(error, sqlx::Error::WorkerCrashed) {
            self.close().await;
        }
        gone
    }

    /// Returns whether another process has written since the last call, or the file has been replaced.
    pub(super) async fn changed(&mut self) -> sqlx::Result<bool> {
        let version = sqlx::query_scalar("PRAGMA data_version").fetch_one(self.conn().await?).await;
        if let Err(error) = &version {
            self.heal(error).await;
        }
        let version = version?;
        let written = std::mem::replace(&mut self.data_version, version) != version;
        Ok(std::mem::take(&mut self.replaced) || written)
    }
}

/// Says whether a connection is in no transaction by its driver's count. SQLite rolls back by itself when the disk is full
/// or fails; the driver's own rollback then fails, and it counts the transaction as open for ever.
async fn in_order(conn: &mut SqliteConnection) -> bool {
    // The rollback of a transaction that was dropped may be on its way still; the answer to a ping comes after it.
    !conn.is_in_transaction() || (conn.ping().await.is_ok() && !conn.is_in_transaction())
}

/// Returns SQLite's code of an error.
fn code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}

pub(super) fn unavailable(error: sqlx::Error) -> StoreError {
    StoreError::Unavailable(error.into())
}

/// Tells one file from another that later bears its name.
#[cfg(unix)]
pub(super) fn identity(file: io::Result<Metadata>) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    Some(file.ok()?.ino())
}

#[cfg(not(unix))]
pub(super) fn identity(file: io::Result<Metadata>) -> Option<u64> {
    file.is_ok().then_some(0)
}

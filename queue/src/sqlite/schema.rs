//! The tables. They hold nothing that cannot be derived again, so another version's tables are dropped, not migrated.

use sea_orm::sqlx::{self, Connection, SqliteConnection};

/// Raised with every change below.
const VERSION: i64 = 1;

/// `apart` marks the jobs that only one at a time may run in a worker. `due` and `created` are ms of the domain,
/// `lease_until` ms of the claiming process' monotonic clock, which means nothing to any other process.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS jobs (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    lane TEXT NOT NULL,
    name TEXT NOT NULL,
    key TEXT UNIQUE,
    payload TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    crashes INTEGER NOT NULL DEFAULT 0,
    apart INTEGER NOT NULL DEFAULT 0,
    dying TEXT,
    due INTEGER NOT NULL,
    created INTEGER NOT NULL,
    token INTEGER,
    lease_until INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS jobs_ready ON jobs (lane, apart, due, seq) WHERE token IS NULL;
CREATE INDEX IF NOT EXISTS jobs_leased ON jobs (lease_until) WHERE token IS NOT NULL;
CREATE TABLE IF NOT EXISTS dead (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    lane TEXT NOT NULL,
    name TEXT NOT NULL,
    key TEXT,
    payload TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    reason TEXT NOT NULL,
    died INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS dead_died ON dead (died);
CREATE TABLE IF NOT EXISTS turns (
    worker TEXT NOT NULL,
    lane TEXT NOT NULL,
    number INTEGER NOT NULL,
    token INTEGER NOT NULL,
    applied TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (worker, lane)
) STRICT;
CREATE TABLE IF NOT EXISTS ticks (schedule TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
";

/// Creates what is missing, and replaces the tables of another version.
pub(super) async fn create(conn: &mut SqliteConnection) -> sqlx::Result<()> {
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *tx).await?;
    if version != VERSION {
        let drop = "DROP TABLE IF EXISTS jobs; DROP TABLE IF EXISTS dead; DROP TABLE IF EXISTS turns;
            DROP TABLE IF EXISTS ticks; DROP TABLE IF EXISTS settings; PRAGMA user_version = 1;";
        sqlx::raw_sql(drop).execute(&mut *tx).await?;
    }
    sqlx::raw_sql(TABLES).execute(&mut *tx).await?;
    tx.commit().await
}

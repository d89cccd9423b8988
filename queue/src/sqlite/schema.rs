//! The tables. Another version's jobs are dropped, not migrated: whoever pushes by state pushes them again. What is lost
//! with them is the dead set, and the attempts and crashes burnt so far. Settings (paused lanes, the offset) and the ticks
//! of schedules stay, for they are no more than names and numbers in every version.

use sea_orm::sqlx::{self, AssertSqlSafe, Connection, SqliteConnection};

/// Raised with every change below.
const VERSION: i64 = 3;

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
    trace TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    crashes INTEGER NOT NULL DEFAULT 0,
    unknown INTEGER NOT NULL DEFAULT 0,
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
    trace TEXT,
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

/// Creates what is missing, and replaces what another version has left.
pub(super) async fn create(conn: &mut SqliteConnection) -> sqlx::Result<()> {
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *tx).await?;
    if version != VERSION {
        if version != 0 {
            tracing::warn!(version, "the queue was left by another version: its jobs and its dead are dropped");
        }
        let tables = "DROP TABLE IF EXISTS jobs; DROP TABLE IF EXISTS dead; DROP TABLE IF EXISTS turns;";
        sqlx::raw_sql(tables).execute(&mut *tx).await?;
        sqlx::query(AssertSqlSafe(format!("PRAGMA user_version = {VERSION}"))).execute(&mut *tx).await?;
    }
    sqlx::raw_sql(TABLES).execute(&mut *tx).await?;
    tx.commit().await
}

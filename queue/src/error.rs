//! Failures: what a job says about its own ([`JobError`]) and what a producer meets ([`QueueError`]).

use std::{fmt, time::Duration};

use chrono::{DateTime, Utc};
use sea_orm::{DbErr, RuntimeErr, sqlx};

use crate::store::StoreError;

/// Says what a failed attempt wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Trying again may help; the engine says when, and an attempt is burnt.
    Retry,
    /// Trying again helps from this time on; no attempt is burnt, the job's age bounds it.
    RetryAt(DateTime<Utc>),
    /// The same, said as a delay: what services answer, and what an error that knows no clock can say.
    RetryAfter(Duration),
    /// Trying again cannot help.
    Dead,
}

/// Is the failure of one attempt: a decision and its cause.
#[derive(Debug)]
pub struct JobError {
    decision: Decision,
    class: &'static str,
    source: anyhow::Error,
}

/// The class of a failure that nobody has given one.
const OTHER: &str = "other";

impl JobError {
    /// Says that trying again may help.
    pub fn retry(source: impl Into<anyhow::Error>) -> Self {
        Self { decision: Decision::Retry, class: OTHER, source: source.into() }
    }

    /// Says that trying again helps from `at` on.
    pub fn retry_at(at: DateTime<Utc>, source: impl Into<anyhow::Error>) -> Self {
        Self { decision: Decision::RetryAt(at), class: OTHER, source: source.into() }
    }

    /// Says that trying again helps after `delay`.
    pub fn retry_after(delay: Duration, source: impl Into<anyhow::Error>) -> Self {
        Self { decision: Decision::RetryAfter(delay), class: OTHER, source: source.into() }
    }

    /// Says that trying again cannot help.
    pub fn dead(source: impl Into<anyhow::Error>) -> Self {
        Self { decision: Decision::Dead, class: OTHER, source: source.into() }
    }

    /// Gives it a class, by which retries are counted: a word of a short list.
    #[must_use]
    pub fn of_class(self, class: &'static str) -> Self {
        Self { class, ..self }
    }

    /// Returns its class.
    pub const fn class(&self) -> &'static str {
        self.class
    }

    /// Returns what the attempt wants.
    pub const fn decision(&self) -> Decision {
        self.decision
    }

    /// Returns the cause, to be matched on.
    pub const fn cause(&self) -> &anyhow::Error {
        &self.source
    }
}

impl fmt::Display for JobError {
    /// Writes the whole chain of causes: it is what a dead job keeps of its error.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.source)
    }
}

impl std::error::Error for JobError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.source.as_ref())
    }
}

/// How soon a database that is away is asked again.
const AWAY: Duration = Duration::from_secs(1);

/// A database comes back: while it is away or too busy no attempt is burnt, for the job has not failed. What it refused
/// burns one.
impl From<DbErr> for JobError {
    fn from(error: DbErr) -> Self {
        let error = if is_away(&error) { Self::retry_after(AWAY, error) } else { Self::retry(error) };
        error.of_class("database")
    }
}

/// SQLSTATEs of a server that goes, comes, has no place left, was demoted, or gave up waiting: for a statement that was
/// held up by others, or for the next one of a transaction.
const AWAY_CODES: [&str; 6] = ["08", "57P", "53300", "25006", "57014", "25P03"];
/// `SQLITE_BUSY`: another process has held the write lock for longer than anybody waits for it. The bits above the first
/// eight say how.
const SQLITE_BUSY: i32 = 5;

/// Whether nobody answered, rather than refused: the connection broke, or there was none to be had.
fn is_away(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error else {
        return matches!(error, DbErr::Conn(_) | DbErr::ConnectionAcquire(_));
    };
    match error.as_ref() {
        sqlx::Error::Database(refusal) => {
            refusal.code().is_some_and(|code| AWAY_CODES.iter().any(|away| code.starts_with(away)) || is_busy(&code))
        }
        error => matches!(error, sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed),
    }
}

/// A SQLSTATE has five characters, SQLite's own codes are shorter numbers.
fn is_busy(code: &str) -> bool {
    code.len() < 5 && code.parse::<i32>().is_ok_and(|code| code & 0xff == SQLITE_BUSY)
}

/// So does a queue. What cannot be written as JSON today cannot tomorrow.
impl From<QueueError> for JobError {
    fn from(error: QueueError) -> Self {
        let error = match error {
            QueueError::Store(_) => Self::retry_after(AWAY, error),
            QueueError::Encode(_) => Self::dead(error),
        };
        error.of_class("queue")
    }
}

/// Says why the queue did not do what a producer or an operator asked.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The job cannot be written as JSON.
    #[error("the job cannot be encoded")]
    Encode(#[from] serde_json::Error),
    /// The store cannot be reached, or refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};

    use super::*;

    /// A connection that waits for nobody.
    async fn impatient(path: &std::path::Path) -> DatabaseConnection {
        let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", path.display()));
        options.max_connections(1).map_sqlx_sqlite_opts(|sqlite| sqlite.busy_timeout(Duration::ZERO));
        Database::connect(options).await.expect("a database")
    }

    #[tokio::test]
    async fn a_database_that_is_busy_burns_no_attempt_and_one_that_refuses_does() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("busy.db");
        let (one, other) = (impatient(&path).await, impatient(&path).await);
        one.execute_unprepared("CREATE TABLE t (a TEXT)").await.expect("made");
        one.execute_unprepared("BEGIN IMMEDIATE").await.expect("locked");

        let busy = other.execute_unprepared("INSERT INTO t VALUES ('x')").await.expect_err("locked");
        let refused = one.execute_unprepared("INSERT INTO t VALUES ('x', 'y')").await.expect_err("one column");

        assert_eq!(JobError::from(busy).decision(), Decision::RetryAfter(AWAY));
        assert_eq!(JobError::from(refused).decision(), Decision::Retry);
    }

    #[test]
    fn busy_is_a_number_of_sqlites_in_each_of_its_forms_and_no_sqlstate() {
        for (code, busy) in [("5", true), ("261", true), ("517", true), ("6", false), ("1", false), ("00005", false)] {
            assert_eq!(is_busy(code), busy, "{code}");
        }
    }

    #[test]
    fn a_queue_that_is_away_burns_no_attempt() {
        let away = QueueError::Store(StoreError::Unavailable(anyhow::anyhow!("no answer")));
        assert_eq!(JobError::from(away).decision(), Decision::RetryAfter(AWAY));
    }
}

//! What a store promises. Each promise is a case of the conformance suite (`tests/all/conformance`), which every store
//! passes.
//!
//! Two clocks: a job is due by the store's own time plus the domain offset, one key in the store; a lease runs on real
//! time. Callers pass delays, never times. No call costs more with a longer backlog, [`Store::stats`] aside.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{lane::Lane, outcome::Death};

/// The most jobs that one call carries.
pub const BATCH: usize = 500;

/// Crashes after which a job is dying: its worker died with it too often.
pub const CRASHES: u32 = 3;

/// Crashes after which even `on_dead` is not tried again.
pub const LAST_CRASH: u32 = 2 * CRASHES;

/// Holds jobs, and hands them out one lease at a time.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Takes up to [`BATCH`] jobs in; one whose key is held is dropped, and the holder's id is returned. A push whose
    /// answer was lost may be repeated: the caller made the ids.
    async fn push(&self, jobs: &[NewJob]) -> Result<Vec<Pushed>, StoreError>;

    /// Finishes what has ended, then claims what is due, in one step. The same worker and number again gives the same
    /// answer, with the leases begun anew, so that a lost answer loses no job.
    async fn turn(&self, turn: &Turn) -> Result<Turned, StoreError>;

    /// Prolongs up to [`BATCH`] leases to `lease` from now; `false` means that the lease is not held any more.
    async fn renew(&self, held: &[Held], lease: Duration) -> Result<Vec<bool>, StoreError>;

    /// Takes back a bounded number of leases that ran out, each as a crash, and drops a bounded number of what the dead
    /// set holds too long or too much of.
    async fn reap(&self, retention: &Retention) -> Result<Reaped, StoreError>;

    /// Returns the job that holds a key.
    async fn find(&self, key: &str) -> Result<Option<JobView>, StoreError>;

    /// Says whether nothing runs and nothing is due.
    async fn is_idle(&self) -> Result<bool, StoreError>;

    /// Counts the jobs of each lane.
    async fn stats(&self) -> Result<Vec<LaneStats>, StoreError>;

    /// Stops or resumes the claiming of a lane, for every worker.
    async fn set_paused(&self, lane: Lane, paused: bool) -> Result<(), StoreError>;

    /// Returns up to `limit` dead jobs, the latest first.
    async fn dead(&self, filter: &DeadFilter, limit: usize) -> Result<Vec<DeadJob>, StoreError>;

    /// Puts up to [`BATCH`] dead jobs back to work, as new; one whose key is held by a live job stays. Returns how many.
    async fn retry_dead(&self, ids: &[String]) -> Result<usize, StoreError>;

    /// Forgets up to [`BATCH`] dead jobs. Returns how many.
    async fn delete_dead(&self, ids: &[String]) -> Result<usize, StoreError>;

    /// Returns the latest tick of a schedule.
    async fn last_tick(&self, schedule: &str) -> Result<Option<DateTime<Utc>>, StoreError>;

    /// Writes the latest tick and pushes its job, in one step, if the latest was still `seen`: once per cluster.
    async fn tick(&self, tick: &Tick) -> Result<bool, StoreError>;

    /// Returns how many milliseconds the domain is ahead of the store's time.
    async fn offset(&self) -> Result<i64, StoreError>;

    /// Moves the domain's time for every process, and wakes every sleeper. Expires no lease.
    async fn set_offset(&self, ms: i64) -> Result<(), StoreError>;

    /// Answers if the store does.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Returns what changes when a lane may have got work, at once for this process, within a second for any other.
    fn wakes(&self, lane: Lane) -> watch::Receiver<u64>;
}

/// Is a job to take in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// The id, 128 random bits, made by the caller.
    pub id: String,
    /// The lane.
    pub lane: Lane,
    /// The job's name.
    pub name: String,
    /// The scoped unique key.
    pub key: Option<String>,
    /// The job as JSON.
    pub payload: String,
    /// The wait until it is due.
    pub delay: Duration,
}

/// Is the answer to a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The id of the job that now holds the key: the new one's, or the earlier one's.
    pub id: String,
    /// Whether an earlier job holds the key, and the new one was dropped.
    pub duplicate: bool,
}

/// Is one exchange of a pump with the store.
#[derive(Debug, Clone)]
pub struct Turn {
    /// The worker, unique per start.
    pub worker: String,
    /// The lane.
    pub lane: Lane,
    /// The running number of the turn, for this worker and lane.
    pub number: u64,
    /// What has ended.
    pub finished: Vec<Finished>,
    /// The most jobs to claim.
    pub want: usize,
    /// Whether one of them may be on its last chance: at most one such job runs in a worker.
    pub suspect: bool,
    /// How long a claim is valid unless renewed.
    pub lease: Duration,
}

/// Says what became of a claimed job.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The job and its fence.
    pub held: Held,
    /// What became of it.
    pub ending: Ending,
}

/// Is what becomes of a claimed job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It leaves the queue and releases its key.
    Done,
    /// It is due again after a delay; its crashes are forgiven, for it has ended without one.
    Again {
        /// The wait.
        delay: Duration,
        /// The attempts burnt so far.
        attempts: u32,
        /// The death whose `on_dead` is owed.
        dying: Option<Dying>,
    },
    /// It moves to the dead set and releases its key.
    Dead {
        /// The attempts burnt.
        attempts: u32,
        /// Why.
        death: Death,
    },
    /// It returns as it came, with nothing burnt.
    HandBack,
}

/// Is a death whose `on_dead` has not succeeded yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dying {
    /// Why the job died.
    pub death: Death,
    /// How often `on_dead` has failed.
    pub tries: u32,
}

/// Is the answer to a turn.
#[derive(Debug, Clone, Default)]
pub struct Turned {
    /// For each finished job in turn: whether it was still held; a stale one changes nothing.
    pub applied: Vec<bool>,
    /// The claimed jobs, the first due first.
    pub claimed: Vec<Claimed>,
    /// The wait until the next job of the lane is due, if fewer were claimed than wanted.
    pub next_due: Option<Duration>,
}

/// Is a claim: the job, and the fencing token that proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The job and its fence.
    pub held: Held,
    /// The job's name.
    pub name: String,
    /// The job as JSON.
    pub payload: String,
    /// The attempts burnt so far.
    pub attempts: u32,
    /// The crashes so far.
    pub crashes: u32,
    /// Whether it runs apart: its next crash is the last, or it is dying.
    pub suspect: bool,
    /// The death whose `on_dead` is owed.
    pub dying: Option<Dying>,
    /// The time since the push, on the domain clock.
    pub age: Duration,
}

/// Is a job and the token of one claim of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Held {
    /// The job's id.
    pub id: String,
    /// The fencing token.
    pub token: i64,
}

/// Bounds the dead set.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// The most dead jobs that are kept.
    pub dead: usize,
    /// The longest that one is kept.
    pub age: Duration,
}

impl Default for Retention {
    /// 10 000 jobs, 90 days.
    fn default() -> Self {
        Self { dead: 10_000, age: Duration::from_hours(90 * 24) }
    }
}

/// Is what a reaping did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reaped {
    /// Jobs taken back with a crash more, the dying among them.
    pub returned: usize,
    /// Jobs buried without `on_dead`, which had killed its worker too: id and name.
    pub buried: Vec<(String, String)>,
    /// Whether there may be more to do at once.
    pub more: bool,
}

/// Is a live job as others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobView {
    /// The id.
    pub id: String,
    /// What it is doing.
    pub state: JobState,
    /// The running number of the attempt that runs or comes next.
    pub attempt: u32,
    /// When it was or is due, on the domain clock; `None` while it runs.
    pub due_at: Option<DateTime<Utc>>,
}

/// Is what a live job is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// It is due.
    Waiting,
    /// A worker holds it.
    Running,
    /// It is not due yet.
    Delayed,
}

/// Counts the jobs of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneStats {
    /// The lane.
    pub lane: Lane,
    /// Jobs that are due.
    pub waiting: u64,
    /// Jobs that are not due yet.
    pub delayed: u64,
    /// Jobs that a worker holds.
    pub running: u64,
    /// Dead jobs.
    pub dead: u64,
    /// Whether claiming is stopped.
    pub paused: bool,
}

/// Selects dead jobs.
#[derive(Debug, Clone, Default)]
pub struct DeadFilter {
    /// Only jobs of this name.
    pub name: Option<String>,
    /// Only jobs that died before.
    pub before: Option<DateTime<Utc>>,
}

/// Is a dead job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadJob {
    /// The id.
    pub id: String,
    /// The lane.
    pub lane: Lane,
    /// The job's name.
    pub name: String,
    /// The job as JSON.
    pub payload: String,
    /// The attempts burnt.
    pub attempts: u32,
    /// Why it died.
    pub reason: String,
    /// When, on the domain clock.
    pub died_at: DateTime<Utc>,
}

/// Is a tick of a schedule to be claimed.
#[derive(Debug, Clone)]
pub struct Tick {
    /// The schedule's name.
    pub schedule: String,
    /// The latest tick that the caller knows of.
    pub seen: Option<DateTime<Utc>>,
    /// The tick.
    pub at: DateTime<Utc>,
    /// What it pushes.
    pub job: Option<NewJob>,
}

/// Says why a store did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached, or failed; asking again may help.
    #[error("the queue's store does not answer: {0:#}")]
    Unavailable(#[source] anyhow::Error),
    /// Another process claims from this store, and it bears one only.
    #[error("the queue at {0} is in use by another process")]
    Owned(String),
}

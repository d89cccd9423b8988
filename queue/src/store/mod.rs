//! What a store promises. Each promise is a case of the conformance suite (`tests/all/conformance`), which every store
//! passes.
//!
//! Two clocks: a job is due by the store's own time plus the domain offset, one key in the store; a lease runs on real
//! time. Callers pass delays, never times. No call costs more with a longer backlog, [`Store::stats`] aside.

mod look;
mod push;
mod turn;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::sync::watch;

pub use self::{
    look::{DeadFilter, DeadJob, JobState, JobView, LaneStats, Reaped, Retention},
    push::{NewJob, Pushed, Tick},
    turn::{Claimed, Dying, Ending, Finished, Held, Turn, Turned},
};
use crate::lane::Lane;

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

    /// Answers if the store does, and takes writes as far as can be told at little cost.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Returns how many turns of one lane it takes at once with profit.
    fn pumps(&self) -> usize {
        1
    }

    /// Returns what changes when a lane may have got work, at once for this process, within a second for any other.
    fn wakes(&self, lane: Lane) -> watch::Receiver<u64>;
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

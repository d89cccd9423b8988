//! What a turn says and hears: endings and claims.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{lane::Lane, outcome::Death};

/// Is one exchange of a pump with the store.
#[derive(Debug, Clone)]
pub struct Turn {
    /// The pump of a worker, unique per start.
    pub worker: String,
    /// The lane.
    pub lane: Lane,
    /// The running number of the turn, for this pump and lane.
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
    /// No job of its name is known here: it is due again after a delay, and that it was unknown is counted, nothing else.
    Unknown {
        /// The wait.
        delay: Duration,
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
    /// How often in a row no worker that claimed it knew its name.
    pub unknown: u32,
    /// Whether it runs apart: its next crash is the last, or it is dying.
    pub suspect: bool,
    /// The death whose `on_dead` is owed.
    pub dying: Option<Dying>,
    /// The time since the push, on the domain clock.
    pub age: Duration,
    /// How long it had been due when it was claimed.
    pub late: Duration,
    /// The trace of its push.
    pub trace: Option<String>,
}

/// Is a job and the token of one claim of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Held {
    /// The job's id.
    pub id: String,
    /// The fencing token.
    pub token: i64,
}

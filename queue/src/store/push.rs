//! What comes in: jobs, and the ticks that bring them.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::lane::Lane;

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
    /// The trace that the push is part of, as W3C's `traceparent`; no secret, and no promise: nobody may read it.
    pub trace: Option<String>,
}

/// Is the answer to a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The id of the job that now holds the key: the new one's, or the earlier one's.
    pub id: String,
    /// Whether an earlier job holds the key, and the new one was dropped.
    pub duplicate: bool,
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

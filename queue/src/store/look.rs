//! What others see, and how the dead set is kept in bounds.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::lane::Lane;

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
    /// How long the job that is next has been due, which is the oldest but for what has just returned; none if nothing waits.
    pub oldest: Option<Duration>,
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

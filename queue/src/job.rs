//! The contract of a job: a message that says who it is, what it does, and what its death means.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};

use crate::{error::JobError, lane::Lane, outcome::Death};

/// Is a message that can be performed. It carries ids, never secrets: payloads are stored in the open.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Everything that a job may touch.
    type Context: Clone + Send + Sync + 'static;

    /// Names the job in stores, logs and metrics: verb and noun.
    const NAME: &'static str;

    /// Names the latency class.
    const QUEUE: Lane = Lane::Default;

    /// Bounds the attempts, the first one included.
    const ATTEMPTS: u32 = 10;

    /// Bounds one attempt, and one call of `on_dead`.
    const TIMEOUT: Duration = Duration::from_mins(1);

    /// Bounds how long after its push a job may still ask for [`Decision::RetryAt`](crate::Decision), which burns no attempt.
    const MAX_AGE: Duration = Duration::from_hours(24);

    /// Returns what makes the job unique until it is finished, among the jobs of its name.
    fn key(&self) -> Option<String> {
        None
    }

    /// Does the work. It may run twice, and may be stopped at any `await`.
    fn perform(&self, ctx: &Self::Context) -> impl Future<Output = Result<(), JobError>> + Send;

    /// Records the death where others look for it, before the job leaves the queue; tried again until it succeeds.
    fn on_dead(&self, _ctx: &Self::Context, _reason: &Death) -> impl Future<Output = Result<(), JobError>> + Send {
        async { Ok(()) }
    }
}

/// Returns the unique key as stores know it.
pub(crate) fn scoped_key(name: &str, key: &str) -> String {
    format!("{name}:{key}")
}

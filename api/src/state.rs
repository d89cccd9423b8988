//! What every route may touch. Built once at boot.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use entities::Db;
use entities::seal::Keyring;
use queue::clock::Clock;
use queue::{Pushed, Queue, QueueError};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::config::Config;
use crate::memory::Memory;
use crate::problem::Problem;

/// How long a caller waits for a queue that hangs: his row says enough.
const PATIENCE: Duration = Duration::from_secs(2);

/// What every route may touch.
#[derive(Clone)]
pub struct AppState {
    /// The tables.
    pub db: Db,
    /// Where work is pushed.
    pub queue: Queue,
    /// The domain's time.
    pub clock: Arc<dyn Clock>,
    /// The time outside, by which the host platform's tokens end: nobody there follows the domain's clock.
    pub wall: Arc<dyn Clock>,
    /// The keys of sealed inputs and of the dialog's state.
    pub keyring: Keyring,
    /// What the routes were told at boot.
    pub config: Arc<Config>,
    /// Cancelled when the process stops: whoever waits is answered with what is known by then.
    pub stop: CancellationToken,
    /// What the routes of this process know together.
    pub memory: Memory,
}

impl AppState {
    /// Returns the domain's time.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Pushes work whose row is written. If the queue cannot be reached, the scan for due rows pushes it later, so
    /// that the caller's answer is the same.
    pub async fn push<J: queue::Job>(&self, job: &J) -> Option<Pushed> {
        let pushed = answered(self.queue.push(job)).await;
        if let Err(error) = &pushed {
            tracing::warn!(error, job = J::NAME, "not pushed; its row is written, and the next scan pushes it");
        }
        pushed.ok()
    }
}

/// Waits for the queue's answer, or says why there is none.
pub(crate) async fn answered<T>(asking: impl Future<Output = Result<T, QueueError>>) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(format!("the queue does not answer within {} s", PATIENCE.as_secs())),
    }
}

/// Does `work` to its end even if the caller hangs up: between a row and its push there is no gap.
pub(crate) async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Result<T, Problem> {
    tokio::spawn(work.in_current_span()).await.map_err(|error| Problem::unavailable(&error))?
}

impl std::fmt::Debug for AppState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppState").field("config", &self.config).finish_non_exhaustive()
    }
}

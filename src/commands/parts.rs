//! The parts of a running process: together or not at all.

use std::fmt::Display;
use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// What the parts may take to stop, beyond the grace that running jobs have.
pub(super) const LAST_WORDS: Duration = Duration::from_secs(5);

/// Parts that run beside each other until one of them ends, or all are stopped.
pub(super) struct Parts {
    running: JoinSet<anyhow::Result<()>>,
    stop: CancellationToken,
}

impl Parts {
    /// Begins without any; each part that is started listens to `stop`.
    pub(super) fn new(stop: &CancellationToken) -> Self {
        Self { running: JoinSet::new(), stop: stop.clone() }
    }

    /// Starts a part.
    pub(super) fn spawn<E>(&mut self, name: &'static str, part: impl Future<Output = Result<(), E>> + Send + 'static)
    where
        Result<(), E>: Context<(), E>,
        E: Display + Send + 'static,
    {
        self.running.spawn(async move { part.await.context(name) });
    }

    /// Waits until all have ended, and after the stop no longer than the grace and a little more.
    pub(super) async fn ended(self, grace: Duration) -> anyhow::Result<()> {
        let (patience, stop) = (grace + LAST_WORDS, self.stop.clone());
        tokio::select! {
            ended = self.all() => ended,
            () = async { stop.cancelled().await; tokio::time::sleep(patience).await } => {
                Err(anyhow::anyhow!("a part was still busy {} s after the stop", patience.as_secs()))
            }
        }
    }

    /// The first one to end takes the others along.
    async fn all(mut self) -> anyhow::Result<()> {
        let mut ended = Ok(());
        while let Some(part) = self.running.join_next().await {
            self.stop.cancel();
            ended = ended.and(part.map_err(anyhow::Error::from).and_then(|part| part));
        }
        ended
    }
}

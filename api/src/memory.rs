//! What the routes of one process know together, beside the rows. Nothing of it is needed after a restart.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::sync::watch;
use tracing::Instrument;

use crate::job_view::{Progress, RunView};
use crate::job_watch::JobWatch;
use crate::recent::{Recent, RecentOf};
use crate::routes::health::Heard;

/// What the routes of one process know together.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Who waits for which run.
    pub(crate) waiters: Arc<JobWatch<RunView>>,
    /// How far runs were, just now.
    pub(crate) progress: Arc<RecentOf<Progress>>,
    /// Whether the database and the queue answered, just now.
    pub(crate) parts: Arc<Recent<Heard>>,
    /// What is being noted behind the answers.
    pub(crate) notes: Notes,
}

impl Memory {
    /// Waits until nothing is being noted behind the answers given so far: for tests, which look at the rows next.
    pub async fn noted(&self) {
        let _ = self.notes.0.subscribe().wait_for(HashSet::is_empty).await;
    }
}

/// What is being noted, each by its name.
#[derive(Clone, Debug)]
pub(crate) struct Notes(Arc<watch::Sender<HashSet<String>>>);

impl Default for Notes {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::default()))
    }
}

impl Notes {
    /// Does `work` behind the answer, unless the same is being done; if it fails, the log says so and the next request
    /// does it again.
    pub(crate) fn note(&self, name: String, work: impl Future<Output = Result<(), sea_orm::DbErr>> + Send + 'static) {
        if !self.0.send_if_modified(|names| names.insert(name.clone())) {
            return;
        }
        let begun = Begun { notes: self.clone(), name };
        let noting = async move {
            let begun = begun;
            if let Err(error) = work.await {
                tracing::warn!(%error, note = begun.name, "not noted; the next request tries again");
            }
        };
        tokio::spawn(noting.in_current_span());
    }
}

/// A note that is being made, until it is dropped.
struct Begun {
    notes: Notes,
    name: String,
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.notes.0.send_if_modified(|names| names.remove(&self.name));
    }
}

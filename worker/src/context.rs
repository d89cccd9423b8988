//! Everything that a job may touch. Built once at boot, and once in the tests' harness.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entities::Db;
use entities::seal::Keyring;
use queue::Queue;
use queue::clock::Clock;

use crate::graph::Graph;

/// Everything that a job may touch.
#[derive(Clone)]
pub struct Context {
    /// The tables.
    pub db: Db,
    /// Where a job puts further jobs.
    pub queue: Queue,
    /// The domain's time.
    pub clock: Arc<dyn Clock>,
    /// The keys of the sealed columns.
    pub keyring: Keyring,
    /// Meta.
    pub graph: Graph,
}

impl Context {
    /// Returns the domain's time.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}

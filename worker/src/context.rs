//! Everything that a job may touch. Built once at boot, and once in the tests' harness.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entities::seal::Keyring;
use entities::{Db, job_run};
use queue::Queue;
use queue::clock::Clock;

use crate::alerts::Operator;
use crate::download::Download;
use crate::expiry::Owners;
use crate::graph::Graph;
use crate::mail::Mailer;
use crate::migrating::Terms;
use crate::outlet::Outlet;
use crate::throttles::{Key, Priority, Throttles};
use crate::x::{self, X};

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
    /// Meta. Calls that are counted by a key go through [`Context::graph_for`].
    pub graph: Graph,
    /// The keys that Meta counts our calls by.
    pub throttles: Throttles,
    /// The legacy outlet; without one nothing is served by it.
    pub outlet: Option<Outlet>,
    /// X. Calls for an account go through its gate (`Context::x_for`).
    pub x: X,
    /// Pictures and videos.
    pub download: Download,
    /// The mail server; without one nobody is mailed.
    pub mailer: Option<Mailer>,
    /// How the operator is reached.
    pub operator: Operator,
    /// How owners are told that connections end.
    pub owners: Owners,
    /// What the operator said of moving old apps off the outlet.
    pub migrating: Terms,
}

impl Context {
    /// Returns what is kept of a run that ends in this attempt.
    pub(crate) fn end(&self) -> job_run::End {
        job_run::End { at: self.now(), attempts: i32::try_from(queue::attempt()).unwrap_or(i32::MAX) }
    }

    /// Returns Meta as calls reach it that are counted by these keys and by our app: a closed key is not called.
    pub fn graph_for(&self, keys: impl IntoIterator<Item = Key>, priority: Priority) -> Graph {
        self.graph.through(self.throttles.gate((&self.db, &self.clock), keys, priority))
    }

    /// Returns X as calls reach it that are counted by an account there.
    pub(crate) fn x_for(&self, x_user_id: &str) -> X {
        self.x_through(Some(x_user_id.to_owned()))
    }

    /// Returns X as calls reach it that our app makes for itself.
    pub(crate) fn x_for_app(&self) -> X {
        self.x_through(None)
    }

    fn x_through(&self, x_user_id: Option<String>) -> X {
        self.x.through(x::Gate { db: self.db.clone(), clock: self.clock.clone(), x_user_id })
    }

    /// Returns the time outside, by which what others signed ends, wherever the domain's clock was moved to.
    pub fn wall_now(&self) -> DateTime<Utc> {
        self.clock.now() - self.clock.offset()
    }

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

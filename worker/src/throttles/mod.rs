//! The keys that Meta counts our calls by: which are closed, until when, and how much of each is used.
//!
//! Whoever calls Meta says by which keys the call is counted, and for whom it is made, and asks through the gate
//! ([`crate::Context::graph_for`]). A key that is closed is not called: the call fails as one that Meta limited, with the
//! time at which the key opens, and the work is parked in its row. A key closes before all of its allowance is used, for
//! what can wait first ([`Priority`]).
//!
//! What is known is exact in memory, and kept in `throttles` for other processes and for the next start: when a key closes
//! or opens, for all or for some, and when its percentage has moved by ten. Between two such moments another process knows it
//! from the answers that it gets itself.

mod gate;
mod key;
mod known;
mod level;
mod spread;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use entities::Db;
use queue::clock::Clock;

use self::known::Known;

pub(crate) use gate::Closed;
pub use gate::Gate;
pub use key::{Key, Priority};
pub(crate) use spread::MANY;
pub use spread::spread;

/// What this process knows of the keys. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct Throttles(Arc<Mutex<Memory>>);

#[derive(Debug, Default)]
struct Memory(HashMap<Key, Known>);

/// How much of an allowance is used, and what a call costs, both in per cent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// How much is used.
    pub used: f64,
    /// What a call costs.
    pub cost: f64,
}

impl Throttles {
    /// Returns the gate for calls that are counted by these keys, and by our app.
    pub fn gate(
        &self,
        (db, clock): (&Db, &Arc<dyn Clock>),
        keys: impl IntoIterator<Item = Key>,
        priority: Priority,
    ) -> Gate {
        let keys = [Key::App].into_iter().chain(keys).collect();
        Gate { throttles: self.clone(), db: db.clone(), clock: clock.clone(), keys, priority }
    }

    /// Returns how much of a key's allowance is used, once this process has seen, or read, what a call costs.
    pub fn budget(&self, key: &Key, now: DateTime<Utc>) -> Option<Budget> {
        let memory = self.lock();
        let level = &memory.0.get(key)?.level;
        Some(Budget { used: level.used(now), cost: level.cost_seen()? })
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    /// Returns what is known of a key.
    fn of(&mut self, key: &Key) -> &mut Known {
        self.0.entry(key.clone()).or_insert_with(|| Known::new(key))
    }
}

//! The job engine: jobs are pushed, claimed under a lease, performed, tried again, buried. It knows nothing of what they do.
//!
//! | file | subject |
//! |---|---|
//! | `job`, `error`, `outcome`, `retry` | the contract of a job, what it says of a failure, what the engine makes of it, and when |
//! | `lane`, `clock`, `random` | latency classes, the domain's time, chance |
//! | `queue`, `operate` | the handle: pushing and looking; the operator's hands |
//! | `registry`, `options`, `engine` | what a worker knows and how much of it runs; its start, its stop, `drain` |
//! | `slots`, `pump`, `heartbeat`, `reaper`, `schedule` | the tasks of a running worker, one subject each |
//! | `outage` | whether the store is away for one of them, so that each outage is told of once |
//! | `backend`, `lease`, `run` | one claimed job: through apalis, under its lease, to its ending |
//! | `meter`, `trace` | what is counted and timed; the thread from a push through its attempts |
//! | `store/`, `sqlite/`, `redis/`, `wakes` | what every store promises, the embedded one, the one of production, and what wakes their sleepers |
//!
//! How it travels: [`Queue::push`] → store → `pump` claims a lease and sends it through `backend` to apalis' worker →
//! `lease` waits for a slot and guards → `run` performs, decides, and lets `on_dead` speak → `pump` finishes it, in the same call that
//! claims the next.
//!
//! ```
//! use std::sync::Arc;
//!
//! use queue::{Engine, Job, JobError, Queue, clock::SystemClock, sqlite::SqliteStore};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Greet {
//!     name: String,
//! }
//!
//! impl Job for Greet {
//!     type Context = ();
//!     const NAME: &'static str = "greet";
//!
//!     async fn perform(&self, (): &()) -> Result<(), JobError> {
//!         assert_eq!(self.name, "Ada");
//!         Ok(())
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> anyhow::Result<()> {
//! # let folder = tempfile::tempdir()?;
//! let store = SqliteStore::open(&folder.path().join("queue.db")).await?;
//! let queue = Queue::new(store, Arc::new(SystemClock));
//! queue.push(&Greet { name: "Ada".to_owned() }).await?;
//! Engine::new(queue, ()).register::<Greet>().drain().await?;
//! # Ok(())
//! # }
//! ```

mod backend;
mod engine;
mod error;
mod heartbeat;
mod lease;
mod meter;
mod operate;
mod options;
mod outage;
mod outcome;
mod pump;
mod queue;
mod random;
mod reaper;
mod registry;
mod run;
mod schedule;
mod slots;
mod wakes;

pub mod clock;
pub mod job;
pub mod lane;
pub mod redis;
pub mod retry;
pub mod sqlite;
pub mod store;
pub mod trace;

pub use engine::Engine;
pub use error::{Decision, JobError, QueueError};
pub use job::Job;
pub use lane::Lane;
pub use options::Options;
pub use outcome::Death;
pub use queue::Queue;
pub use run::attempt;
pub use store::{JobState, JobView, Pushed, Store, StoreError};

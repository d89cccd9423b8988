//! The embedded store: one SQLite file, one process that claims from it, others that push and look. It opens its file
//! with one connection, writes in `BEGIN IMMEDIATE` transactions, and wakes its own process from memory.

mod dead;
mod file;
mod lease;
mod lock;
mod look;
mod push;
mod schema;
mod ticks;
mod turn;
mod watch;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::sqlx;
use tokio::sync::{Mutex, watch as channel};

use self::{
    file::{OpenFile, unavailable},
    lock::Lock,
};
use crate::{
    clock::{Clock, SystemClock},
    lane::Lane,
    store::{
        DeadFilter, DeadJob, Held, JobView, LaneStats, NewJob, Pushed, Reaped, Retention, Store, StoreError, Tick,
        Turn, Turned,
    },
    wakes::Wakes,
};

/// Tells the time on which leases run, from any start; it never goes back.
pub type LeaseClock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Keeps jobs in a SQLite file.
pub struct SqliteStore {
    path: String,
    file: Arc<Mutex<OpenFile>>,
    lease_clock: LeaseClock,
    wakes: Wakes,
    /// Held while the store lives, by the process that claims.
    lock: Option<Lock>,
}

impl SqliteStore {
    /// Opens the file to claim from it; fails if another process does. Every lease is taken back at once, as a crash.
    pub async fn open(path: &Path) -> Result<Arc<Self>, StoreError> {
        let start = Instant::now();
        Self::open_with(path, Arc::new(move || start.elapsed())).await
    }

    /// Opens the file to claim from it, with leases on a clock of the caller's.
    pub async fn open_with(path: &Path, lease_clock: LeaseClock) -> Result<Arc<Self>, StoreError> {
        let lock = Lock::take(path)?;
        let store = Self::assemble(path, lease_clock, Some(lock)).await?;
        lease::take_back_all(&store).await.map_err(unavailable)?;
        watch::spawn(&store.file, store.wakes.clone());
        Ok(store)
    }

    /// Opens the file to push and to look only, beside whatever process claims from it.
    pub async fn open_producer(path: &Path) -> Result<Arc<Self>, StoreError> {
        Self::assemble(path, Arc::new(|| Duration::ZERO), None).await
    }

    async fn assemble(path: &Path, lease_clock: LeaseClock, lock: Option<Lock>) -> Result<Arc<Self>, StoreError> {
        let file = Arc::new(Mutex::new(OpenFile::open(path).await?));
        let wakes = Wakes::default();
        Ok(Arc::new(Self { path: path.display().to_string(), file, lease_clock, wakes, lock }))
    }

    /// Runs an operation, and once more if its failure could be mended.
    async fn mending<T, F>(&self, operation: impl Fn() -> F + Send + Sync) -> Result<T, StoreError>
    where
        T: Send,
        F: Future<Output = sqlx::Result<T>> + Send,
    {
        let mut result = operation().await;
        if let Err(error) = &result
            && self.file.lock().await.heal(error).await
        {
            result = operation().await;
            if let Err(error) = &result {
                self.file.lock().await.heal(error).await;
            }
        }
        result.map_err(unavailable)
    }

    /// Refuses a claim through a handle that was opened to push, or whose lock another process has taken.
    fn claiming(&self) -> Result<(), StoreError> {
        self.lock.as_ref().map_or_else(|| Err(StoreError::Owned(self.path.clone())), Lock::keep)
    }

    fn lease_ms(&self) -> i64 {
        millis((self.lease_clock)())
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn push(&self, jobs: &[NewJob]) -> Result<Vec<Pushed>, StoreError> {
        self.mending(|| push::push(self, jobs)).await
    }

    async fn turn(&self, turn: &Turn) -> Result<Turned, StoreError> {
        self.claiming()?;
        self.mending(|| turn::turn(self, turn)).await
    }

    async fn renew(&self, held: &[Held], lease: Duration) -> Result<Vec<bool>, StoreError> {
        self.claiming()?;
        self.mending(|| lease::renew(self, held, lease)).await
    }

    async fn reap(&self, retention: &Retention) -> Result<Reaped, StoreError> {
        self.claiming()?;
        self.mending(|| lease::reap(self, retention)).await
    }

    async fn find(&self, key: &str) -> Result<Option<JobView>, StoreError> {
        self.mending(|| look::find(self, key)).await
    }

    async fn is_idle(&self) -> Result<bool, StoreError> {
        self.mending(|| look::is_idle(self)).await
    }

    async fn stats(&self) -> Result<Vec<LaneStats>, StoreError> {
        self.mending(|| look::stats(self)).await
    }

    async fn set_paused(&self, lane: Lane, paused: bool) -> Result<(), StoreError> {
        self.mending(|| ticks::set(self, lane.as_str(), i64::from(paused))).await
    }

    async fn dead(&self, filter: &DeadFilter, limit: usize) -> Result<Vec<DeadJob>, StoreError> {
        self.mending(|| dead::list(self, filter, limit)).await
    }

    async fn retry_dead(&self, ids: &[String]) -> Result<usize, StoreError> {
        self.mending(|| dead::retry(self, ids)).await
    }

    async fn delete_dead(&self, ids: &[String]) -> Result<usize, StoreError> {
        self.mending(|| dead::delete(self, ids)).await
    }

    async fn last_tick(&self, schedule: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.mending(|| ticks::last(self, schedule)).await
    }

    async fn tick(&self, tick: &Tick) -> Result<bool, StoreError> {
        self.mending(|| ticks::tick(self, tick)).await
    }

    async fn offset(&self) -> Result<i64, StoreError> {
        self.mending(|| ticks::offset(self)).await
    }

    async fn set_offset(&self, ms: i64) -> Result<(), StoreError> {
        self.mending(|| ticks::set(self, ticks::OFFSET, ms)).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.mending(|| look::ping(self)).await
    }

    fn wakes(&self, lane: Lane) -> channel::Receiver<u64> {
        self.wakes.subscribe(lane)
    }
}

/// Returns the system's time in ms, on which the domain's is built.
fn system_ms() -> i64 {
    SystemClock.now().timestamp_millis()
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

fn duration(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or_default())
}

/// Returns a count as SQLite takes it.
fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Returns a list as `json_each` reads it.
fn json(list: &impl serde::Serialize) -> sqlx::Result<String> {
    serde_json::to_string(list).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// Returns a number that was written as `u32`.
fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

/// Returns a lane that was written as text; a name that another version knew is ordinary work.
fn lane(name: &str) -> Lane {
    name.parse().unwrap_or(Lane::Default)
}

/// Returns a time that was written as ms.
fn time(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

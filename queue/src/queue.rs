//! The handle of a queue: what producers push through and look with. Cheap to clone.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::time::sleep;

use crate::{
    clock::Clock,
    error::QueueError,
    job::{Job, scoped_key},
    lane::Lane,
    meter, random,
    store::{BATCH, JobView, NewJob, Pushed, Store, StoreError},
    trace,
};

/// How long a process may be behind the clock that it follows before its jobs go on all the same.
const BEHIND: Duration = Duration::from_secs(2);

/// How often it is looked whether it has caught up.
const LOOK: Duration = Duration::from_millis(20);

/// Pushes jobs and looks at them.
#[derive(Clone)]
pub struct Queue {
    shared: Arc<Shared>,
}

struct Shared {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// Whether this process tells the store how far the domain is ahead.
    imposes: bool,
    /// The clock's offset in ms that the store is known to have. A process whose clock never moves never writes it.
    offset: AtomicI64,
    /// The domain time in ms of the next tick of this process' engine.
    next_tick: AtomicI64,
    /// The lanes of this process' engine: when each was answered last, or began, and whether it has been answered.
    lanes: Mutex<BTreeMap<Lane, (Instant, bool)>>,
}

impl Queue {
    /// Joins a store and a clock. Where the clock goes, the store's time goes along.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self::join(store, clock, true)
    }

    /// Joins a store and a clock that goes after another one, as other processes' clocks do too. Whoever reads that one
    /// tells the store, when all can have heard; nothing here does, for this clock may be the last to know. Until both
    /// agree, no schedule ticks.
    pub fn following(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self::join(store, clock, false)
    }

    fn join(store: Arc<dyn Store>, clock: Arc<dyn Clock>, imposes: bool) -> Self {
        let offset = AtomicI64::new(clock.offset().num_milliseconds());
        let next_tick = AtomicI64::new(i64::MAX);
        Self { shared: Arc::new(Shared { store, clock, imposes, offset, next_tick, lanes: Mutex::default() }) }
    }

    /// Returns the domain's clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.shared.clock
    }

    /// Pushes a job that is due at once.
    pub async fn push<J: Job>(&self, job: &J) -> Result<Pushed, QueueError> {
        self.push_in(job, Duration::ZERO).await
    }

    /// Pushes a job that is due after a delay, on the domain clock.
    pub async fn push_in<J: Job>(&self, job: &J, delay: Duration) -> Result<Pushed, QueueError> {
        let new = NewJob { delay, trace: trace::current(), ..new_job(job)? };
        let pushed = self.push_page::<J>(std::slice::from_ref(&new)).await?;
        pushed.into_iter().next().ok_or_else(|| {
            StoreError::Unavailable(anyhow::anyhow!("the store answered a push of one job with none")).into()
        })
    }

    /// Pushes jobs in bounded pages; if a page fails, those before it are pushed. Each begins a trace of its own: a scan's
    /// would have no end.
    pub async fn push_all<J: Job>(&self, jobs: &[J]) -> Result<Vec<Pushed>, QueueError> {
        let mut pushed = Vec::with_capacity(jobs.len());
        for page in jobs.chunks(BATCH) {
            let page = page.iter().map(new_job).collect::<Result<Vec<_>, _>>()?;
            pushed.extend(self.push_page::<J>(&page).await?);
        }
        Ok(pushed)
    }

    async fn push_page<J: Job>(&self, jobs: &[NewJob]) -> Result<Vec<Pushed>, StoreError> {
        let pushed = async {
            self.follow_clock().await?;
            self.store().push(jobs).await
        };
        let pushed = pushed.await;
        match &pushed {
            Ok(pushed) => {
                let duplicates = pushed.iter().filter(|pushed| pushed.duplicate).count();
                meter::pushed(J::NAME, "inserted", pushed.len() - duplicates);
                meter::pushed(J::NAME, "duplicate", duplicates);
            }
            Err(_) => meter::pushed(J::NAME, "failed", jobs.len()),
        }
        pushed
    }

    /// Returns the job of this kind that holds `key`.
    pub async fn find<J: Job>(&self, key: &str) -> Result<Option<JobView>, QueueError> {
        self.follow_clock().await?;
        Ok(self.store().find(&scoped_key(J::NAME, key)).await?)
    }

    /// Says whether nothing runs and nothing is due: no job, and no tick of this process' schedules. What is delayed does not count.
    pub async fn is_idle(&self) -> Result<bool, QueueError> {
        self.follow_clock().await?;
        Ok(!self.tick_is_due() && self.store().is_idle().await? && !self.tick_is_due())
    }

    /// Answers if the store does, and takes writes.
    pub async fn ping(&self) -> Result<(), QueueError> {
        Ok(self.store().ping().await?)
    }

    /// Returns how long ago this process' engine was answered last, for `/readyz`: of its lanes the one for which that is
    /// longest ago counts, from the start on. Each asks at least every 15 s, idle or busy.
    pub fn last_turn(&self) -> Option<Duration> {
        self.lanes().values().map(|(at, _)| at.elapsed()).max()
    }

    /// Says whether this process' engine has been answered for each of its lanes.
    pub fn is_claiming(&self) -> bool {
        let lanes = self.lanes();
        !lanes.is_empty() && lanes.values().all(|(_, answered)| *answered)
    }

    /// Writes the clock's offset to the store if the clock has been moved.
    pub(crate) async fn follow_clock(&self) -> Result<(), StoreError> {
        let offset = self.shared.clock.offset().num_milliseconds();
        if self.shared.offset.load(Ordering::Acquire) != offset {
            self.impose_clock().await?;
        }
        Ok(())
    }

    /// Writes the clock's offset to the store: the engine's process is the authority on it, unless its clock follows.
    pub(crate) async fn impose_clock(&self) -> Result<(), StoreError> {
        if !self.shared.imposes {
            return Ok(());
        }
        let offset = self.shared.clock.offset().num_milliseconds();
        if self.store().offset().await? != offset {
            self.store().set_offset(offset).await?;
        }
        self.shared.offset.store(offset, Ordering::Release);
        Ok(())
    }

    /// Says whether this process lives at the store's time: one that follows another clock may be behind, or ahead.
    pub(crate) async fn is_at_the_stores_time(&self) -> Result<bool, StoreError> {
        let offset = self.shared.clock.offset().num_milliseconds();
        Ok(self.shared.imposes || self.store().offset().await? == offset)
    }

    /// Waits until this process lives at the store's time, where its clock follows another one: what fell due at a time is
    /// not done by somebody who still lives before it. A clock that does not come along is waited for a little while.
    pub(crate) async fn catch_up(&self) {
        if self.shared.imposes {
            return;
        }
        let until = Instant::now() + BEHIND;
        while !matches!(self.is_at_the_stores_time().await, Ok(true)) && Instant::now() < until {
            sleep(LOOK).await;
        }
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.shared.store.as_ref()
    }

    /// An engine starts to claim from these lanes, and from no other.
    pub(crate) fn begin(&self, lanes: impl Iterator<Item = Lane>) {
        *self.lanes() = lanes.map(|lane| (lane, (Instant::now(), false))).collect();
    }

    /// The store has answered a turn.
    pub(crate) fn turned(&self, lane: Lane) {
        self.lanes().insert(lane, (Instant::now(), true));
    }

    fn lanes(&self) -> MutexGuard<'_, BTreeMap<Lane, (Instant, bool)>> {
        self.shared.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says when the schedules of this process want to be looked at next; until then they are not behind.
    pub(crate) fn set_next_tick(&self, domain_ms: i64) {
        self.shared.next_tick.store(domain_ms, Ordering::Release);
    }

    fn tick_is_due(&self) -> bool {
        self.shared.clock.now().timestamp_millis() >= self.shared.next_tick.load(Ordering::Acquire)
    }
}

/// Writes a job down.
pub(crate) fn new_job<J: Job>(job: &J) -> Result<NewJob, QueueError> {
    Ok(NewJob {
        id: random::id(),
        lane: J::QUEUE,
        name: J::NAME.to_owned(),
        key: job.key().map(|key| scoped_key(J::NAME, &key)),
        payload: serde_json::to_string(job)?,
        delay: Duration::ZERO,
        trace: None,
    })
}

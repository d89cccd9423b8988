//! A store in front of a store: it fails, hangs, loses or keeps answers, as a case wants it, and passes the rest on.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use queue::{
    JobView, Lane, Pushed, Store, StoreError,
    store::{DeadFilter, DeadJob, Held, LaneStats, NewJob, Reaped, Retention, Tick, Turn, Turned},
};
use tokio::sync::{RwLock, watch};

use crate::world::in_time;

/// What becomes of a call.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Fate {
    /// It is passed on.
    Pass,
    /// Nothing is done.
    Fail,
    /// Nothing is done, and no answer comes.
    Hang,
    /// It is done, and the answer lost.
    LoseAnswers,
    /// The same, but only every other time.
    LoseEveryOther,
}

/// Counts and spoils calls of one sort.
pub(crate) struct Gate {
    fate: RwLock<Fate>,
    calls: watch::Sender<usize>,
}

impl Gate {
    fn new() -> Self {
        Self { fate: RwLock::new(Fate::Pass), calls: watch::Sender::new(0) }
    }

    /// Decides on the calls from here on; none that was passed on before is still on its way.
    pub(crate) async fn set(&self, fate: Fate) {
        *self.fate.write().await = fate;
    }

    /// Waits until the store has been asked so many times more.
    pub(crate) async fn asked(&self, times: usize) {
        let mut calls = self.calls.subscribe();
        let before = *calls.borrow();
        in_time(calls.wait_for(|calls| *calls >= before + times)).await.unwrap();
    }

    async fn pass<T>(&self, call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let fate = self.fate.read().await;
        let calls = *self.calls.borrow() + 1;
        self.calls.send_replace(calls);
        match *fate {
            Fate::Fail => away(),
            Fate::Hang => {
                drop(fate);
                std::future::pending().await
            }
            Fate::LoseAnswers => call.await.and_then(|_| away()),
            Fate::LoseEveryOther if calls % 2 == 1 => call.await.and_then(|_| away()),
            Fate::Pass | Fate::LoseEveryOther => call.await,
        }
    }
}

/// Keeps the answers of some turns back.
pub(crate) struct Kept {
    which: fn(&Turn, &Turned) -> bool,
    keeps: watch::Sender<bool>,
    gone: watch::Sender<bool>,
}

impl Kept {
    /// Waits until it keeps one.
    pub(crate) async fn keeps_one(&self) {
        in_time(self.keeps.subscribe().wait_for(|keeps| *keeps)).await.unwrap();
    }

    /// Lets it go, and keeps no other.
    pub(crate) fn let_go(&self) {
        self.gone.send_replace(true);
    }

    async fn pass(&self) {
        self.keeps.send_replace(true);
        self.gone.subscribe().wait_for(|gone| *gone).await.unwrap();
    }
}

pub(crate) struct Lossy {
    inner: Arc<dyn Store>,
    kept: Mutex<Vec<Arc<Kept>>>,
    pub(crate) turns: Gate,
    pub(crate) beats: Gate,
}

impl Lossy {
    pub(crate) fn new(inner: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self { inner, kept: Mutex::default(), turns: Gate::new(), beats: Gate::new() })
    }

    /// Keeps the answers of these turns back from here on.
    pub(crate) fn keep(&self, which: fn(&Turn, &Turned) -> bool) -> Arc<Kept> {
        let kept = Arc::new(Kept { which, keeps: watch::Sender::new(false), gone: watch::Sender::new(false) });
        self.kept.lock().unwrap().push(kept.clone());
        kept
    }
}

fn away<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable(anyhow::anyhow!("no answer")))
}

#[async_trait]
impl Store for Lossy {
    async fn turn(&self, turn: &Turn) -> Result<Turned, StoreError> {
        let turned = self.turns.pass(self.inner.turn(turn)).await?;
        let kept = self.kept.lock().unwrap().iter().find(|kept| (kept.which)(turn, &turned)).cloned();
        if let Some(kept) = kept {
            kept.pass().await;
        }
        Ok(turned)
    }

    async fn renew(&self, held: &[Held], lease: Duration) -> Result<Vec<bool>, StoreError> {
        self.beats.pass(self.inner.renew(held, lease)).await
    }

    async fn push(&self, jobs: &[NewJob]) -> Result<Vec<Pushed>, StoreError> {
        self.inner.push(jobs).await
    }

    async fn reap(&self, retention: &Retention) -> Result<Reaped, StoreError> {
        self.inner.reap(retention).await
    }

    async fn find(&self, key: &str) -> Result<Option<JobView>, StoreError> {
        self.inner.find(key).await
    }

    async fn is_idle(&self) -> Result<bool, StoreError> {
        self.inner.is_idle().await
    }

    async fn stats(&self) -> Result<Vec<LaneStats>, StoreError> {
        self.inner.stats().await
    }

    async fn set_paused(&self, lane: Lane, paused: bool) -> Result<(), StoreError> {
        self.inner.set_paused(lane, paused).await
    }

    async fn dead(&self, filter: &DeadFilter, limit: usize) -> Result<Vec<DeadJob>, StoreError> {
        self.inner.dead(filter, limit).await
    }

    async fn retry_dead(&self, ids: &[String]) -> Result<usize, StoreError> {
        self.inner.retry_dead(ids).await
    }

    async fn delete_dead(&self, ids: &[String]) -> Result<usize, StoreError> {
        self.inner.delete_dead(ids).await
    }

    async fn last_tick(&self, schedule: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.inner.last_tick(schedule).await
    }

    async fn tick(&self, tick: &Tick) -> Result<bool, StoreError> {
        self.inner.tick(tick).await
    }

    async fn offset(&self) -> Result<i64, StoreError> {
        self.inner.offset().await
    }

    async fn set_offset(&self, ms: i64) -> Result<(), StoreError> {
        self.inner.set_offset(ms).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.inner.ping().await
    }

    fn pumps(&self) -> usize {
        self.inner.pumps()
    }

    fn wakes(&self, lane: Lane) -> watch::Receiver<u64> {
        self.inner.wakes(lane)
    }
}

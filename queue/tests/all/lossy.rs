//! A store in front of a store: it fails, or loses answers, and passes the rest on.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use queue::{
    JobView, Lane, Pushed, Store, StoreError,
    store::{DeadFilter, DeadJob, Held, LaneStats, NewJob, Reaped, Retention, Tick, Turn, Turned},
};
use tokio::sync::watch;

/// What goes wrong.
pub(crate) enum Fault {
    /// Every second turn is done, and its answer lost.
    AnswersGetLost,
    /// So many turns fail first.
    AwayForTurns(usize),
    /// No lease can be prolonged.
    NoHeartBeat,
}

pub(crate) struct Lossy {
    inner: Arc<dyn Store>,
    fault: Fault,
    turns: AtomicUsize,
}

impl Lossy {
    pub(crate) fn new(inner: Arc<dyn Store>, fault: Fault) -> Self {
        Self { inner, fault, turns: AtomicUsize::new(0) }
    }
}

fn away<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable(anyhow::anyhow!("no answer")))
}

#[async_trait]
impl Store for Lossy {
    async fn turn(&self, turn: &Turn) -> Result<Turned, StoreError> {
        let turns = self.turns.fetch_add(1, Ordering::SeqCst);
        match self.fault {
            Fault::AwayForTurns(count) if turns < count => return away(),
            Fault::AnswersGetLost if turns.is_multiple_of(2) => {
                self.inner.turn(turn).await?;
                return away();
            }
            _ => {}
        }
        self.inner.turn(turn).await
    }

    async fn renew(&self, held: &[Held], lease: Duration) -> Result<Vec<bool>, StoreError> {
        if matches!(self.fault, Fault::NoHeartBeat) { away() } else { self.inner.renew(held, lease).await }
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

    fn wakes(&self, lane: Lane) -> watch::Receiver<u64> {
        self.inner.wakes(lane)
    }
}

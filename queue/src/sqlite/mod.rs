//! The embedded store: one file, one process that claims.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::sync::watch;

use crate::{
    lane::Lane,
    store::{
        DeadFilter, DeadJob, Held, JobView, LaneStats, NewJob, Pushed, Reaped, Retention, Store, StoreError, Tick,
        Turn, Turned,
    },
};

/// Keeps jobs in a SQLite file.
pub struct SqliteStore {}

impl SqliteStore {
    /// Opens the file to claim from it; fails if another process does. Every lease is taken back, as a crash.
    pub async fn open(path: &Path) -> Result<Arc<Self>, StoreError> {
        Self::open_producer(path).await
    }

    /// Opens the file to push and to look only.
    pub async fn open_producer(path: &Path) -> Result<Arc<Self>, StoreError> {
        Err(StoreError::Owned(path.display().to_string()))
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn push(&self, _: &[NewJob]) -> Result<Vec<Pushed>, StoreError> {
        Ok(vec![])
    }
    async fn turn(&self, _: &Turn) -> Result<Turned, StoreError> {
        Ok(Turned::default())
    }
    async fn renew(&self, _: &[Held], _: std::time::Duration) -> Result<Vec<bool>, StoreError> {
        Ok(vec![])
    }
    async fn reap(&self, _: &Retention) -> Result<Reaped, StoreError> {
        Ok(Reaped::default())
    }
    async fn find(&self, _: &str) -> Result<Option<JobView>, StoreError> {
        Ok(None)
    }
    async fn is_idle(&self) -> Result<bool, StoreError> {
        Ok(true)
    }
    async fn stats(&self) -> Result<Vec<LaneStats>, StoreError> {
        Ok(vec![])
    }
    async fn set_paused(&self, _: Lane, _: bool) -> Result<(), StoreError> {
        Ok(())
    }
    async fn dead(&self, _: &DeadFilter, _: usize) -> Result<Vec<DeadJob>, StoreError> {
        Ok(vec![])
    }
    async fn retry_dead(&self, _: &[String]) -> Result<usize, StoreError> {
        Ok(0)
    }
    async fn delete_dead(&self, _: &[String]) -> Result<usize, StoreError> {
        Ok(0)
    }
    async fn last_tick(&self, _: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(None)
    }
    async fn tick(&self, _: &Tick) -> Result<bool, StoreError> {
        Ok(false)
    }
    async fn offset(&self) -> Result<i64, StoreError> {
        Ok(0)
    }
    async fn set_offset(&self, _: i64) -> Result<(), StoreError> {
        Ok(())
    }
    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
    fn wakes(&self, _: Lane) -> watch::Receiver<u64> {
        watch::Sender::new(0).subscribe()
    }
}

//! What only the embedded store does: ownership, restarts, and the loss of its file.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use queue::{
    Store, StoreError,
    sqlite::{LeaseClock, SqliteStore},
};
use tempfile::TempDir;

use crate::world;

/// Builds a store in a folder of its own.
pub(crate) struct Harness {
    store: Arc<SqliteStore>,
    passed: Arc<AtomicU64>,
    _folder: TempDir,
}

impl world::Harness for Harness {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (clock, passed) = lease_clock();
        let store = SqliteStore::open_with(&folder.path().join("queue.db"), clock).await.expect("it opens");
        Self { store, passed, _folder: folder }
    }

    fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    fn pass(&self, time: Duration) {
        self.passed.fetch_add(time.as_millis().try_into().unwrap(), Ordering::SeqCst);
    }
}

/// A clock of leases that runs with the system's, and can be moved ahead of it.
fn lease_clock() -> (LeaseClock, Arc<AtomicU64>) {
    let (start, passed) = (std::time::Instant::now(), Arc::new(AtomicU64::new(0)));
    let clock = passed.clone();
    (Arc::new(move || start.elapsed() + Duration::from_millis(clock.load(Ordering::SeqCst))), passed)
}

fn path(folder: &TempDir) -> PathBuf {
    folder.path().join("queue.db")
}

#[tokio::test]
async fn a_second_owner_is_refused_and_a_producer_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let owner = SqliteStore::open(&path(&folder)).await.unwrap();
    let second = SqliteStore::open(&path(&folder)).await;
    assert!(matches!(second, Err(StoreError::Owned(_))));
    let producer = SqliteStore::open_producer(&path(&folder)).await.unwrap();
    producer.push(&[world::job("a")]).await.unwrap();
    let mut hand = world::Hand::new(owner, "w");
    assert_eq!(world::ids(&hand.claim(9).await), ["a"]);
}

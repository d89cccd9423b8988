//! What only the embedded store does: ownership, restarts, and the loss of its file.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use queue::{
    Death, Lane, Queue, Store, StoreError,
    clock::SystemClock,
    sqlite::{LeaseClock, SqliteStore},
    store::{CRASHES, DeadFilter, Ending, Retention},
};
use sea_orm::sqlx::{self, ConnectOptions, Connection, SqlSafeStr, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::{
    play::{Act, Play},
    world::{self, Hand, LEASE, Running, World, ids, job, reap_with},
};

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

    async fn pass(&self, time: Duration) {
        self.passed.fetch_add(time.as_millis().try_into().unwrap(), Ordering::SeqCst);
    }
}

/// A clock of leases that runs with the system's, and can be moved ahead of it.
pub(crate) fn lease_clock() -> (LeaseClock, Arc<AtomicU64>) {
    let (start, passed) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let clock = passed.clone();
    (Arc::new(move || start.elapsed() + Duration::from_millis(clock.load(Ordering::SeqCst))), passed)
}

pub(crate) fn path(folder: &TempDir) -> PathBuf {
    folder.path().join("queue.db")
}

#[tokio::test]
async fn a_second_owner_is_refused_and_a_producer_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let owner = SqliteStore::open(&path(&folder)).await.unwrap();
    let second = SqliteStore::open(&path(&folder)).await;
    assert!(matches!(second, Err(StoreError::Owned(_))));
    let producer = SqliteStore::open_producer(&path(&folder)).await.unwrap();
    producer.push(&[job("a")]).await.unwrap();
    assert!(matches!(producer.renew(&[], LEASE).await, Err(StoreError::Owned(_))));
    let engine = World::new(producer).engine().run(CancellationToken::new()).await;
    assert!(engine.unwrap_err().to_string().contains("in use by another process"));
    assert_eq!(ids(&Hand::new(owner, "w").claim(9).await), ["a"]);
}

#[tokio::test]
async fn a_file_that_is_not_there_yet_may_be_opened_by_many_at_once() {
    for _ in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        let path = path(&folder);
        let producers = join_all((0..8).map(|_| SqliteStore::open_producer(&path)));
        let (worker, producers) = tokio::join!(SqliteStore::open(&path), producers);
        worker.unwrap();
        for producer in producers {
            producer.unwrap();
        }
    }
}

#[tokio::test]
async fn a_deleted_lock_is_taken_anew_by_one_process_only() {
    let folder = tempfile::tempdir().unwrap();
    let delete = || std::fs::remove_file(folder.path().join("queue.db.lock")).unwrap();
    let first = SqliteStore::open(&path(&folder)).await.unwrap();
    delete();
    first.renew(&[], LEASE).await.expect("nobody was faster");
    assert!(matches!(SqliteStore::open(&path(&folder)).await, Err(StoreError::Owned(_))));
    delete();
    let second = SqliteStore::open(&path(&folder)).await.unwrap();
    let engine = World::new(first).engine().run(CancellationToken::new()).await;
    assert!(engine.unwrap_err().to_string().contains("queue.db is in use by another process"));
    second.renew(&[], LEASE).await.unwrap();
}

#[tokio::test]
async fn a_restart_takes_every_lease_back_as_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    for crashes in 0..CRASHES {
        let store = SqliteStore::open(&path(&folder)).await.unwrap();
        store.push(&[job("a")]).await.unwrap();
        let claimed = Hand::new(store, &format!("w{crashes}")).claim(9).await;
        assert_eq!((claimed[0].attempts, claimed[0].crashes), (0, crashes));
    }
    let store = SqliteStore::open(&path(&folder)).await.unwrap();
    assert!(Hand::new(store, "last").claim(9).await[0].dying.is_some());
}

#[tokio::test]
async fn what_another_process_pushes_wakes_the_worker() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(SqliteStore::open(&path(&folder)).await.unwrap());
    let running = Running::start(world.engine());
    let producer = SqliteStore::open_producer(&path(&folder)).await.unwrap();
    let producer = Queue::new(producer, Arc::new(SystemClock));
    for round in 1..=3 {
        let start = Instant::now();
        producer.push(&Play::new(&round.to_string(), &[Act::Succeed])).await.unwrap();
        world.stage.until("perform", round).await;
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
    running.stop().await;
}

/// Runs an operator's statement beside the worker.
pub(crate) async fn meddle(folder: &TempDir, sql: impl SqlSafeStr) {
    let options = SqliteConnectOptions::new().filename(path(folder)).busy_timeout(Duration::from_secs(5));
    let mut conn = options.connect().await.unwrap();
    sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}

#[tokio::test]
async fn a_dead_set_with_gaps_is_no_reason_to_write() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&path(&folder)).await.unwrap();
    let mut hand = Hand::new(store.clone(), "w");
    store.push(&(0..9).map(|i| job(&format!("j{i}"))).collect::<Vec<_>>()).await.unwrap();
    for claimed in hand.claim(9).await {
        hand.finish(&claimed, Ending::Dead { attempts: 1, death: Death::Refused("never".into()) }).await;
    }
    store.delete_dead(&["j3".into(), "j4".into()]).await.unwrap();
    let mut conn = SqliteConnectOptions::new().filename(path(&folder)).connect().await.unwrap();
    let others = conn.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let start = Instant::now();
    reap_with(store.as_ref(), &Retention { dead: 7, ..Retention::default() }).await;
    assert!(start.elapsed() < Duration::from_secs(4), "it waited for another's write");
    others.rollback().await.unwrap();
    reap_with(store.as_ref(), &Retention { dead: 6, ..Retention::default() }).await;
    let left = store.dead(&DeadFilter::default(), 9).await.unwrap();
    assert_eq!(left.iter().map(|dead| dead.id.as_str()).collect::<Vec<_>>(), ["j8", "j7", "j6", "j5", "j2", "j1"]);
}

#[tokio::test]
async fn another_versions_jobs_are_dropped_once_and_its_settings_stay() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&path(&folder)).await.unwrap();
    store.push(&[job("old")]).await.unwrap();
    store.set_paused(Lane::Bulk, true).await.unwrap();
    drop(store);
    meddle(&folder, "ALTER TABLE jobs RENAME COLUMN payload TO load; PRAGMA user_version = 99").await;
    for waiting in [0, 1] {
        let store = SqliteStore::open(&path(&folder)).await.unwrap();
        let stats = store.stats().await.unwrap();
        assert_eq!(
            stats.iter().map(|lane| (lane.waiting, lane.paused)).collect::<Vec<_>>(),
            [(0, false), (waiting, false), (0, true)]
        );
        store.push(&[job("new")]).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_and_tables_may_be_deleted_while_it_runs() {
    for sql in [
        "DELETE FROM jobs",
        "DELETE FROM jobs; DELETE FROM turns; DELETE FROM settings; DELETE FROM ticks; DELETE FROM dead",
        "DROP TABLE jobs",
        "DROP TABLE jobs; DROP TABLE dead; DROP TABLE turns; DROP TABLE ticks; DROP TABLE settings",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let world = World::new(SqliteStore::open(&path(&folder)).await.unwrap());
        let running = Running::start(world.engine());
        world
            .queue
            .push_all(&(0..30).map(|i| Play::new(&format!("lost{i}"), &[Act::Wait])).collect::<Vec<_>>())
            .await
            .unwrap();
        world.stage.until("perform", 10).await;
        meddle(&folder, sql).await;
        let again = world.push(&Play::new("lost0", &[Act::Succeed])).await;
        assert!(!again.duplicate, "{sql}");
        world.stage.open();
        // Not more than it had claimed, and what was pushed again.
        world.stage.until("perform", 13).await;
        let next = world.push(&Play::new("next", &[Act::Succeed])).await;
        assert!(!next.duplicate);
        world.stage.until_performed("next").await;
        running.stop().await;
        assert_eq!(world.counts().await, [0, 0, 0, 0], "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_may_be_deleted_while_it_runs() {
    for also in [&["queue.db-wal", "queue.db-shm"][..], &[]] {
        let folder = tempfile::tempdir().unwrap();
        let world = World::new(SqliteStore::open(&path(&folder)).await.unwrap());
        let running = Running::start(world.engine());
        let producer = SqliteStore::open_producer(&path(&folder)).await.unwrap();
        world.push(&Play::new("running", &[Act::Wait])).await;
        world.stage.until("perform", 1).await;
        for name in ["queue.db"].iter().chain(also) {
            std::fs::remove_file(folder.path().join(name)).unwrap();
        }
        world.stage.open();
        world.push(&Play::new("next", &[Act::Succeed])).await;
        Queue::new(producer, Arc::new(SystemClock)).push(&Play::new("other", &[Act::Succeed])).await.unwrap();
        world.stage.until("perform", 3).await;
        running.stop().await;
        drop(world);
        SqliteStore::open(&path(&folder)).await.unwrap();
    }
}

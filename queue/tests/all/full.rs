//! A disk that is full for a while. What makes it more than a failure is that SQLite then rolls the transaction back by
//! itself, behind its driver's back; here triggers do so, for every connection, whatever is written.

use std::{
    future::poll_fn,
    sync::{Arc, atomic::Ordering},
    task::Poll,
    time::Duration,
};

use chrono::DateTime;
use queue::{
    Death, Lane, Store, StoreError,
    sqlite::SqliteStore,
    store::{DeadFilter, Ending, Finished, Held, Retention, Tick, Turn},
};
use sea_orm::sqlx::AssertSqlSafe;
use tempfile::TempDir;

use crate::{
    lossy::Lossy,
    play::{Act, Play},
    sqlite::{lease_clock, meddle, path},
    world::{Hand, LEASE, Running, World, job, keyed},
};

/// Names every write that there is: a table, and what is done to it.
fn writes() -> impl Iterator<Item = (&'static str, &'static str)> {
    let tables = ["jobs", "dead", "turns", "ticks", "settings"].into_iter();
    tables.flat_map(|table| ["INSERT", "UPDATE", "DELETE"].map(|write| (table, write)))
}

/// Lets no write through from here on.
async fn fill(folder: &TempDir) {
    let trigger = |(table, write)| {
        format!(
            "CREATE TRIGGER full_{table}_{write} BEFORE {write} ON {table}
             BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END;"
        )
    };
    meddle(folder, AssertSqlSafe(writes().map(trigger).collect::<String>())).await;
}

/// Ends that.
async fn make_room(folder: &TempDir) {
    let drop = |(table, write)| format!("DROP TRIGGER full_{table}_{write};");
    meddle(folder, AssertSqlSafe(writes().map(drop).collect::<String>())).await;
}

/// Says of each write of a store in turn whether it was done.
async fn write_all(store: &dyn Store, held: &Held) -> Vec<(&'static str, Result<(), StoreError>)> {
    let tick =
        Tick { schedule: "daily".into(), seen: None, at: DateTime::UNIX_EPOCH, job: Some(keyed("ticked", "ticked")) };
    let finished = vec![Finished { held: held.clone(), ending: Ending::Done }];
    let turn =
        Turn { worker: "w".into(), lane: Lane::Default, number: 99, finished, want: 9, suspect: true, lease: LEASE };
    vec![
        ("push", store.push(&[keyed("pushed", "pushed")]).await.map(drop)),
        ("renew", store.renew(std::slice::from_ref(held), LEASE).await.map(drop)),
        ("tick", store.tick(&tick).await.map(drop)),
        ("set_paused", store.set_paused(Lane::Bulk, true).await),
        ("set_offset", store.set_offset(0).await),
        ("retry_dead", store.retry_dead(&["dead".into()]).await.map(drop)),
        ("delete_dead", store.delete_dead(&["forgotten".into()]).await.map(drop)),
        ("reap", store.reap(&Retention::default()).await.map(drop)),
        ("turn", store.turn(&turn).await.map(drop)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_fails_while_the_disk_is_full_and_succeeds_once_it_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, passed) = lease_clock();
    let store = SqliteStore::open_with(&path(&folder), clock).await.unwrap();
    let mut hand = Hand::new(store.clone(), "w");
    store.push(&[job("dead"), job("forgotten"), job("orphan"), job("held")]).await.unwrap();
    let claimed = hand.claim(4).await;
    for claimed in &claimed[..2] {
        hand.finish(claimed, Ending::Dead { attempts: 1, death: Death::Refused("never".into()) }).await;
    }
    passed.fetch_add(u64::try_from(2 * LEASE.as_millis()).unwrap(), Ordering::SeqCst);
    let held = &claimed[3].held;
    fill(&folder).await;
    for _ in 0..3 {
        for (write, done) in write_all(store.as_ref(), held).await {
            let Err(StoreError::Unavailable(error)) = done else { panic!("{write} was done: {done:?}") };
            assert!(format!("{error:#}").contains("disk is full"), "{write}: {error:#}");
        }
        store.ping().await.unwrap();
        assert!(store.find("toy:pushed").await.unwrap().is_none());
    }
    make_room(&folder).await;
    for (write, done) in write_all(store.as_ref(), held).await {
        done.unwrap_or_else(|error| panic!("{write}: {error}"));
    }

    drop((hand, store));
    let store = SqliteStore::open(&path(&folder)).await.unwrap();
    for key in ["toy:pushed", "toy:ticked"] {
        assert!(store.find(key).await.unwrap().is_some(), "{key}");
    }
    assert!(store.last_tick("daily").await.unwrap().is_some());
    assert!(store.dead(&DeadFilter::default(), 9).await.unwrap().is_empty());
    let stats = store.stats().await.unwrap();
    // What was pushed, ticked, brought back from the dead, and taken back; what was held is done.
    assert_eq!((stats[Lane::Default as usize].waiting, stats[Lane::Bulk as usize].paused), (4, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_hangs_up_on_a_full_disk_leaves_no_transaction_behind() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&path(&folder)).await.unwrap();
    fill(&folder).await;
    let hasty = [keyed("hasty", "hasty")];
    for patience in 0..100 {
        let (mut push, mut polls) = (store.push(&hasty), 0);
        // Each poll is one step of the driver's at least, so that every step is the last one of some push.
        let push = poll_fn(|cx| {
            polls += 1;
            if polls > patience { Poll::Ready(None) } else { push.as_mut().poll(cx).map(Some) }
        });
        assert!(!matches!(push.await, Some(Ok(_))));
    }
    make_room(&folder).await;
    store.push(&[keyed("pushed", "pushed")]).await.unwrap();
    drop(store);
    let store = SqliteStore::open(&path(&folder)).await.unwrap();
    assert!(store.find("toy:pushed").await.unwrap().is_some());
    assert!(store.find("toy:hasty").await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_goes_on_trying_and_works_once_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    // On a clock that stands still no lease runs out, so each job is performed once.
    let store = SqliteStore::open_with(&path(&folder), Arc::new(|| Duration::ZERO)).await.unwrap();
    let lossy = Lossy::new(store.clone());
    let world = World::new(lossy.clone());
    let running = Running::start(world.engine());
    world.push(&Play::new("ends while it is full", &[Act::Wait])).await;
    world.stage.until("perform", 1).await;
    fill(&folder).await;
    world.stage.open();
    // Its ending cannot be written, and is not forgotten.
    lossy.turns.asked(5).await;
    for _ in 0..3 {
        assert!(world.queue.push(&Play::new("refused", &[Act::Succeed])).await.is_err());
    }
    make_room(&folder).await;
    world.push(&Play::new("pushed", &[Act::Succeed])).await;
    world.stage.until_performed("pushed").await;
    running.stop().await;
    assert_eq!(world.counts().await, [0, 0, 0, 0]);
    assert!(world.stage.once("ends while it is full") && world.stage.of("refused").is_empty());
}

//! How long ago the store has answered an engine, by which it is judged to be well.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use queue::{Lane, Options, sqlite::SqliteStore};
use tempfile::TempDir;

use crate::{
    lossy::Lossy,
    play::{Act, Play},
    sqlite::path,
    world::{Running, World, in_time},
};

/// A store, its queue, and an engine's options: of each lane one job runs and two wait ahead, and it rests for a moment only.
async fn world(lanes: &[Lane]) -> (TempDir, Arc<Lossy>, World, Options) {
    let folder = tempfile::tempdir().unwrap();
    let lossy = Lossy::new(SqliteStore::open(&path(&folder)).await.unwrap());
    let lanes = lanes.iter().map(|lane| (*lane, 1)).collect();
    let (grace, rest) = (Duration::ZERO, Duration::from_millis(10));
    (folder, lossy.clone(), World::new(lossy), Options { lanes, grace, rest, ..Options::default() })
}

#[tokio::test]
async fn a_worker_whose_slots_are_all_busy_asks_as_often_as_an_idle_one() {
    let (_folder, lossy, world, options) = world(&[Lane::Default]).await;
    let running = Running::start(world.engine().options(options));
    world.queue.push_all(&["a", "b", "c"].map(|title| Play::new(title, &[Act::Wait]))).await.unwrap();
    in_time(async { while world.counts().await[2] < 3 {} }).await;

    lossy.turns.asked(5).await;

    running.stop().await;
    assert_eq!(world.counts().await, [3, 0, 0, 0]);
}

#[tokio::test]
async fn a_lane_that_is_not_answered_hides_behind_no_other() {
    let (_folder, lossy, world, options) = world(&[Lane::Default, Lane::Bulk]).await;
    assert!(world.queue.last_turn().is_none() && !world.queue.is_claiming(), "no engine runs");
    let bulk = lossy.keep(|turn, _| turn.lane == Lane::Bulk);
    let running = Running::start(world.engine().options(options));
    bulk.keeps_one().await;

    let since = Instant::now();
    lossy.turns.asked(5).await;
    let passed = since.elapsed();

    assert!(world.queue.last_turn() >= Some(passed) && !world.queue.is_claiming());
    bulk.let_go();
    in_time(async {
        while !world.queue.is_claiming() || world.queue.last_turn() >= Some(since.elapsed()) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    running.stop().await;
}

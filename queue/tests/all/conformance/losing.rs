//! A store that fails, or whose answers are lost, and leases that are lost with them.

use std::{sync::Arc, time::Duration};

use crate::{
    lossy::{Fault, Lossy},
    play::{Act, Play},
    world::{Harness, LEASE, Running, World},
};

pub(crate) async fn lost_answers_lose_no_job_and_run_none_twice(harness: &impl Harness) {
    let world = World::new(Arc::new(Lossy::new(harness.store(), Fault::AnswersGetLost)));
    world.queue.push_all(&Play::many(300)).await.unwrap();
    world.push(&Play::new("dies", &[Act::Refuse])).await;
    world.drain().await;
    assert_eq!(world.stage.count("perform"), 301);
    assert!((0..300).all(|i| world.stage.once(&format!("n{i}"))));
    assert_eq!(world.counts().await, [0, 0, 0, 1]);
}

pub(crate) async fn a_store_that_is_away_is_asked_until_it_answers(harness: &impl Harness) {
    let world = World::new(Arc::new(Lossy::new(harness.store(), Fault::AwayForTurns(8))));
    let running = Running::start(world.engine());
    world.push(&Play::new("p", &[Act::Succeed])).await;
    world.stage.until("perform", 1).await;
    running.stop().await;
    assert_eq!(world.counts().await, [0, 0, 0, 0]);
}

pub(crate) async fn a_handler_whose_job_was_taken_back_is_stopped(harness: &impl Harness) {
    let world = World::new(harness.store());
    let running = Running::start(world.engine());
    world.push(&Play::new("p", &[Act::Wait])).await;
    world.stage.until("perform", 1).await;
    harness.pass(LEASE * 2).await;
    // The reaper takes it back, the pump claims it again, the heart-beat of the first claim is refused.
    world.stage.until("perform", 2).await;
    world.stage.until("curtain", 1).await;
    world.stage.open();
    running.stop().await;
    assert_eq!(world.stage.of("p"), ["perform", "perform"]);
    assert_eq!(world.counts().await, [0, 0, 0, 0]);
}

pub(crate) async fn a_handler_that_cannot_prolong_its_lease_is_stopped(harness: &impl Harness) {
    let world = World::new(Arc::new(Lossy::new(harness.store(), Fault::NoHeartBeat)));
    let running = Running::start(world.engine());
    world.push(&Play::new("p", &[Act::Wait])).await;
    world.stage.until("perform", 1).await;
    let start = std::time::Instant::now();
    world.stage.until("curtain", 1).await;
    assert!(start.elapsed() < LEASE + Duration::from_secs(2));
    world.stage.open();
    running.stop().await;
}

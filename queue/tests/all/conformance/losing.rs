//! A store that fails, hangs, or whose answers are lost, and leases that are lost with them.

use std::time::{Duration, Instant};

use crate::{
    lossy::{Fate, Lossy},
    play::{Act, Play},
    world::{Harness, LEASE, Running, World, reap},
};

pub(crate) async fn lost_answers_lose_no_job_and_run_none_twice(harness: &impl Harness) {
    let lossy = Lossy::new(harness.store());
    let world = World::new(lossy.clone());
    lossy.turns.set(Fate::LoseEveryOther).await;
    world.queue.push_all(&Play::many(300)).await.unwrap();
    world.push(&Play::new("dies", &[Act::Refuse])).await;
    world.drain().await;
    assert_eq!(world.stage.count("perform"), 301);
    assert!((0..300).all(|i| world.stage.once(&format!("n{i}"))));
    assert_eq!(world.counts().await, [0, 0, 0, 1]);
}

pub(crate) async fn a_store_that_is_away_is_asked_until_it_answers(harness: &impl Harness) {
    let lossy = Lossy::new(harness.store());
    let world = World::new(lossy.clone());
    lossy.turns.set(Fate::Fail).await;
    let running = Running::start(world.engine());
    world.push(&Play::new("p", &[Act::Succeed])).await;
    lossy.turns.asked(8).await;
    lossy.turns.set(Fate::Pass).await;
    world.stage.until("perform", 1).await;
    running.stop().await;
    assert_eq!(world.counts().await, [0, 0, 0, 0]);
}

pub(crate) async fn a_stop_with_nothing_owed_does_not_wait_for_the_store(harness: &impl Harness) {
    let lossy = Lossy::new(harness.store());
    let world = World::new(lossy.clone());
    lossy.turns.set(Fate::Fail).await;
    let running = Running::start(world.engine());
    lossy.turns.asked(9).await;
    let start = Instant::now();
    running.stop().await;
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

pub(crate) async fn a_stop_with_endings_owed_waits_for_the_store(harness: &impl Harness) {
    let lossy = Lossy::new(harness.store());
    let world = World::new(lossy.clone());
    let running = Running::start(world.engine());
    world.push(&Play::new("p", &[Act::Wait])).await;
    world.stage.until("perform", 1).await;
    lossy.turns.set(Fate::Fail).await;
    world.stage.open();
    world.stage.until("curtain", 1).await;
    running.stop.cancel();
    lossy.turns.asked(4).await;
    lossy.turns.set(Fate::Pass).await;
    running.stop().await;
    assert_eq!(world.counts().await, [0, 0, 0, 0]);
}

pub(crate) async fn a_stop_leaves_no_claim_behind_whose_answer_was_lost(harness: &impl Harness) {
    let lossy = Lossy::new(harness.store());
    let world = World::new(lossy.clone());
    world.push(&Play::new("p", &[Act::Succeed])).await;
    lossy.turns.set(Fate::LoseAnswers).await;
    let running = Running::start(world.engine());
    while world.counts().await[2] == 0 {
        lossy.turns.asked(1).await;
    }
    lossy.turns.set(Fate::Pass).await;
    running.stop().await;
    assert_eq!(world.counts().await[2], 0, "it is done or handed back");
}

pub(crate) async fn a_handler_whose_job_was_taken_back_is_stopped(harness: &impl Harness) {
    let lossy = Lossy::new(harness.store());
    let world = World::new(lossy.clone());
    let running = Running::start(world.engine());
    world.push(&Play::new("p", &[Act::Wait])).await;
    world.stage.until("perform", 1).await;
    // No heart-beat may come between the end of the lease and the reaping.
    lossy.beats.set(Fate::Fail).await;
    harness.pass(LEASE * 2).await;
    reap(harness.store().as_ref()).await;
    lossy.beats.set(Fate::Pass).await;
    // The pump claims it again, the heart-beat of the first claim is refused.
    world.stage.until("perform", 2).await;
    world.stage.until("curtain", 1).await;
    world.stage.open();
    running.stop().await;
    assert_eq!(world.stage.of("p"), ["perform", "perform"]);
    assert_eq!(world.counts().await, [0, 0, 0, 0]);
}

pub(crate) async fn a_handler_that_cannot_prolong_its_lease_is_stopped(harness: &impl Harness) {
    for fate in [Fate::Fail, Fate::Hang] {
        let lossy = Lossy::new(harness.store());
        let world = World::new(lossy.clone());
        lossy.beats.set(fate).await;
        let running = Running::start(world.engine());
        world.push(&Play::new("p", &[Act::Wait])).await;
        world.stage.until("perform", 1).await;
        let start = Instant::now();
        world.stage.until("curtain", 1).await;
        assert!(start.elapsed() < LEASE + Duration::from_secs(2));
        lossy.beats.set(Fate::Pass).await;
        world.stage.open();
        running.stop().await;
    }
}

pub(crate) async fn a_heart_beat_that_hangs_does_not_keep_back_the_next(harness: &impl Harness) {
    let lossy = Lossy::new(harness.store());
    let world = World::new(lossy.clone());
    lossy.beats.set(Fate::Hang).await;
    let running = Running::start(world.engine());
    world.push(&Play::new("p", &[Act::Wait])).await;
    lossy.beats.asked(1).await;
    lossy.beats.set(Fate::Pass).await;
    // Longer than the lease, which is prolonged at each third of it.
    lossy.beats.asked(4).await;
    assert_eq!(world.stage.count("curtain"), 0, "it still runs");
    world.stage.open();
    running.stop().await;
    assert_eq!(world.stage.of("p"), ["perform"]);
}

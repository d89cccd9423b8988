//! Sleepers wake when there is something to do, and not by a poll.

use std::time::{Duration, Instant};

use crate::{
    play::{Act, Play},
    world::{Harness, Running, World},
};

/// Far below the longest sleep of an idle worker, far above a slow machine's pause.
const AT_ONCE: Duration = Duration::from_secs(5);

pub(crate) async fn a_push_wakes_an_idle_worker(harness: &impl Harness) {
    let world = World::new(harness.store());
    let running = Running::start(world.engine());
    for round in 1..=20 {
        let start = Instant::now();
        world.push(&Play::new(&round.to_string(), &[Act::Succeed])).await;
        world.stage.until("perform", round).await;
        assert!(start.elapsed() < AT_ONCE);
    }
    running.stop().await;
}

pub(crate) async fn a_delayed_job_starts_when_it_is_due(harness: &impl Harness) {
    let world = World::new(harness.store());
    let running = Running::start(world.engine());
    let start = Instant::now();
    let delay = Duration::from_secs(2);
    world.queue.push_in(&Play::new("later", &[Act::Succeed]), delay).await.unwrap();
    world.push(&Play::new("now", &[Act::Succeed])).await;
    world.stage.until("perform", 1).await;
    assert_eq!(world.stage.of("now").len(), 1);
    world.stage.until("perform", 2).await;
    let late = (start.elapsed() + Duration::from_millis(1)).checked_sub(delay);
    assert!(late.is_some_and(|late| late < AT_ONCE), "the store counts in whole milliseconds: {late:?}");
    running.stop().await;
}

pub(crate) async fn a_jump_of_the_clock_wakes_sleepers_and_expires_no_lease(harness: &impl Harness) {
    let world = World::new(harness.store());
    let running = Running::start(world.engine());
    world.push(&Play::new("running", &[Act::Wait])).await;
    world.queue.push_in(&Play::new("later", &[Act::Succeed]), Duration::from_hours(11 * 24)).await.unwrap();
    world.stage.until("perform", 1).await;
    world.advance(11 * 86_400);
    world.stage.until("perform", 2).await;
    assert_eq!(world.stage.of("later"), ["perform"]);
    world.stage.open();
    running.stop().await;
    assert_eq!(world.stage.of("running"), ["perform"]);
    assert_eq!(world.counts().await, [0, 0, 0, 0]);
}

pub(crate) async fn what_is_delayed_does_not_count_as_busy(harness: &impl Harness) {
    let world = World::new(harness.store());
    assert!(world.queue.is_idle().await.unwrap());
    world.queue.push_in(&Play::new("later", &[Act::Succeed]), Duration::from_mins(1)).await.unwrap();
    assert!(world.queue.is_idle().await.unwrap());
    world.advance(60);
    assert!(!world.queue.is_idle().await.unwrap(), "at the new time it is due");
    world.drain().await;
    assert!(world.queue.is_idle().await.unwrap());
    let running = Running::start(world.engine());
    world.push(&Play::new("busy", &[Act::Wait])).await;
    world.stage.until("perform", 2).await;
    assert!(!world.queue.is_idle().await.unwrap(), "it runs");
    world.stage.open();
    running.stop().await;
    assert!(world.queue.is_idle().await.unwrap());
}

//! Sleepers wake when there is something to do, and not by a poll.

use std::{
    future::poll_fn,
    pin::pin,
    task::Poll,
    time::{Duration, Instant},
};

use queue::{
    Lane,
    clock::{Clock, SystemClock},
    store::Tick,
};

use crate::{
    play::{Act, Play},
    world::{Harness, Running, World, keyed},
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

/// Polls a future so many times at most, and drops it then.
async fn polled<F: Future>(future: F, mut times: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| {
        times -= 1;
        match future.as_mut().poll(cx) {
            Poll::Pending if times > 0 => Poll::Pending,
            Poll::Pending => Poll::Ready(None),
            Poll::Ready(output) => Poll::Ready(Some(output)),
        }
    })
    .await
}

pub(crate) async fn whoever_hangs_up_wakes_a_worker_if_the_job_was_taken(harness: &impl Harness) {
    let store = harness.store();
    for polls in 1.. {
        let (mut wakes, key) = (store.wakes(Lane::Default), format!("push {polls}"));
        wakes.mark_unchanged();
        let pushed = polled(store.push(&[keyed(&key, &key)]), polls).await.is_some();
        let taken = store.find(&format!("toy:{key}")).await.unwrap().is_some();
        assert!(wakes.has_changed().unwrap() || !taken, "after {polls} polls");
        if pushed {
            break;
        }
    }
    let at = SystemClock.now();
    for polls in 1.. {
        let (mut wakes, key) = (store.wakes(Lane::Default), format!("tick {polls}"));
        wakes.mark_unchanged();
        let job = Some(keyed(&key, &key));
        let ticked = polled(store.tick(&Tick { schedule: key.clone(), seen: None, at, job }), polls).await.is_some();
        let taken = store.find(&format!("toy:{key}")).await.unwrap().is_some();
        assert!(wakes.has_changed().unwrap() || !taken, "after {polls} polls");
        if ticked {
            break;
        }
    }
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

pub(crate) async fn an_offset_that_is_not_the_clocks_is_put_right(harness: &impl Harness) {
    let (store, world) = (harness.store(), World::new(harness.store()));
    world.advance(86_400);
    let running = Running::start(world.engine());
    // As found at the start, then as meddled with.
    for meddled in [0, 1_000, 0] {
        let mut wakes = store.wakes(Lane::Default);
        store.set_offset(meddled).await.unwrap();
        while store.offset().await.unwrap() != 86_400_000 {
            wakes.changed().await.unwrap();
        }
    }
    running.stop().await;
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

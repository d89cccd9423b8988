//! Ticks on the domain's clock.

use chrono::TimeDelta;
use queue::{Engine, clock::Clock, store::Tick};

use crate::{
    play::{Act, Play, Stage},
    world::{Hand, Harness, Running, World, ids, job},
};

/// An engine with a timetable: each line pushes one play, also while an earlier one of it is about to end.
fn engine(world: &World, crons: &[&str]) -> Engine<Stage> {
    let lines = crons.iter().enumerate();
    lines.fold(world.engine(), |engine, (i, cron)| {
        let play = Play { unique: false, ..Play::new(&format!("scan {i}"), &[Act::Succeed]) };
        engine.schedule(&format!("scan {i}"), cron, &play)
    })
}

const HOURLY: &str = "0 0 * * * *";
const DAILY: &str = "0 30 6 * * *";

/// Moves the clock to so many seconds after a full hour, so that no tick comes in the middle of a case.
fn past_the_hour(world: &World, seconds: i64) {
    world.advance(3600 - world.clock.now().timestamp().rem_euclid(3600) + seconds);
}

/// Drains for the first time.
async fn settle(world: &World, engine: &Engine<Stage>) {
    past_the_hour(world, 60);
    engine.drain().await.unwrap();
}

pub(crate) async fn a_first_start_makes_up_for_nothing(harness: &impl Harness) {
    let world = World::new(harness.store());
    // A minute begins in half of one.
    past_the_hour(&world, 30);
    engine(&world, &["0 * * * * *", HOURLY, DAILY]).drain().await.unwrap();
    assert_eq!(world.stage.count("perform"), 0);
}

pub(crate) async fn a_jump_runs_each_schedule_once(harness: &impl Harness) {
    let world = World::new(harness.store());
    let engine = engine(&world, &[HOURLY, DAILY]);
    settle(&world, &engine).await;
    for jumps in 1..=3 {
        world.advance(11 * 86_400);
        engine.drain().await.unwrap();
        assert_eq!(world.stage.of("scan 0").len(), jumps);
        assert_eq!(world.stage.of("scan 1").len(), jumps);
        engine.drain().await.unwrap();
    }
    assert_eq!(world.stage.count("perform"), 6);
}

pub(crate) async fn a_tick_comes_once_to_two_engines(harness: &impl Harness) {
    let world = World::new(harness.store());
    settle(&world, &engine(&world, &[HOURLY])).await;
    let engines = [0, 1].map(|_| Running::start(engine(&world, &[HOURLY])));
    for jumps in 1..=5 {
        world.advance(3600);
        world.stage.until("perform", jumps).await;
    }
    for engine in engines {
        engine.stop().await;
    }
    assert_eq!(world.stage.count("perform"), 5);
}

pub(crate) async fn a_tick_is_claimed_once_with_its_job(harness: &impl Harness) {
    let store = harness.store();
    let now = queue::clock::SystemClock.now();
    let at = |hours| now - TimeDelta::nanoseconds(now.timestamp_subsec_nanos().into()) + TimeDelta::hours(hours);
    let tick = |seen, at, id: &str| Tick { schedule: "scan".into(), seen, at, job: Some(job(id)) };
    assert_eq!(store.last_tick("scan").await.unwrap(), None);
    assert!(store.tick(&tick(None, at(0), "a")).await.unwrap());
    assert!(!store.tick(&tick(None, at(0), "b")).await.unwrap());
    assert!(store.tick(&tick(Some(at(0)), at(1), "c")).await.unwrap());
    assert!(!store.tick(&tick(Some(at(0)), at(1), "d")).await.unwrap());
    assert!(!store.tick(&tick(Some(at(0)), at(2), "e")).await.unwrap());
    assert!(store.tick(&Tick { job: None, ..tick(Some(at(1)), at(0), "") }).await.unwrap());
    assert_eq!(store.last_tick("scan").await.unwrap(), Some(at(0)));
    assert_eq!(store.last_tick("other").await.unwrap(), None);
    assert_eq!(ids(&Hand::new(store, "w").claim(9).await), ["a", "c"]);
}

pub(crate) async fn a_clock_set_back_stops_no_schedule(harness: &impl Harness) {
    let world = World::new(harness.store());
    let engine = engine(&world, &[HOURLY]);
    settle(&world, &engine).await;
    world.advance(11 * 86_400);
    engine.drain().await.unwrap();
    world.advance(-11 * 86_400);
    engine.drain().await.unwrap();
    assert_eq!(world.stage.count("perform"), 1);
    world.advance(3600);
    engine.drain().await.unwrap();
    assert_eq!(world.stage.count("perform"), 2);
}

/// Two processes whose clocks follow a third one, and hear of its jump one after the other.
pub(crate) async fn whoever_hears_late_of_a_jump_brings_no_tick_back(harness: &impl Harness) {
    let store = harness.store();
    let (early, late) = (World::following(store.clone()), World::following(store.clone()));
    past_the_hour(&early, 60);
    late.clock.set(early.clock.offset());
    store.set_offset(early.clock.offset().num_milliseconds()).await.unwrap();
    let engines = [&early, &late].map(|world| engine(world, &[HOURLY]));
    engines[0].drain().await.unwrap();
    let jump = early.clock.offset() + TimeDelta::days(11);

    early.clock.set(jump);
    engines[0].drain().await.unwrap();
    assert_eq!(early.stage.count("perform"), 0, "the store has not been told yet");
    store.set_offset(jump.num_milliseconds()).await.unwrap();
    engines[0].drain().await.unwrap();
    engines[1].drain().await.unwrap();
    late.clock.set(jump);
    engines[1].drain().await.unwrap();

    assert_eq!((early.stage.count("perform"), late.stage.count("perform")), (1, 0));
}

pub(crate) async fn a_due_tick_is_not_idle(harness: &impl Harness) {
    let world = World::new(harness.store());
    let timetable = engine(&world, &[HOURLY]);
    settle(&world, &timetable).await;
    let running = Running::start(engine(&world, &[HOURLY]));
    world.push(&Play::new("it has started", &[Act::Succeed])).await;
    world.stage.until("perform", 1).await;
    world.advance(3600);
    // Whoever moves the clock and waits for idleness has seen the schedules run.
    while !world.queue.is_idle().await.unwrap() {
        tokio::task::yield_now().await;
    }
    running.stop().await;
    assert_eq!(world.stage.of("scan 0"), ["perform"]);
}

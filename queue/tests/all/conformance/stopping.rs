//! The start and the stop of a worker.

use std::time::{Duration, Instant};

use queue::{JobState, Options};

use crate::{
    play::{Act, Play},
    world::{Hand, Harness, LEASE, Running, World},
};

pub(crate) async fn what_runs_ends_within_the_grace(harness: &impl Harness) {
    let world = World::new(harness.store());
    let running = Running::start(world.engine());
    world.push(&Play::new("p", &[Act::Wait])).await;
    world.stage.until("perform", 1).await;
    let (stop, stage) = (running.stop.clone(), world.stage.clone());
    tokio::spawn(async move {
        stop.cancelled().await;
        stage.open();
    });
    running.stop().await;
    assert_eq!(world.stage.of("p"), ["perform"]);
    assert_eq!(world.counts().await, [0, 0, 0, 0]);
}

pub(crate) async fn what_does_not_end_is_handed_back_free_of_charge(harness: &impl Harness) {
    let world = World::new(harness.store());
    world
        .queue
        .push_all(&(0..40).map(|i| Play::new(&format!("p{i}"), &[Act::Hang])).collect::<Vec<_>>())
        .await
        .unwrap();
    let options = Options { lease: LEASE, grace: Duration::from_millis(50), ..Options::default() };
    let running = Running::start(world.engine().options(options));
    world.stage.until("perform", 10).await;
    let start = Instant::now();
    running.stop().await;
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!(world.stage.count("perform"), 10);
    assert_eq!(world.stage.count("curtain"), 10, "no handler outlives its worker");
    assert_eq!(world.counts().await, [40, 0, 0, 0]);
    let view = world.queue.find::<Play>("p0").await.unwrap().expect("it is back");
    assert_eq!((view.state, view.attempt), (JobState::Waiting, 1));
    let claimed = Hand::new(harness.store(), "w").claim(100).await;
    assert!(claimed.iter().all(|claimed| (claimed.attempts, claimed.crashes) == (0, 0)));
}

pub(crate) async fn a_name_registered_twice_is_refused_at_the_start(harness: &impl Harness) {
    let world = World::new(harness.store());
    let options = Options { lease: Duration::from_millis(1), lanes: vec![], ..Options::default() };
    let play = Play::new("p", &[Act::Succeed]);
    let engine = world.engine().register::<Play>().schedule("s", "every day", &play).options(options);
    let error = engine.drain().await.unwrap_err().to_string();
    for problem in ["two jobs are named `play`", "the schedule `s` cannot be read", "a lease of 1ms", "no queue"] {
        assert!(error.contains(problem), "{error}");
    }
}

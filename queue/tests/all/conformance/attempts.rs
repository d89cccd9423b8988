//! From an attempt to its outcome, through the real worker.

use std::time::Duration;

use chrono::TimeDelta;
use queue::{
    Death, JobState, JobView,
    clock::Clock,
    store::{DeadFilter, DeadJob, Dying, Ending, NewJob},
};

use crate::{
    play::{Act, Hasty, Play},
    world::{Hand, Harness, Running, World, job},
};

async fn view(world: &World, title: &str) -> JobView {
    world.queue.find::<Play>(title).await.unwrap().expect("it is in the queue")
}

async fn dead(world: &World) -> Vec<DeadJob> {
    world.queue.dead(&DeadFilter::default(), 100).await.unwrap()
}

pub(crate) async fn a_job_that_succeeds_leaves_nothing_behind(harness: &impl Harness) {
    let world = World::new(harness.store());
    world.push(&Play::new("p", &[Act::Succeed])).await;
    assert_eq!(world.counts().await, [1, 0, 0, 0]);
    world.drain().await;
    assert_eq!(world.stage.of("p"), ["perform"]);
    assert_eq!(world.counts().await, [0, 0, 0, 0]);
    assert!(world.queue.find::<Play>("p").await.unwrap().is_none());
    assert!(world.queue.last_turn().expect("the store has answered") < Duration::from_mins(1));
}

pub(crate) async fn a_failure_is_tried_again_after_the_wait_of_the_curve(harness: &impl Harness) {
    let world = World::new(harness.store());
    world.push(&Play::new("p", &[Act::Fail, Act::Fail, Act::Succeed])).await;
    for (attempt, least, most) in [(2, 1000, 1250), (3, 5000, 6250)] {
        let before = world.clock.now();
        world.drain().await;
        let after = world.clock.now();
        let view = view(&world, "p").await;
        assert_eq!(view.attempt, attempt);
        let due = view.due_at.expect("it is due");
        assert!(due >= before + TimeDelta::milliseconds(least) && due <= after + TimeDelta::milliseconds(most + 1));
        world.advance(7);
    }
    world.drain().await;
    assert_eq!(world.stage.of("p"), ["perform"; 3]);
    assert_eq!(world.counts().await, [0, 0, 0, 0]);
}

pub(crate) async fn a_job_is_dead_after_its_attempts_and_mourned_once(harness: &impl Harness) {
    let world = World::new(harness.store());
    world.push(&Play::new("p", &[Act::Fail])).await;
    for _ in 0..5 {
        world.drain().await;
        world.advance(3600);
    }
    assert_eq!(world.stage.of("p"), ["perform", "perform", "perform", "on_dead: no luck"]);
    let dead = dead(&world).await;
    assert_eq!((dead[0].name.as_str(), dead[0].attempts, dead[0].reason.as_str()), ("play", 3, "no luck"));
    assert_eq!(world.counts().await, [0, 0, 0, 1]);
}

pub(crate) async fn the_job_stays_in_the_queue_until_it_is_mourned(harness: &impl Harness) {
    let world = World::new(harness.store());
    let running = Running::start(world.engine());
    let play = Play::new("p", &[Act::Refuse]).mourned(&[Act::Wait]);
    world.push(&play).await;
    world.stage.until("on_dead", 1).await;
    assert_eq!(view(&world, "p").await.state, JobState::Running);
    assert!(world.push(&play).await.duplicate);
    assert_eq!(world.counts().await, [0, 0, 1, 0]);
    world.stage.open();
    running.stop().await;
    assert_eq!(world.counts().await, [0, 0, 0, 1]);
}

pub(crate) async fn mourning_that_fails_is_tried_again_and_nothing_else(harness: &impl Harness) {
    let world = World::new(harness.store());
    let mourning = [Act::Fail, Act::Panic, Act::Refuse, Act::Succeed];
    world.push(&Play::new("p", &[Act::Refuse]).mourned(&mourning)).await;
    for _ in 0..3 {
        world.drain().await;
        assert_ne!(view(&world, "p").await.state, JobState::Running);
        world.advance(60);
    }
    world.drain().await;
    let mourned = "on_dead: never";
    assert_eq!(world.stage.of("p"), ["perform", mourned, mourned, mourned, mourned]);
    assert_eq!(dead(&world).await[0].reason, "never");
}

pub(crate) async fn mourning_that_hangs_is_stopped_and_tried_again(harness: &impl Harness) {
    let world = World::new(harness.store());
    let hasty = Hasty(Play::new("p", &[Act::Refuse]).mourned(&[Act::Hang, Act::Succeed]));
    world.queue.push(&hasty).await.unwrap();
    world.drain().await;
    assert!(dead(&world).await.is_empty());
    world.advance(60);
    world.drain().await;
    assert_eq!(world.stage.of("p"), ["perform", "on_dead: never", "on_dead: never"]);
    assert_eq!(dead(&world).await.len(), 1);
}

pub(crate) async fn mourning_that_always_fails_is_given_up(harness: &impl Harness) {
    let world = World::new(harness.store());
    world.push(&Play::new("p", &[Act::Succeed]).mourned(&[Act::Fail])).await;
    let mut hand = Hand::new(harness.store(), "w");
    let claimed = hand.claim(1).await.remove(0);
    let dying = Some(Dying { death: Death::Refused("never".into()), tries: 48 });
    assert!(hand.finish(&claimed, Ending::Again { delay: Duration::ZERO, attempts: 1, dying }).await);
    world.drain().await;
    assert!(dead(&world).await.is_empty());
    world.advance(2 * 3600);
    world.drain().await;
    assert_eq!(world.stage.of("p"), ["on_dead: never"; 2]);
    assert_eq!(dead(&world).await[0].reason, "never");
}

pub(crate) async fn a_refusal_is_dead_at_once(harness: &impl Harness) {
    let world = World::new(harness.store());
    world.push(&Play::new("p", &[Act::Refuse])).await;
    world.drain().await;
    assert_eq!(world.stage.of("p"), ["perform", "on_dead: never"]);
    assert_eq!(dead(&world).await[0].attempts, 1);
}

pub(crate) async fn retry_at_burns_no_attempt(harness: &impl Harness) {
    let world = World::new(harness.store());
    let start = world.clock.now();
    let acts = (1..=6).map(|i| Act::FailUntil(start + TimeDelta::minutes(i))).chain([Act::Succeed]);
    world.push(&Play::new("p", &acts.collect::<Vec<_>>())).await;
    for minute in 1..=6 {
        world.drain().await;
        let view = view(&world, "p").await;
        assert_eq!((view.state, view.attempt), (JobState::Delayed, 1));
        let late = view.due_at.expect("it is due") - (start + TimeDelta::minutes(minute));
        assert!(late.abs() < TimeDelta::seconds(2), "{late}");
        world.advance(60);
    }
    world.drain().await;
    assert_eq!(world.stage.of("p"), ["perform"; 7]);
    assert_eq!(world.counts().await, [0, 0, 0, 0]);
}

pub(crate) async fn retry_at_is_bounded_by_age(harness: &impl Harness) {
    let world = World::new(harness.store());
    let start = world.clock.now();
    let later = |minutes| Act::FailUntil(start + TimeDelta::minutes(minutes));
    world.push(&Play::new("p", &[later(50), later(70)])).await;
    world.drain().await;
    world.advance(50 * 60);
    world.drain().await;
    assert_eq!(world.stage.of("p"), ["perform", "perform", "on_dead: too early"]);
}

pub(crate) async fn a_panic_and_a_time_out_are_failures_of_one_attempt(harness: &impl Harness) {
    let world = World::new(harness.store());
    world.push(&Play::new("panics", &[Act::Panic, Act::Succeed])).await;
    world.queue.push(&Hasty(Play::new("hangs", &[Act::Hang]))).await.unwrap();
    world.push(&Play::new("neighbour", &[Act::Succeed])).await;
    for _ in 0..2 {
        world.drain().await;
        world.advance(60);
    }
    assert_eq!(world.stage.of("neighbour"), ["perform"]);
    assert_eq!(world.stage.of("panics"), ["perform", "perform"]);
    assert_eq!(world.stage.of("hangs"), ["perform", "perform", "on_dead: timed out after 0.02 s"]);
    assert_eq!(world.counts().await, [0, 0, 0, 1]);
}

pub(crate) async fn an_undecodable_payload_is_dead_alone(harness: &impl Harness) {
    let world = World::new(harness.store());
    let broken = |id: &str, payload: &str| NewJob { name: "play".into(), payload: payload.into(), ..job(id) };
    harness.store().push(&[broken("a", "{\"half"), broken("b", "{\"title\":7}")]).await.unwrap();
    world.push(&Play::new("neighbour", &[Act::Succeed])).await;
    world.drain().await;
    assert_eq!(world.stage.of("neighbour"), ["perform"]);
    let dead = dead(&world).await;
    assert_eq!(dead.len(), 2);
    assert!(dead.iter().all(|dead| dead.reason.starts_with("the payload cannot be read: ")), "{dead:?}");
}

pub(crate) async fn an_unknown_kind_waits_for_a_worker_that_knows_it(harness: &impl Harness) {
    let world = World::new(harness.store());
    world.push(&Play::new("p", &[Act::Succeed])).await;
    queue::Engine::new(world.queue.clone(), world.stage.clone()).drain().await.unwrap();
    let view = view(&world, "p").await;
    assert_eq!((view.state, view.attempt), (JobState::Delayed, 1), "no attempt is burnt");
    world.advance(2);
    world.drain().await;
    assert_eq!(world.stage.of("p"), ["perform"]);
}

pub(crate) async fn an_unknown_kind_dies_at_last(harness: &impl Harness) {
    let world = World::new(harness.store());
    harness.store().push(&[job("a")]).await.unwrap();
    for _ in 0..20 {
        assert!(dead(&world).await.is_empty());
        world.drain().await;
        world.advance(2 * 3600);
    }
    let dead = dead(&world).await;
    assert_eq!((dead[0].reason.as_str(), dead[0].attempts), ("no worker knows the job `toy`", 0));
}

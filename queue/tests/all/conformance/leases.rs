//! Leases that run out, crashes, suspects, and the death of a worker.

use std::time::Duration;

use queue::{
    Death, Lane, Store,
    store::{CRASHES, Claimed, DeadFilter, Ending, LAST_CRASH},
};

use crate::{
    play::{Act, Click, Play},
    world::{Hand, Harness, LEASE, Running, World, ids, job, reap},
};

pub(crate) async fn a_renewed_lease_does_not_run_out(harness: &impl Harness) {
    let store = harness.store();
    let mut hand = Hand::new(store.clone(), "w");
    store.push(&[job("a"), job("b")]).await.unwrap();
    let claimed = hand.claim(9).await;
    harness.pass(LEASE / 2).await;
    assert_eq!(store.renew(&[claimed[0].held.clone()], LEASE).await.unwrap(), [true]);
    harness.pass(LEASE * 3 / 4).await;
    reap(store.as_ref()).await;
    let held: Vec<_> = claimed.iter().map(|claimed| claimed.held.clone()).collect();
    assert_eq!(store.renew(&held, LEASE).await.unwrap(), [true, false]);
    assert_eq!(ids(&hand.claim(9).await), ["b"]);
}

pub(crate) async fn a_lease_that_ran_out_is_a_crash_and_burns_no_attempt(harness: &impl Harness) {
    let store = harness.store();
    store.push(&[job("a")]).await.unwrap();
    assert_eq!(reap(store.as_ref()).await[0].returned, 0);
    crash(harness, store.as_ref(), 1).await;
    let claimed = Hand::new(store, "w").claim(9).await;
    assert_eq!((claimed[0].crashes, claimed[0].attempts, claimed[0].suspect), (1, 0, false));
}

pub(crate) async fn an_attempt_that_ends_forgives_crashes(harness: &impl Harness) {
    let store = harness.store();
    store.push(&[job("a")]).await.unwrap();
    crash(harness, store.as_ref(), CRASHES - 1).await;
    let mut hand = Hand::new(store.clone(), "w");
    let claimed = hand.claim(9).await;
    assert!(claimed[0].suspect);
    assert!(hand.finish(&claimed[0], Ending::Again { delay: Duration::ZERO, attempts: 1, dying: None }).await);
    let claimed = hand.claim(9).await;
    assert_eq!((claimed[0].crashes, claimed[0].attempts, claimed[0].suspect), (0, 1, false));
}

pub(crate) async fn one_suspect_runs_at_a_time(harness: &impl Harness) {
    let store = harness.store();
    store.push(&[job("a"), job("b"), job("c")]).await.unwrap();
    crash(harness, store.as_ref(), CRASHES - 1).await;
    store.push(&[job("d")]).await.unwrap();
    let mut hand = Hand::new(store.clone(), "w");
    let first = hand.claim(9).await;
    assert_eq!(first.iter().map(|claimed| claimed.suspect).collect::<Vec<_>>(), [true, false]);
    hand.suspect = false;
    let turned = hand.turn(vec![], 9).await;
    assert!(turned.claimed.is_empty() && turned.next_due.is_none());
    hand.suspect = true;
    assert_eq!(hand.claim(9).await.len(), 1);
}

pub(crate) async fn a_poison_job_takes_no_neighbour_with_it(harness: &impl Harness) {
    let store = harness.store();
    let neighbours = (0..10).map(|i| job(&format!("neighbour{i}")));
    store.push(&neighbours.chain([job("poison")]).collect::<Vec<_>>()).await.unwrap();
    let (mut done, mut process) = (0, 0);
    let dying = loop {
        // A process with 20 slots: the neighbours take their time, so that all of them go down with the poison.
        process += 1;
        let mut hand = Hand::new(store.clone(), &format!("process {process}"));
        let claimed = hand.claim(20).await;
        if let Some(dying) = claimed.iter().find(|claimed| claimed.dying.is_some()) {
            break dying.clone();
        }
        if claimed.iter().any(|claimed| claimed.held.id == "poison") {
            harness.pass(LEASE).await;
            reap(store.as_ref()).await;
        } else {
            for claimed in &claimed {
                assert!(hand.finish(claimed, Ending::Done).await);
                done += 1;
            }
        }
        assert!(process < 50, "it comes to an end");
    };
    assert_eq!(dying.held.id, "poison");
    assert_eq!(dying.dying.expect("it is dying").death, Death::WorkerDied);
    let mut hand = Hand::new(store.clone(), "last");
    while let Some(claimed) = hand.claim(1).await.first() {
        assert_eq!(claimed.dying, None, "{}", claimed.held.id);
        assert!(hand.finish(claimed, Ending::Done).await);
        done += 1;
    }
    assert_eq!(done, 10);
}

pub(crate) async fn suspects_of_all_lanes_run_one_after_the_other(harness: &impl Harness) {
    let (store, world) = (harness.store(), World::new(harness.store()));
    for i in 0..5 {
        world.push(&Play::new(&format!("p{i}"), &[Act::Wait])).await;
        world.queue.push(&Click(i)).await.unwrap();
    }
    crash(harness, store.as_ref(), CRASHES - 1).await;
    let running = Running::start(world.engine());
    world.push(&Play::new("neighbour", &[Act::Succeed])).await;
    world.stage.until("curtain", 1).await;
    world.stage.until_performed("neighbour").await;
    let suspects: Vec<_> = world.stage.playing().into_iter().filter(|title| title != "neighbour").collect();
    assert!(suspects.len() <= 1, "{suspects:?}");
    world.stage.open();
    world.stage.until("curtain", 11).await;
    running.stop().await;
    assert_eq!(world.stage.count("perform"), 11);
    assert_eq!(world.counts().await, [0, 0, 0, 0]);
}

pub(crate) async fn a_job_whose_worker_died_is_mourned_and_not_performed(harness: &impl Harness) {
    let (store, world) = (harness.store(), World::new(harness.store()));
    world.push(&Play::new("p", &[Act::Succeed])).await;
    crash(harness, store.as_ref(), CRASHES).await;
    assert!(world.queue.find::<Play>("p").await.unwrap().is_some(), "it has not left the queue");
    world.drain().await;
    assert_eq!(world.stage.of("p"), ["on_dead: worker died"]);
    let dead = world.queue.dead(&DeadFilter::default(), 9).await.unwrap();
    assert_eq!(dead[0].reason, "worker died");
}

pub(crate) async fn a_dying_job_that_kills_its_worker_is_buried_at_last(harness: &impl Harness) {
    let store = harness.store();
    store.push(&[job("a")]).await.unwrap();
    crash(harness, store.as_ref(), LAST_CRASH - 1).await;
    assert!(store.dead(&DeadFilter::default(), 9).await.unwrap().is_empty());
    let buried = crash(harness, store.as_ref(), 1).await;
    assert_eq!(buried, [("a".to_owned(), "toy".to_owned())]);
    let dead = store.dead(&DeadFilter::default(), 9).await.unwrap();
    assert_eq!((dead[0].id.as_str(), dead[0].reason.as_str()), ("a", "worker died"));
}

pub(crate) async fn a_thousand_orphans_return_in_steps(harness: &impl Harness) {
    let store = harness.store();
    let mut hand = Hand::new(store.clone(), "w");
    for page in 0..2 {
        store.push(&(0..500).map(|i| job(&format!("{page}-{i}"))).collect::<Vec<_>>()).await.unwrap();
        assert_eq!(hand.claim(500).await.len(), 500);
    }
    harness.pass(LEASE).await;
    let steps = reap(store.as_ref()).await;
    assert!(steps.len() >= 4 && steps.iter().all(|step| step.returned <= 250), "{steps:?}");
    assert_eq!(steps.iter().map(|step| step.returned).sum::<usize>(), 1000);
    let claimed: Vec<Claimed> = Hand::new(store, "v").claim(500).await;
    assert!(claimed.iter().all(|claimed| claimed.crashes == 1));
}

/// Claims everything and lets the worker die, some times over; returns what was buried.
async fn crash(harness: &impl Harness, store: &dyn Store, times: u32) -> Vec<(String, String)> {
    let mut buried = Vec::new();
    for time in 0..times {
        for lane in Lane::ALL {
            for worker in 0.. {
                let mut hand = Hand::new(harness.store(), &format!("{worker} dies of {times}, time {time}"));
                hand.lane = lane;
                if hand.claim(100).await.is_empty() {
                    break;
                }
            }
        }
        harness.pass(LEASE).await;
        buried.extend(reap(store).await.into_iter().flat_map(|reaped| reaped.buried));
    }
    buried
}

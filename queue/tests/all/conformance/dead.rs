//! The dead set: what the operator sees of it, and its bounds.

use std::time::Duration;

use chrono::TimeDelta;
use queue::{
    Death, Store,
    clock::Clock,
    store::{BATCH, DeadFilter, Ending, Finished, NewJob, Retention},
};

use crate::world::{Hand, Harness, World, ids, job, keyed, reap_with};

/// Buries jobs.
async fn bury(harness: &impl Harness, jobs: &[NewJob]) {
    let store = harness.store();
    let mut hand = Hand::new(store.clone(), &format!("gravedigger of {}", jobs[0].id));
    for page in jobs.chunks(BATCH) {
        store.push(page).await.unwrap();
        let claimed = hand.claim(BATCH).await;
        assert_eq!(claimed.len(), page.len());
        let dead = |claimed: &queue::store::Claimed| Finished {
            held: claimed.held.clone(),
            ending: Ending::Dead { attempts: 3, death: Death::Attempts("no luck".into()) },
        };
        hand.turn(claimed.iter().map(dead).collect(), 0).await;
    }
}

async fn names(store: &dyn Store, filter: DeadFilter) -> Vec<String> {
    store.dead(&filter, 100_000).await.unwrap().into_iter().map(|dead| dead.id).collect()
}

pub(crate) async fn the_dead_are_listed_by_kind_and_age(harness: &impl Harness) {
    let (store, world) = (harness.store(), World::new(harness.store()));
    bury(harness, &[job("a"), NewJob { name: "other".into(), ..job("b") }]).await;
    world.advance(3600);
    assert_eq!(world.counts().await, [0, 0, 0, 2]);
    bury(harness, &[job("c")]).await;
    let before = Some(world.clock.now() - TimeDelta::minutes(30));
    assert_eq!(names(store.as_ref(), DeadFilter::default()).await, ["c", "b", "a"]);
    assert_eq!(names(store.as_ref(), DeadFilter { before, ..DeadFilter::default() }).await, ["b", "a"]);
    let name = Some("toy".to_owned());
    assert_eq!(names(store.as_ref(), DeadFilter { name: name.clone(), before }).await, ["a"]);
    let latest = store.dead(&DeadFilter { name, before: None }, 1).await.unwrap();
    assert_eq!((latest[0].id.as_str(), latest[0].attempts, latest[0].reason.as_str()), ("c", 3, "no luck"));
}

pub(crate) async fn a_dead_job_can_be_retried_and_deleted(harness: &impl Harness) {
    let store = harness.store();
    bury(harness, &[job("a"), job("b"), job("c")]).await;
    assert_eq!(store.retry_dead(&["b".into(), "ghost".into()]).await.unwrap(), 1);
    assert_eq!(store.delete_dead(&["c".into(), "ghost".into()]).await.unwrap(), 1);
    assert_eq!(names(store.as_ref(), DeadFilter::default()).await, ["a"]);
    let claimed = Hand::new(store, "w").claim(9).await;
    assert_eq!((ids(&claimed), claimed[0].attempts), (vec!["b"], 0));
}

pub(crate) async fn a_dead_job_whose_key_is_held_stays_dead(harness: &impl Harness) {
    let store = harness.store();
    bury(harness, &[keyed("a", "k")]).await;
    store.push(&[keyed("b", "k")]).await.unwrap();
    assert_eq!(store.retry_dead(&["a".into()]).await.unwrap(), 0);
    assert_eq!(names(store.as_ref(), DeadFilter::default()).await, ["a"]);
}

pub(crate) async fn the_dead_set_is_capped_in_steps(harness: &impl Harness) {
    let store = harness.store();
    bury(harness, &(0..1000).map(|i| job(&format!("j{i}"))).collect::<Vec<_>>()).await;
    let retention = Retention { dead: 50, ..Retention::default() };
    let steps = reap_with(store.as_ref(), &retention).await;
    assert!(steps.len() > 2, "{}", steps.len());
    let left = names(store.as_ref(), DeadFilter::default()).await;
    assert_eq!((left.len(), left[0].as_str(), left[49].as_str()), (50, "j999", "j950"));
}

pub(crate) async fn the_dead_are_forgotten_after_their_time(harness: &impl Harness) {
    let store = harness.store();
    bury(harness, &[job("a")]).await;
    store.set_offset(40 * 86_400_000).await.unwrap();
    bury(harness, &[job("b")]).await;
    let retention = Retention { age: Duration::from_hours(30 * 24), ..Retention::default() };
    reap_with(store.as_ref(), &retention).await;
    assert_eq!(names(store.as_ref(), DeadFilter::default()).await, ["b"]);
}

//! One job per key until it is finished.

use std::time::Duration;

use queue::{
    Death, JobState,
    store::{DeadFilter, Ending, NewJob},
};

use crate::{
    play::{Act, Play},
    world::{Hand, Harness, World, delayed, ids, job, keyed},
};

pub(crate) async fn a_key_is_held_until_its_job_is_finished(harness: &impl Harness) {
    let store = harness.store();
    let mut hand = Hand::new(store.clone(), "w");
    let first = store.push(&[keyed("a", "k")]).await.unwrap();
    assert!(!first[0].duplicate);
    let waiting = store.push(&[keyed("b", "k")]).await.unwrap();
    assert_eq!((waiting[0].id.as_str(), waiting[0].duplicate), ("a", true));
    let claimed = hand.claim(9).await;
    let running = store.push(&[keyed("c", "k")]).await.unwrap();
    assert_eq!((running[0].id.as_str(), running[0].duplicate), ("a", true));
    let again = Ending::Again { delay: Duration::from_mins(1), attempts: 1, dying: None };
    assert!(hand.finish(&claimed[0], again).await);
    let delayed = store.push(&[keyed("d", "k")]).await.unwrap();
    assert_eq!((delayed[0].id.as_str(), delayed[0].duplicate), ("a", true));
    store.set_offset(61_000).await.unwrap();
    let claimed = hand.claim(9).await;
    assert!(hand.finish(&claimed[0], Ending::Done).await);
    assert!(store.find("toy:k").await.unwrap().is_none());
    let finished = store.push(&[keyed("e", "k")]).await.unwrap();
    assert_eq!((finished[0].id.as_str(), finished[0].duplicate), ("e", false));
}

pub(crate) async fn a_duplicate_changes_nothing(harness: &impl Harness) {
    let store = harness.store();
    let late = NewJob { key: Some("toy:k".into()), payload: "1".into(), ..delayed("a", Duration::from_mins(1)) };
    store.push(&[late]).await.unwrap();
    store.push(&[NewJob { payload: "2".into(), ..keyed("b", "k") }]).await.unwrap();
    let view = store.find("toy:k").await.unwrap().unwrap();
    assert_eq!((view.id.as_str(), view.state, view.attempt), ("a", JobState::Delayed, 1));
    store.set_offset(61_000).await.unwrap();
    let claimed = Hand::new(store, "w").claim(9).await;
    assert_eq!((ids(&claimed), claimed[0].payload.as_str()), (vec!["a"], "1"));
}

pub(crate) async fn a_dead_job_releases_its_key(harness: &impl Harness) {
    let store = harness.store();
    let mut hand = Hand::new(store.clone(), "w");
    store.push(&[keyed("a", "k")]).await.unwrap();
    let claimed = hand.claim(9).await;
    let death = Death::Refused("never".into());
    assert!(hand.finish(&claimed[0], Ending::Dead { attempts: 1, death }).await);
    assert!(!store.push(&[keyed("b", "k")]).await.unwrap()[0].duplicate);
    assert_eq!(store.dead(&DeadFilter::default(), 9).await.unwrap().len(), 1);
}

pub(crate) async fn the_same_push_again_is_no_duplicate(harness: &impl Harness) {
    let store = harness.store();
    let jobs = [job("a"), keyed("b", "k")];
    let first = store.push(&jobs).await.unwrap();
    assert_eq!(store.push(&jobs).await.unwrap(), first);
    assert_eq!(Hand::new(store, "w").claim(9).await.len(), 2);
}

pub(crate) async fn two_jobs_of_one_page_with_one_key_become_one(harness: &impl Harness) {
    let pushed = harness.store().push(&[keyed("a", "k"), keyed("b", "l"), keyed("c", "k")]).await.unwrap();
    let said: Vec<_> = pushed.iter().map(|pushed| (pushed.id.as_str(), pushed.duplicate)).collect();
    assert_eq!(said, [("a", false), ("b", false), ("a", true)]);
}

pub(crate) async fn keys_may_hold_anything_and_names_keep_them_apart(harness: &impl Harness) {
    let world = World::new(harness.store());
    for title in ["", "a:b", "'\"\\", "{}[],", "a b\n\t", "日本 😀", "%_*?", &"x".repeat(10_000), "a\0b"] {
        let play = Play::new(title, &[Act::Succeed]);
        let first = world.push(&play).await;
        let second = world.push(&play).await;
        assert_eq!((first.duplicate, second.duplicate, &first.id), (false, true, &second.id), "{title:?}");
        let found = world.queue.find::<Play>(title).await.unwrap().expect("it is found");
        assert_eq!(found.id, first.id, "{title:?}");
    }
    let namesake = NewJob { key: Some("other:a:b".into()), ..delayed("other", Duration::from_mins(1)) };
    assert!(!harness.store().push(&[namesake]).await.unwrap()[0].duplicate);
    world.drain().await;
    assert_eq!(world.stage.count("perform"), 9);
}

pub(crate) async fn concurrent_pushers_of_one_key_make_one_job(harness: &impl Harness) {
    let pushers = (0..50).map(|i| {
        let store = harness.store();
        tokio::spawn(async move { store.push(&[keyed(&format!("j{i}"), "k")]).await.unwrap().remove(0) })
    });
    let mut pushed = Vec::new();
    for pusher in pushers.collect::<Vec<_>>() {
        pushed.push(pusher.await.unwrap());
    }
    assert_eq!(pushed.iter().filter(|pushed| !pushed.duplicate).count(), 1);
    assert!(pushed.iter().all(|other| other.id == pushed[0].id));
}

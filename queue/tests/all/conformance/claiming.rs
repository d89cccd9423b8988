//! Turns: claims, endings, fences, and answers that get lost.

use std::time::Duration;

use queue::{
    Death, Lane,
    store::{BATCH, Ending, Finished, Held, NewJob},
};

use crate::world::{Hand, Harness, LEASE, delayed, ids, job, reap};

pub(crate) async fn what_is_due_first_is_claimed_first(harness: &impl Harness) {
    let store = harness.store();
    let mut hand = Hand::new(store.clone(), "w");
    store.push(&[delayed("late", Duration::from_secs(20)), delayed("soon", Duration::from_secs(10))]).await.unwrap();
    store.push(&[job("a"), job("b"), job("c")]).await.unwrap();
    assert_eq!(ids(&hand.claim(2).await), ["a", "b"]);
    store.set_offset(30_000).await.unwrap();
    store.push(&[job("d")]).await.unwrap();
    assert_eq!(ids(&hand.claim(9).await), ["c", "soon", "late", "d"]);
}

pub(crate) async fn a_claimed_job_is_not_claimed_again(harness: &impl Harness) {
    let store = harness.store();
    store.push(&[job("a")]).await.unwrap();
    assert_eq!(Hand::new(store.clone(), "w").claim(9).await.len(), 1);
    assert!(Hand::new(store, "v").claim(9).await.is_empty());
}

pub(crate) async fn a_stale_owner_is_refused_for_that_job_alone(harness: &impl Harness) {
    let store = harness.store();
    let (mut old, mut new) = (Hand::new(store.clone(), "old"), Hand::new(store.clone(), "new"));
    store.push(&[job("a"), job("b")]).await.unwrap();
    let claimed = old.claim(1).await;
    harness.pass(LEASE).await;
    reap(store.as_ref()).await;
    let again = new.claim(1).await;
    assert_eq!(ids(&again), ["a"]);
    let mine = old.claim(1).await;
    let done = |held: &Held| Finished { held: held.clone(), ending: Ending::Done };
    let ghost = Held { id: "ghost".into(), token: 1 };
    let turned = old.turn(vec![done(&claimed[0].held), done(&ghost), done(&mine[0].held)], 0).await;
    assert_eq!(turned.applied, [false, false, true]);
    assert!(new.finish(&again[0], Ending::Done).await);
    assert!(store.is_idle().await.unwrap());
}

pub(crate) async fn a_lost_answer_can_be_asked_for_again(harness: &impl Harness) {
    let store = harness.store();
    let mut hand = Hand::new(store.clone(), "w");
    store.push(&[job("a"), job("b"), job("c")]).await.unwrap();
    let before = hand.claim(1).await;
    let done = vec![Finished { held: before[0].held.clone(), ending: Ending::Done }];
    let lost = hand.turn(done.clone(), 1).await;
    harness.pass(LEASE / 2).await;
    let again = hand.again(done, 1).await;
    assert_eq!((lost.applied, again.applied), (vec![true], vec![true]));
    assert_eq!(lost.claimed[0].held, again.claimed[0].held);
    // The lease was begun anew with the second answer.
    harness.pass(LEASE * 3 / 4).await;
    reap(store.as_ref()).await;
    assert!(hand.finish(&again.claimed[0], Ending::Done).await);
    assert_eq!(ids(&hand.claim(9).await), ["c"]);
}

pub(crate) async fn a_turn_again_says_what_was_applied_and_what_is_next(harness: &impl Harness) {
    let store = harness.store();
    let mut hand = Hand::new(store.clone(), "w");
    store.push(&[job("a"), job("b"), job("c"), delayed("later", Duration::from_secs(20))]).await.unwrap();
    let claimed = hand.claim(3).await;
    let mut done = claimed.iter().map(|claimed| vec![Finished { held: claimed.held.clone(), ending: Ending::Done }]);
    // A turn that wants nothing, one on a paused lane, and one that wants more than is due.
    for (want, paused) in [(0, false), (1, true), (1, false)] {
        store.set_paused(Lane::Default, paused).await.unwrap();
        let done = done.next().unwrap();
        let lost = hand.turn(done.clone(), want).await;
        let again = hand.again(done, want).await;
        assert_eq!((lost.applied, again.applied), (vec![true], vec![true]), "{want}, {paused}");
        let next = want > 0 && !paused;
        assert_eq!((lost.next_due.is_some(), again.next_due.is_some()), (next, next), "{want}, {paused}");
    }
}

pub(crate) async fn a_lost_answer_does_not_return_what_is_over(harness: &impl Harness) {
    let store = harness.store();
    let mut hand = Hand::new(store.clone(), "w");
    store.push(&[job("a")]).await.unwrap();
    hand.claim(1).await;
    harness.pass(LEASE).await;
    reap(store.as_ref()).await;
    assert_eq!(Hand::new(store, "v").claim(1).await.len(), 1);
    assert!(hand.again(vec![], 1).await.claimed.is_empty());
}

pub(crate) async fn a_handed_back_job_returns_as_it_came(harness: &impl Harness) {
    let store = harness.store();
    let mut hand = Hand::new(store.clone(), "w");
    store.push(&[job("a"), job("b")]).await.unwrap();
    let claimed = hand.claim(1).await;
    assert!(hand.finish(&claimed[0], Ending::HandBack).await);
    let again = hand.claim(9).await;
    assert_eq!(ids(&again), ["a", "b"]);
    assert_eq!((again[0].attempts, again[0].crashes), (0, 0));
    assert_ne!(again[0].held.token, claimed[0].held.token);
}

pub(crate) async fn the_next_due_time_bounds_the_sleep(harness: &impl Harness) {
    let store = harness.store();
    let mut hand = Hand::new(store.clone(), "w");
    assert_eq!(hand.turn(vec![], 1).await.next_due, None);
    store.push(&[delayed("a", Duration::from_secs(20)), delayed("b", Duration::from_secs(10))]).await.unwrap();
    let next = hand.turn(vec![], 1).await.next_due.expect("there is one");
    assert!(next <= Duration::from_secs(10) && next > Duration::from_secs(5), "{next:?}");
    store.set_offset(12_000).await.unwrap();
    let turned = hand.turn(vec![], 2).await;
    assert_eq!(ids(&turned.claimed), ["b"]);
    assert!(turned.next_due.expect("there is one") <= Duration::from_secs(8));
}

pub(crate) async fn a_paused_lane_gives_nothing_out(harness: &impl Harness) {
    let store = harness.store();
    let mut hand = Hand::new(store.clone(), "w");
    store.push(&[job("a"), job("b")]).await.unwrap();
    let claimed = hand.claim(1).await;
    store.set_paused(Lane::Default, true).await.unwrap();
    assert!(hand.claim(9).await.is_empty());
    assert!(hand.finish(&claimed[0], Ending::Done).await);
    assert!(store.stats().await.unwrap().iter().all(|lane| lane.paused == (lane.lane == Lane::Default)));
    store.set_paused(Lane::Default, false).await.unwrap();
    assert_eq!(ids(&hand.claim(9).await), ["b"]);
}

pub(crate) async fn lanes_do_not_meet(harness: &impl Harness) {
    let store = harness.store();
    store.push(&[NewJob { lane: Lane::Bulk, ..job("a") }, job("b")]).await.unwrap();
    assert_eq!(ids(&Hand::new(store.clone(), "w").claim(9).await), ["b"]);
    let stats = store.stats().await.unwrap();
    let counts: Vec<_> = stats.iter().map(|lane| (lane.lane, lane.waiting, lane.running)).collect();
    assert_eq!(counts, [(Lane::Interactive, 0, 0), (Lane::Default, 0, 1), (Lane::Bulk, 1, 0)]);
}

pub(crate) async fn the_next_job_tells_how_long_it_has_been_due(harness: &impl Harness) {
    let store = harness.store();
    let oldest = async || store.stats().await.unwrap()[Lane::Default as usize].oldest.map(|age| age.as_secs());
    store.push(&[delayed("later", Duration::from_hours(1))]).await.unwrap();
    assert_eq!(oldest().await, None);
    store.push(&[job("a"), job("b")]).await.unwrap();
    store.set_offset(600_000).await.unwrap();
    assert_eq!(oldest().await.map(|age| (600..660).contains(&age)), Some(true));
    let mut hand = Hand::new(store.clone(), "w");
    let claimed = hand.claim(2).await;
    assert_eq!(oldest().await, None);
    assert!(hand.finish(&claimed[0], Ending::HandBack).await);
    assert_eq!(oldest().await.map(|age| (600..660).contains(&age)), Some(true));
    // What was scheduled and is due counts before anybody has asked for it.
    assert_eq!(ids(&hand.claim(1).await), ["a"]);
    store.set_offset(7_200_000).await.unwrap();
    assert_eq!(oldest().await.map(|age| (3_600..3_660).contains(&age)), Some(true));
}

pub(crate) async fn a_job_keeps_the_trace_of_its_push(harness: &impl Harness) {
    let (store, trace) = (harness.store(), Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()));
    store.push(&[NewJob { trace: trace.clone(), ..job("a") }]).await.unwrap();
    let mut hand = Hand::new(store.clone(), "w");
    let first = hand.claim(1).await;
    assert!(hand.finish(&first[0], Ending::Again { delay: Duration::ZERO, attempts: 1, dying: None }).await);
    let again = hand.claim(1).await;
    assert!(hand.finish(&again[0], Ending::Dead { attempts: 2, death: Death::WorkerDied }).await);
    assert_eq!(store.retry_dead(&["a".into()]).await.unwrap(), 1);
    let retried = hand.claim(1).await;
    assert_eq!([&first[0].trace, &again[0].trace, &retried[0].trace], [&trace; 3]);
    store.push(&[job("b")]).await.unwrap();
    assert_eq!(hand.claim(1).await[0].trace, None);
}

pub(crate) async fn a_full_page_is_taken_and_given(harness: &impl Harness) {
    let store = harness.store();
    let mut hand = Hand::new(store.clone(), "w");
    let jobs: Vec<_> = (0..BATCH).map(|i| job(&format!("j{i}"))).collect();
    assert_eq!(store.push(&jobs).await.unwrap().len(), BATCH);
    let claimed = hand.claim(BATCH).await;
    assert_eq!(claimed.len(), BATCH);
    let held: Vec<_> = claimed.iter().map(|claimed| claimed.held.clone()).collect();
    assert!(store.renew(&held, LEASE).await.unwrap().into_iter().all(|renewed| renewed));
    let done = held.into_iter().map(|held| Finished { held, ending: Ending::Done }).collect();
    assert!(hand.turn(done, 0).await.applied.into_iter().all(|applied| applied));
    assert!(store.is_idle().await.unwrap());
}

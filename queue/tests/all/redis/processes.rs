//! Several processes on one server, and keys that somebody has meddled with.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ::redis::aio::MultiplexedConnection;
use queue::{
    redis::RedisStore,
    store::{Ending, Retention},
};

use super::{Harness, server};
use crate::{
    play::{Act, Play},
    world::{self, Hand, Harness as _, Running, World, ids, job, keyed},
};

/// Another process' store on the same keys.
async fn another(harness: &Harness) -> Arc<RedisStore> {
    let options = queue::redis::Options { prefix: harness.prefix.clone(), ca: None };
    RedisStore::connect(&server::shared().url(), options).await.unwrap()
}

/// Does what an operator might.
async fn meddle(harness: &Harness, words: &[&str]) {
    let mut conn: MultiplexedConnection = harness.conn.clone();
    let key = format!("{{{}}}:{}", harness.prefix, words[1]);
    let () = ::redis::cmd(words[0]).arg(key).arg(&words[2..]).query_async(&mut conn).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_pushes_wakes_a_worker() {
    let harness = <Harness as world::Harness>::new().await;
    let (world, producer) = (World::new(harness.store()), World::new(another(&harness).await));
    let running = Running::start(world.engine());
    for round in 1..=20 {
        let start = Instant::now();
        producer.push(&Play::new(&round.to_string(), &[Act::Succeed])).await;
        world.stage.until("perform", round).await;
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
    // An earlier due time than the one it sleeps for.
    producer.queue.push_in(&Play::new("hour", &[Act::Succeed]), Duration::from_hours(1)).await.unwrap();
    producer.queue.push_in(&Play::new("second", &[Act::Succeed]), Duration::from_secs(1)).await.unwrap();
    world.stage.until_performed("second").await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_workers_share_the_jobs_and_run_each_once() {
    let harness = <Harness as world::Harness>::new().await;
    let worlds =
        [World::new(harness.store()), World::new(another(&harness).await), World::new(another(&harness).await)];
    let running: Vec<_> = worlds.iter().map(|world| Running::start(world.engine())).collect();
    worlds[0].queue.push_all(&Play::many(2_000)).await.unwrap();
    let producer = World::new(another(&harness).await);
    producer.drain().await;
    for running in running {
        running.stop().await;
    }
    let done: Vec<_> = worlds.iter().chain([&producer]).map(|world| world.stage.count("perform")).collect();
    assert_eq!(done.iter().sum::<usize>(), 2_000, "{done:?}");
}

#[tokio::test]
async fn meddled_keys_stop_nothing() {
    let harness = <Harness as world::Harness>::new().await;
    let store = harness.store();
    let mut hand = Hand::new(store.clone(), "w");
    // An offset that is no number counts as none.
    meddle(&harness, &["SET", "offset", "tomorrow"]).await;
    assert_eq!(store.offset().await.unwrap(), 0);
    store.push(&[keyed("a", "k"), job("b"), job("c")]).await.unwrap();
    // A payload that is gone drops its job, and a key whose job is gone is free.
    meddle(&harness, &["HDEL", "default:data", "a"]).await;
    assert!(store.find("toy:k").await.unwrap().is_none());
    assert!(!store.push(&[keyed("d", "k")]).await.unwrap()[0].duplicate);
    assert_eq!(ids(&hand.claim(9).await), ["b", "c", "d"]);
    // An id twice in the list is handed out twice, and only the later owner's ending counts.
    store.push(&[job("twice")]).await.unwrap();
    meddle(&harness, &["RPUSH", "default:active", "twice", "ghost"]).await;
    let (first, second) = (hand.claim(1).await, hand.claim(9).await);
    assert!(!hand.finish(&first[0], Ending::Done).await);
    assert!(hand.finish(&second[0], Ending::Done).await);
    // Leases of nothing are dropped.
    meddle(&harness, &["ZADD", "default:leases", "1", "ghost"]).await;
    assert_eq!(store.reap(&Retention::default()).await.unwrap().returned, 0);
}

//! What becomes of the server while a worker runs: it is restarted, loses its scripts, its connections, its memory, its data,
//! its rank. Nothing is lost, nothing runs twice, and the worker lives on.

use std::{sync::Arc, time::Duration};

use queue::{
    Store, StoreError,
    redis::{Options, RedisStore},
    store::Ending,
};

use super::server::Server;
use crate::{
    play::{Act, Play},
    world::{Hand, Running, World, in_time, job, keyed},
};

async fn store(server: &Server) -> Arc<RedisStore> {
    RedisStore::connect(&server.url(), Options::default()).await.unwrap()
}

/// Says why the server refused a call.
fn refusal<T: std::fmt::Debug>(done: Result<T, StoreError>) -> String {
    done.unwrap_err().to_string()
}

/// Pushes again what was refused, until it is taken.
async fn push_in_the_end(world: &World, plays: &[Play]) {
    in_time(async { while world.queue.push_all(plays).await.is_err() {} }).await;
}

/// Waits for many jobs while something is done to the server again and again; each is performed once, and nothing is left.
async fn each_once_while(server: &mut Server, mut fault: impl AsyncFnMut(&mut Server)) {
    const JOBS: usize = 3_000;
    let world = World::new(store(server).await);
    let running = Running::start(world.engine());
    let plays = Play::many(JOBS);
    let (mut pushed, mut rounds) = (0, 0);
    while pushed < JOBS || rounds < 10 {
        let page = &plays[pushed..(pushed + 300).min(JOBS)];
        push_in_the_end(&world, page).await;
        pushed += page.len();
        fault(server).await;
        rounds += 1;
        world.stage.until("perform", pushed / 2).await;
    }
    world.stage.until("perform", JOBS).await;
    running.stop().await;
    let twice = plays.iter().filter(|play| !world.stage.once(&play.title)).count();
    assert_eq!((world.stage.count("perform"), twice), (JOBS, 0));
    assert_eq!(world.counts().await, [0, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scripts_may_be_flushed_while_it_runs() {
    each_once_while(&mut Server::start(&[]), async |server| server.ask("SCRIPT FLUSH").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_may_be_killed_while_it_runs() {
    each_once_while(&mut Server::start(&[]), async |server| {
        for kind in ["normal", "pubsub"] {
            let _killed: i64 = server.ask(&format!("CLIENT KILL TYPE {kind}")).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_may_be_killed_and_started_again_while_it_runs() {
    // With `everysec` a server that is killed may lose up to two seconds of what it has answered: then jobs are lost here,
    // and pushed again by state.
    each_once_while(&mut Server::start(&["--appendfsync", "always"]), async |server| server.restart()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_may_pause_while_it_runs() {
    each_once_while(&mut Server::start(&[]), async |server| server.ask("CLIENT PAUSE 150").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_while_the_subscription_is_down_is_not_slept_over() {
    let server = Server::start(&[]);
    let world = World::new(store(&server).await);
    let producer = World::new(store(&server).await);
    let running = Running::start(world.engine());
    for round in 1..=20 {
        let _killed: i64 = server.ask("CLIENT KILL TYPE pubsub").await;
        let start = std::time::Instant::now();
        producer.push(&Play::new(&round.to_string(), &[Act::Succeed])).await;
        world.stage.until("perform", round).await;
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_stops_no_worker_and_no_caller_for_ever() {
    let mut server = Server::start(&[]);
    let store = store(&server).await;
    let world = World::new(store.clone());
    let running = Running::start(world.engine());
    world.push(&Play::new("running", &[Act::Wait, Act::Succeed])).await;
    world.stage.until("perform", 1).await;
    server.signal("STOP");
    let error = in_time(async {
        loop {
            if let Err(error) = store.ping().await {
                return error.to_string();
            }
        }
    });
    assert!(error.await.contains("timed out"));
    // By our own clock its lease is over.
    world.stage.until("curtain", 1).await;
    server.signal("CONT");
    world.stage.until("perform", 2).await;
    push_in_the_end(&world, &[Play::new("next", &[Act::Succeed])]).await;
    world.stage.until_performed("next").await;
    running.stop().await;
    assert_eq!(world.stage.of("running"), ["perform", "perform"]);
    assert_eq!(world.counts().await, [0, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_memory_takes_nothing_in_and_lets_everything_end() {
    let server = Server::start(&["--maxmemory-policy", "noeviction"]);
    let store = store(&server).await;
    let mut hand = Hand::new(store.clone(), "w");
    let jobs: Vec<_> = ["done", "again", "dead", "back", "held"].map(|name| keyed(name, name)).to_vec();
    store.push(&jobs).await.unwrap();
    let claimed = hand.claim(4).await;
    let () = server.ask("CONFIG SET maxmemory 1").await;
    assert!(refusal(store.push(&[keyed("refused", "refused")]).await).contains("OOM"));
    assert!(refusal(store.ping().await).contains("OOM"), "whoever asks is told");
    assert!(store.find("toy:refused").await.unwrap().is_none(), "half a push");
    let again = Ending::Again { delay: Duration::from_mins(1), attempts: 1, dying: None };
    let dead = Ending::Dead { attempts: 1, death: queue::Death::Refused("never".into()) };
    let held: Vec<_> = claimed.iter().map(|claimed| claimed.held.clone()).collect();
    assert_eq!(store.renew(&held, Duration::from_secs(2)).await.unwrap(), [true; 4]);
    for (claimed, ending) in claimed.iter().zip([Ending::Done, again, dead, Ending::HandBack]) {
        assert!(hand.finish(claimed, ending.clone()).await, "{ending:?}");
    }
    assert_eq!(hand.claim(9).await.len(), 2);
    let () = server.ask("CONFIG SET maxmemory 0").await;
    store.push(&[job("taken")]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_loses_its_rank_is_asked_until_it_is_first_again() {
    for (stale, word) in [("yes", "read only replica"), ("no", "MasterDown")] {
        let server = Server::start(&["--replica-serve-stale-data", stale]);
        let (store, world) = (store(&server).await, World::new(store(&server).await));
        let running = Running::start(world.engine());
        world.push(&Play::new("running", &[Act::Wait])).await;
        world.stage.until("perform", 1).await;
        // Nobody is behind that port.
        let () = server.ask("REPLICAOF 127.0.0.1 1").await;
        let error =
            if stale == "yes" { refusal(store.push(&[job("refused")]).await) } else { refusal(store.stats().await) };
        assert!(error.contains(word), "{error}");
        assert!(store.ping().await.is_err(), "whoever asks is told");
        world.stage.open();
        let () = server.ask("REPLICAOF NO ONE").await;
        push_in_the_end(&world, &[Play::new("next", &[Act::Succeed])]).await;
        world.stage.until_performed("next").await;
        running.stop().await;
        assert_eq!(world.counts().await, [0, 0, 0, 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_may_be_flushed_while_it_runs() {
    let server = Server::start(&[]);
    let world = World::new(store(&server).await);
    let running = Running::start(world.engine());
    world
        .queue
        .push_all(&(0..30).map(|i| Play::new(&format!("lost{i}"), &[Act::Wait])).collect::<Vec<_>>())
        .await
        .unwrap();
    world.stage.until("perform", 10).await;
    let () = server.ask("FLUSHALL").await;
    assert!(!world.push(&Play::new("lost0", &[Act::Succeed])).await.duplicate);
    world.stage.open();
    // Not more than it had claimed, and what was pushed again.
    world.stage.until("perform", 13).await;
    assert!(!world.push(&Play::new("next", &[Act::Succeed])).await.duplicate);
    world.stage.until_performed("next").await;
    running.stop().await;
    assert_eq!(world.counts().await, [0, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_may_be_there_before_the_server() {
    let mut server = Server::start(&[]);
    server.stop();
    let world = World::new(store(&server).await);
    let running = Running::start(world.engine());
    assert!(world.queue.push(&Play::new("refused", &[Act::Succeed])).await.is_err());
    server.resume();
    push_in_the_end(&world, &[Play::new("p", &[Act::Succeed])]).await;
    world.stage.until_performed("p").await;
    running.stop().await;
}

//! Beside stock apalis-redis: its producers' tasks run here, and what we push is laid out as theirs.

use std::time::Duration;

use apalis_core::{
    backend::TaskSink as _,
    task::{builder::TaskBuilder, metadata::MetadataStore},
};
use apalis_redis::{Config, RedisStorage};
use queue::{
    JobState, Lane, Store,
    store::{Claimed, Ending, Finished},
};

use super::{Harness, server};
use crate::{
    play::{Act, Play},
    world::{self, Hand, Harness as _, LEASE, Running, World, job, reap},
};

fn named(name: &str) -> MetadataStore {
    MetadataStore::from_map([("name".to_owned(), name.to_owned())].into())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stock_producer_pushes_runs_here() {
    let harness = <Harness as world::Harness>::new().await;
    let world = World::new(harness.store());
    let config = Config::default().queue(harness.store.queue_name(Lane::Default));
    let mut storage = RedisStorage::new(server::shared().conn().await).with_config(config);
    let task = |play: Play, name| TaskBuilder::new(play).with_metadata(named(name));
    storage.push_task(task(Play::new("stock", &[Act::Fail, Act::Succeed]), "play").build()).await.unwrap();
    storage.push_task(task(Play::new("unknown", &[]), "nobody's").build()).await.unwrap();
    storage.push_task(task(Play::new("late", &[Act::Succeed]), "play").run_in_seconds(3600).build()).await.unwrap();
    let stats = world.counts().await;
    assert_eq!(stats[0] + stats[1], 3);
    let running = Running::start(world.engine());
    world.stage.until("perform", 1).await;
    world.advance(60);
    world.stage.until("perform", 2).await;
    running.stop().await;
    assert_eq!(world.stage.of("stock"), ["perform", "perform"]);
    let [waiting, delayed, ..] = world.counts().await;
    assert_eq!(waiting + delayed, 2, "one waits for its time, one for a worker that knows it");
    world.advance(3600);
    world.drain().await;
    assert_eq!(world.stage.of("late"), ["perform"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_we_push_is_read_by_stock_queries() {
    let harness = <Harness as world::Harness>::new().await;
    let world = World::new(harness.store());
    world.push(&Play::new("ours", &[Act::Succeed])).await;
    let view = world.queue.find::<Play>("ours").await.unwrap().unwrap();
    assert_eq!(view.state, JobState::Waiting);
    let config = Config::default().queue(harness.store.queue_name(Lane::Default));
    let worker = apalis_core::worker::context::WorkerContext::new("stock");
    let mut conn = server::shared().conn().await;
    let workers = format!("{}:workers", harness.store.queue_name(Lane::Default));
    let () = ::redis::cmd("ZADD").arg(&[&workers, "1", "stock"]).query_async(&mut conn).await.unwrap();
    let tasks = apalis_redis::queries::fetch_next(&mut conn, &worker, &config).await.unwrap();
    assert_eq!(tasks.len(), 1);
    assert_eq!(tasks[0].task_id().unwrap().to_string(), view.id);
    assert_eq!(tasks[0].idempotency_key(), Some("play:ours"));
    assert_eq!(serde_json::from_slice::<Play>(&tasks[0].args).unwrap().title, "ours");
}

/// Counts the jobs of all lanes that are not dead.
async fn alive(store: &dyn Store) -> u64 {
    store.stats().await.unwrap().iter().map(|lane| lane.waiting + lane.delayed + lane.running).sum()
}

fn all(claimed: &[Claimed], ending: &Ending) -> Vec<Finished> {
    claimed.iter().map(|claimed| Finished { held: claimed.held.clone(), ending: ending.clone() }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_that_has_our_names_by_chance_costs_neither_its_task_nor_a_neighbour() {
    let harness = <Harness as world::Harness>::new().await;
    let store = harness.store();
    let config = Config::default().queue(harness.store.queue_name(Lane::Default));
    let config = config.idempotency_ttl(Some(Duration::from_hours(1)));
    let mut storage = RedisStorage::new(server::shared().conn().await).with_config(config);
    for field in ["crashes", "created", "due", "attempts", "unknown"] {
        let metadata = [("name", "nobody's"), (field, "2026-03-01T09:00:00Z")];
        let metadata = MetadataStore::from_map(metadata.map(|(k, v)| (k.to_owned(), v.to_owned())).into());
        let task = TaskBuilder::new(Play::new(field, &[])).with_metadata(metadata).idempotency_key(field);
        storage.push_task(task.build()).await.unwrap();
    }
    store.push(&[job("ours")]).await.unwrap();

    for key in ["due", "attempts"] {
        assert_eq!(store.find(key).await.unwrap().unwrap().state, JobState::Waiting, "{key}");
    }

    let mut hand = Hand::new(store.clone(), "hand");
    let claimed = hand.claim(20).await;
    let unknown = Ending::Unknown { delay: Duration::ZERO };
    let claimed = hand.turn(all(&claimed, &unknown), 20).await.claimed;
    assert_eq!(claimed.len(), 6, "each is left to another worker, and comes again");
    for crash in ["first", "second"] {
        harness.pass(2 * LEASE).await;
        reap(&*store).await;
        assert_eq!(alive(&*store).await, 6, "the {crash} crash");
        if crash == "first" {
            assert_eq!(hand.claim(20).await.len(), 6);
        }
    }

    // By now each runs apart.
    let mut hands: Vec<_> = (0..6).map(|i| Hand::new(store.clone(), &format!("hand {i}"))).collect();
    let mut held = Vec::new();
    for hand in &mut hands {
        held.extend(hand.claim(20).await);
    }
    assert_eq!(held.len(), 6);
    hand.turn(all(&held, &Ending::HandBack), 0).await;
    assert_eq!(alive(&*store).await, 6, "what is handed back goes where it came from");
}

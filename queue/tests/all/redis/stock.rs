//! Beside stock apalis-redis: its producers' tasks run here, and what we push is laid out as theirs.

use apalis_core::{
    backend::TaskSink as _,
    task::{builder::TaskBuilder, metadata::MetadataStore},
};
use apalis_redis::{Config, RedisStorage};
use queue::{JobState, Lane};

use super::{Harness, server};
use crate::{
    play::{Act, Play},
    world::{self, Harness as _, Running, World},
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

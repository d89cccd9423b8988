//! Many jobs, and many who push them.

use queue::{Job, JobError, Lane};
use serde::{Deserialize, Serialize};

use crate::{
    play::{Act, Play, Stage},
    world::{Harness, Running, World},
};

pub(crate) async fn ten_thousand_jobs_are_drained_each_once(harness: &impl Harness) {
    let world = World::new(harness.store());
    let pushed = world.queue.push_all(&Play::many(10_000)).await.unwrap();
    assert!(pushed.iter().all(|pushed| !pushed.duplicate));
    world.drain().await;
    assert_eq!(world.stage.count("perform"), 10_000);
    assert!((0..10_000).all(|i| world.stage.once(&format!("n{i}"))));
    assert_eq!(world.counts().await, [0, 0, 0, 0]);
}

pub(crate) async fn concurrent_pushers_lose_nothing(harness: &impl Harness) {
    let world = World::new(harness.store());
    let running = Running::start(world.engine());
    let pushers: Vec<_> = (0..10)
        .map(|pusher| {
            let queue = world.queue.clone();
            tokio::spawn(async move {
                for i in 0..50 {
                    queue.push(&Play::new(&format!("{pusher}-{i}"), &[Act::Succeed])).await.unwrap();
                }
            })
        })
        .collect();
    for pusher in pushers {
        pusher.await.unwrap();
    }
    world.stage.until("perform", 500).await;
    running.stop().await;
    assert_eq!(world.stage.count("perform"), 500);
    assert_eq!(world.counts().await, [0, 0, 0, 0]);
}

/// Waits on the gate, in bulk.
#[derive(Serialize, Deserialize)]
struct Load(usize);

impl Job for Load {
    type Context = Stage;
    const NAME: &'static str = "load";
    const QUEUE: Lane = Lane::Bulk;

    async fn perform(&self, stage: &Stage) -> Result<(), JobError> {
        stage.act("load", "load", &[Act::Wait]).await
    }
}

/// Somebody waits for it.
#[derive(Serialize, Deserialize)]
struct Click;

impl Job for Click {
    type Context = Stage;
    const NAME: &'static str = "click";
    const QUEUE: Lane = Lane::Interactive;

    async fn perform(&self, stage: &Stage) -> Result<(), JobError> {
        stage.act("click", "click", &[Act::Succeed]).await
    }
}

pub(crate) async fn bulk_does_not_hold_up_who_waits(harness: &impl Harness) {
    let world = World::new(harness.store());
    world.queue.push_all(&(0..100).map(Load).collect::<Vec<_>>()).await.unwrap();
    let running = Running::start(world.engine().register::<Load>().register::<Click>());
    world.stage.until("load", 10).await;
    world.queue.push(&Click).await.unwrap();
    world.stage.until("click", 1).await;
    assert_eq!(world.stage.count("load"), 10, "no more run than there are slots");
    world.stage.open();
    world.stage.until("load", 100).await;
    running.stop().await;
}

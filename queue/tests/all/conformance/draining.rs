//! Many jobs, and many who push them.

use crate::{
    play::{Act, Click, Load, Play},
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

pub(crate) async fn bulk_does_not_hold_up_who_waits(harness: &impl Harness) {
    let world = World::new(harness.store());
    world.queue.push_all(&(0..100).map(Load).collect::<Vec<_>>()).await.unwrap();
    let running = Running::start(world.engine());
    world.stage.until("perform", 10).await;
    world.queue.push(&Click(0)).await.unwrap();
    world.stage.until_performed("click 0").await;
    assert_eq!(world.stage.count("perform"), 11, "no more run than there are slots");
    world.stage.open();
    world.stage.until("perform", 101).await;
    running.stop().await;
}

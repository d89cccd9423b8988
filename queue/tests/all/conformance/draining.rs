//! Many jobs.

use crate::{
    play::Play,
    world::{Harness, World},
};

pub(crate) async fn ten_thousand_jobs_are_drained_each_once(harness: &impl Harness) {
    let world = World::new(harness.store());
    let pushed = world.queue.push_all(&Play::many(10_000)).await.unwrap();
    assert!(pushed.iter().all(|pushed| !pushed.duplicate));
    let start = std::time::Instant::now();
    world.drain().await;
    println!("{:?}", start.elapsed());
    assert_eq!(world.stage.count("perform"), 10_000);
    assert_eq!(world.counts().await, [0, 0, 0, 0]);
}

//! `QUEUES`: a worker serves some queues, and leaves the others to others.

use queue::{Lane, Store};

use crate::harness::{Cluster, within_reason};

/// How many jobs of a queue are due.
async fn waiting(cluster: &Cluster, lane: Lane) -> u64 {
    let stats = cluster.redis.store().await.stats().await.expect("counted");
    stats.iter().find(|stats| stats.lane == lane).expect("the lane").waiting
}

#[tokio::test]
async fn a_worker_serves_the_queues_that_it_is_told() {
    let mut cluster = Cluster::start(1, 0).await;
    cluster.add_worker(&[("QUEUES", "interactive"), ("CONCURRENCY", "2")]).await;
    let line = cluster.workers[0].says(" working queues=").await;

    let run_id = cluster.exchange(0, "powr_io", "w1").await;
    let run = cluster.end_of(0, &run_id).await;
    let pending = cluster.ask(0, "w1", "powr_io").await;
    within_reason(async { while waiting(&cluster, Lane::Default).await == 0 {} }).await;

    assert!(line.ends_with("working queues=\"interactive (2 at once)\""), "{line}");
    assert_eq!((run["state"].as_str(), pending.status), (Some("done"), 202));
    assert_eq!(cluster.stand_ins.calls("/media").await.len(), 0, "feeds are not its work");

    cluster.add_worker(&[("QUEUES", "default,bulk")]).await;
    let fetched = cluster.end_of(0, pending.json()["job_id"].as_str().expect("a run")).await;
    assert_eq!(fetched["state"], "done");

    cluster.workers.remove(0).stop().await;
    let run_id = cluster.exchange(0, "natgeo", "w1").await;
    assert_eq!(waiting(&cluster, Lane::Interactive).await, 1);
    cluster.add_worker(&[]).await;
    assert_eq!(cluster.end_of(0, &run_id).await["state"], "done");
}

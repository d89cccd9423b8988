//! Redis is away while everything runs: the processes live, what is asked for is taken, and `/readyz` says what is missing.

use serde_json::json;

use crate::harness::Cluster;

#[tokio::test]
async fn while_redis_is_away_work_is_taken_and_done_afterwards() {
    let mut cluster = Cluster::start(2, 2).await;
    cluster.redis.stop();

    let run_id = cluster.exchange(0, "powr_io", "w1").await;
    let meanwhile = cluster.run(1, &run_id).await;
    cluster.until_part("queue", "down").await;
    let ready = cluster.ready(0).await;
    cluster.redis.start();
    cluster.until_part("queue", "ok").await;
    cluster.advance(60).await;

    assert_eq!(meanwhile["state"], "queued");
    assert_eq!((ready.status, ready.json()["parts"]["queue"]["status"].as_str()), (503, Some("down")));
    assert_eq!(ready.json()["parts"]["database"]["status"], "ok");
    assert_eq!(cluster.end_of(1, &run_id).await["state"], "done");
    cluster.assert_all_live();
}

#[tokio::test]
async fn a_redis_that_hangs_keeps_nobody_waiting() {
    let mut cluster = Cluster::start(1, 1).await;
    cluster.redis.signal("STOP");

    let begun = std::time::Instant::now();
    let run_id = cluster.exchange(0, "powr_io", "w1").await;
    cluster.until_part("queue", "down").await;
    let ready = cluster.ready(0).await;
    let took = begun.elapsed();
    cluster.redis.signal("CONT");
    cluster.until_part("queue", "ok").await;
    cluster.advance(60).await;

    assert_eq!(ready.status, 503);
    assert!(took.as_secs() < 15, "{took:?}");
    assert_eq!(cluster.end_of(0, &run_id).await["state"], "done");
    cluster.assert_all_live();
}

#[tokio::test]
async fn a_redis_that_comes_back_empty_costs_no_work() {
    let mut cluster = Cluster::start(1, 2).await;
    let away = json!({"answer": {"status": 503, "headers": {}, "body": ""}});
    cluster.stand_ins.fault("away", json!({"path_contains": "debug_token"}), away).await;
    let mut runs = Vec::new();
    for number in 0..10 {
        runs.push(cluster.exchange(0, ["powr_io", "natgeo"][number % 2], &format!("w{number}")).await);
    }
    cluster.redis.stop();
    cluster.redis.forget();
    cluster.redis.start();
    cluster.stand_ins.mend("away").await;
    cluster.until_part("queue", "ok").await;

    for _ in 0..2 {
        cluster.advance(60).await;
    }

    for run_id in &runs {
        assert_eq!(cluster.end_of(0, run_id).await["state"], "done");
    }
    cluster.assert_all_live();
}

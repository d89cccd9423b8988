//! Workers that die, and workers that are told to stop, in the middle of an exchange.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::Cluster;

/// A worker that is in the middle of an exchange, which hangs at Meta until it is mended, and another one beside it.
async fn in_the_middle(env: &[(&str, &str)]) -> (Cluster, String) {
    let mut cluster = Cluster::start_with(2, 1, env).await;
    let forever = json!({"hang_ms": 600_000});
    cluster.stand_ins.fault("hang", json!({"path_contains": "debug_token"}), forever).await;
    let run_id = cluster.exchange(0, "powr_io", "w1").await;
    cluster.stand_ins.wait_for_call("debug_token").await;
    cluster.add_worker(&[]).await;
    cluster.stand_ins.mend("hang").await;
    (cluster, run_id)
}

#[tokio::test]
async fn an_exchange_whose_worker_is_killed_is_ended_by_another_one() {
    let (mut cluster, run_id) = in_the_middle(&[]).await;

    let killed = Instant::now();
    cluster.workers[0].kill().await;
    cluster.stand_ins.wait_for_calls("debug_token", 2).await;
    let begun_again = killed.elapsed();

    let run = cluster.end_of(1, &run_id).await;
    assert_eq!(
        (run["state"].as_str(), run["attempt"].as_u64()),
        (Some("done"), Some(1)),
        "a crash is no attempt: {run}"
    );
    // A lease of 2 s, and what a busy machine adds.
    assert!(begun_again < Duration::from_secs(7), "{begun_again:?}");
    assert_eq!(cluster.stand_ins.calls("oauth/access_token").await.len(), 1, "the token was kept");
}

#[tokio::test]
async fn what_a_stopping_worker_does_not_end_in_its_grace_is_handed_back_at_once() {
    // Long before the lease would run out.
    let (mut cluster, run_id) = in_the_middle(&[("LEASE", "600"), ("SHUTDOWN_GRACE", "0")]).await;

    let code = cluster.workers.remove(0).stop().await;

    let run = cluster.end_of(0, &run_id).await;
    assert_eq!((code, run["state"].as_str(), run["attempt"].as_u64()), (Some(0), Some("done"), Some(1)), "{run}");
}

#[tokio::test]
async fn what_is_handed_back_more_often_than_a_job_may_crash_is_charged_nothing() {
    let mut cluster = Cluster::start_with(1, 1, &[("LEASE", "600"), ("SHUTDOWN_GRACE", "0")]).await;
    cluster.stand_ins.fault("hang", json!({"path_contains": "debug_token"}), json!({"hang_ms": 600_000})).await;
    let mut runs = Vec::new();
    for number in 0..5 {
        runs.push(cluster.exchange(0, "powr_io", &format!("w{number}")).await);
    }
    for stop in 1..=4 {
        cluster.stand_ins.wait_for_calls("debug_token", stop * runs.len()).await;
        assert_eq!(cluster.workers.remove(0).stop().await, Some(0));
        if stop == 4 {
            cluster.stand_ins.mend("hang").await;
        }
        cluster.add_worker(&[]).await;
    }

    for run_id in &runs {
        let run = cluster.end_of(0, run_id).await;
        assert_eq!((run["state"].as_str(), run["attempt"].as_u64()), (Some("done"), Some(1)), "{run}");
    }
}

#[tokio::test]
async fn what_a_stopping_worker_can_end_in_its_grace_it_ends() {
    let mut cluster = Cluster::start(1, 1).await;
    let late = json!({"hang_ms": 1_000, "applied": true, "times": 1});
    cluster.stand_ins.fault("late", json!({"path_contains": "debug_token"}), late).await;
    let run_id = cluster.exchange(0, "powr_io", "w1").await;
    cluster.stand_ins.wait_for_call("debug_token").await;

    let code = cluster.workers.remove(0).stop().await;

    assert_eq!((code, cluster.run(0, &run_id).await["state"].as_str()), (Some(0), Some("done")));
}

#[tokio::test]
async fn an_api_that_is_killed_takes_nothing_along() {
    let (mut cluster, run_id) = in_the_middle(&[]).await;

    cluster.api_processes[0].kill().await;
    cluster.workers[0].kill().await;

    assert_eq!(cluster.end_of(1, &run_id).await["state"], "done");
    let page = cluster.http.get(&format!("{}/healthz", cluster.url)).await;
    assert_eq!(page.status, 200, "whoever comes through the balancer is answered by the other one");
}

#[tokio::test]
async fn a_caller_who_waits_is_answered_when_its_api_stops() {
    let (mut cluster, run_id) = in_the_middle(&[]).await;
    let url = format!("{}/jobs/{run_id}?wait=30", cluster.apis[0]);
    cluster.workers[0].signal("STOP");
    let http = cluster.http.clone();
    let waiting = tokio::spawn(async move { http.get(&url).await.json() });
    // The wait has begun when a later request of the same kind is answered.
    cluster.run(0, &run_id).await;

    let code = cluster.api_processes.remove(0).stop().await;

    let run = waiting.await.expect("answered");
    assert_eq!((code, run["id"].as_str()), (Some(0), Some(run_id.as_str())), "{run}");
    cluster.workers[0].signal("CONT");
}

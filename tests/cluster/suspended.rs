//! A worker that is stopped for longer than its lease, and goes on afterwards as if nothing had been: a suspended machine.

use entities::{app_install, install};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

use crate::harness::{Cluster, within_reason};

const JOBS: usize = 10;

/// Waits until as many calls are answered, whether or not anybody listens.
async fn until_answered(cluster: &Cluster, path: &str, number: usize) {
    within_reason(async {
        while cluster.stand_ins.calls(path).await.iter().filter(|call| !call["status"].is_null()).count() < number {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_slept_through_its_leases_ends_nothing_a_second_time() {
    let mut cluster = Cluster::start(1, 1).await;
    let late = json!({"hang_ms": 4_000, "applied": true, "times": 2 * JOBS});
    cluster.stand_ins.fault("late", json!({"path_contains": "debug_token"}), late).await;
    let mut runs = Vec::new();
    for number in 0..JOBS {
        runs.push(cluster.exchange(0, "powr_io", &format!("w{number}")).await);
    }
    cluster.stand_ins.wait_for_calls("debug_token", JOBS).await;

    cluster.workers[0].signal("STOP");
    cluster.add_worker(&[]).await;
    cluster.stand_ins.wait_for_calls("debug_token", 2 * JOBS).await;
    // Its answers have come while it slept: it wakes with all of them at hand, and the other is in the middle of the same jobs.
    until_answered(&cluster, "debug_token", JOBS).await;
    let begun_again = cluster.stand_ins.calls("debug_token").await;
    cluster.workers[0].signal("CONT");
    within_reason(async {
        while stopped_here(&cluster) < JOBS {
            tokio::task::yield_now().await;
        }
    })
    .await;

    for run_id in &runs {
        let run = cluster.end_of(0, run_id).await;
        assert_eq!((run["state"].as_str(), run["attempt"].as_u64()), (Some("done"), Some(1)), "{run}");
    }
    assert_eq!(begun_again.len(), 2 * JOBS, "each was begun twice");
    // The sleeper's first question of each, and then each job's two, once.
    assert_eq!(cluster.stand_ins.calls("debug_token").await.len(), 3 * JOBS);
    for once in ["oauth/access_token", "me/accounts"] {
        assert_eq!(cluster.stand_ins.calls(once).await.len(), JOBS, "{once}");
    }
    let db = cluster.db().await;
    let installs = install::Entity::find().all(&db.read).await.expect("read");
    assert_eq!(installs.iter().map(|row| row.generation).collect::<Vec<_>>(), [10], "written by each job once");
    assert_eq!(app_install::Entity::find().count(&db.read).await.expect("counted"), 10);
    assert_eq!(stopped_here(&cluster), JOBS, "each was let go of once");

    // The sleeper is as good as before.
    cluster.workers.remove(1).stop().await;
    let run_id = cluster.exchange(0, "natgeo", "w").await;
    assert_eq!(cluster.end_of(0, &run_id).await["state"], "done");
    cluster.assert_all_live();
}

/// How many exchanges the first worker has let go of, for their leases were over. A minute's scan that it slept through goes
/// the same way, if there was one.
fn stopped_here(cluster: &Cluster) -> usize {
    let is_one =
        |line: &&str| line.contains("the lease is over: the job is stopped here") && line.contains("exchange_token");
    cluster.workers[0].log().lines().filter(is_one).count()
}

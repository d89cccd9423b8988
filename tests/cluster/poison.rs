//! A job that kills whoever runs it, among ten others that were running at each crash: it dies, and nobody else does.
//!
//! What kills is outside of the process, as an out-of-memory killer is: whoever has begun the job's call is ended by SIGKILL.

use chrono::TimeDelta;
use entities::feed;
use queue::Store;
use queue::store::DeadFilter;
use sea_orm::EntityTrait;
use serde_json::json;

use crate::harness::Cluster;

/// As many crashes as a job may have.
const CRASHES: usize = 3;
const NEIGHBOURS: usize = 10;

/// What kills, one after the other: an exchange, then the first fetch of a feed.
const KINDS: [&str; 2] = ["exchange_token", "fetch_feed"];

#[tokio::test]
async fn a_job_that_kills_its_process_dies_alone_twenty_times_over() {
    futures_util::future::join_all((0..10).map(|_| twice())).await;
}

async fn twice() {
    let mut cluster = Cluster::start_with(1, 1, &[("CONCURRENCY", "20")]).await;
    let run_id = cluster.exchange(0, "powr_io", "w1").await;
    assert_eq!(cluster.end_of(0, &run_id).await["state"], "done");
    for killer in 0..KINDS.len() {
        dies_alone(&mut cluster, killer).await;
    }
    cluster.stand_ins.forget_calls().await;

    cluster.advance(TimeDelta::hours(1).num_seconds()).await;

    assert_eq!(cluster.stand_ins.calls("").await.len(), 0, "the dead stay dead, whatever looks for work");
    let answer = cluster.ask(0, "w1", "powr_io").await;
    assert_eq!((answer.status, answer.json()["freshness"]["reason"].as_str()), (200, Some("transient")));
}

/// Starts the killer among its neighbours, and kills whoever runs it.
async fn dies_alone(cluster: &mut Cluster, killer: usize) {
    cluster.stand_ins.forget_calls().await;
    let (account, innocent) =
        (cluster.stand_ins.account_id("powr_io").await, cluster.stand_ins.account_id("natgeo").await);
    for (name, account) in [("poison", &account), ("neighbours", &innocent)] {
        cluster.stand_ins.fault(name, json!({"ig_user_id": account}), json!({"hang_ms": 600_000})).await;
    }
    let mut neighbours = Vec::new();
    for number in 0..NEIGHBOURS {
        neighbours.push(cluster.exchange(0, "natgeo", &format!("n{killer}-{number}")).await);
    }
    let run_id = match KINDS[killer] {
        "exchange_token" => cluster.exchange(0, "powr_io", "w2").await,
        _ => cluster.ask(0, "w1", "powr_io").await.json()["job_id"].as_str().expect("a run").to_owned(),
    };

    for crash in 1..=CRASHES {
        cluster.stand_ins.wait_for_calls(&account, crash).await;
        // On its last chance it runs apart, before its neighbours or after them.
        if crash < CRASHES {
            cluster.stand_ins.wait_for_calls(&innocent, crash * NEIGHBOURS).await;
        }
        cluster.workers.remove(0).kill().await;
        if crash == CRASHES - 1 {
            cluster.stand_ins.mend("neighbours").await;
        }
        cluster.add_worker(&[]).await;
    }

    let run = cluster.end_of(0, &run_id).await;
    let said = |field: &str| run["error"][field].as_str().unwrap_or_default();
    assert_eq!((run["state"].as_str(), said("code")), (Some("failed"), "transient"), "{run}");
    assert_eq!(said("message"), "It did not work in several tries.");
    for run_id in &neighbours {
        let run = cluster.end_of(0, run_id).await;
        assert_eq!((run["state"].as_str(), run["attempt"].as_u64()), (Some("done"), Some(1)), "{run}");
    }
    cluster.settle().await;
    let dead = cluster.redis.store().await.dead(&DeadFilter::default(), 99).await.expect("listed");
    let mut dead: Vec<_> = dead.iter().map(|job| (job.name.as_str(), job.reason.as_str())).collect();
    dead.sort_unstable();
    let killers: Vec<_> = KINDS[..=killer].iter().map(|kind| (*kind, "worker died")).collect();
    assert_eq!(dead, killers, "and nobody else");
    assert_eq!(cluster.stand_ins.calls(&account).await.len(), CRASHES, "it was not performed again");
    if KINDS[killer] == "fetch_feed" {
        let db = cluster.db().await;
        let feed = feed::Entity::find().one(&db.read).await.expect("read").expect("the only feed");
        assert_eq!(feed.failure.as_deref(), Some("transient"));
        assert_eq!(feed.next_fetch_at, Some(feed.updated_at + TimeDelta::hours(24)), "it is left alone for a day");
    }
    cluster.stand_ins.mend("poison").await;
}

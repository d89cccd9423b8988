//! What a deployment is for: work that comes in at any API is done by any worker.

use chrono::{DateTime, TimeDelta, Utc};
use entities::app_install;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

use crate::harness::Cluster;

#[tokio::test]
async fn an_exchange_and_its_feed_go_through_two_apis_and_three_workers() {
    let cluster = Cluster::start(2, 3).await;

    let run_id = cluster.exchange(0, "powr_io", "w1").await;
    let run = cluster.end_of(1, &run_id).await;
    let feed = cluster.feed(1, "w1", "powr_io").await;

    assert_eq!((run["state"].as_str(), run["attempt"].as_u64()), (Some("done"), Some(1)), "{run}");
    assert_eq!(run["result"]["instagram_account"], "powr_io");
    assert_eq!(feed["freshness"]["state"], "fresh");
    assert_eq!(cluster.ask(0, "w1", "powr_io").await.json()["data"], feed["data"]);
    assert_eq!(cluster.stand_ins.calls("/media").await.len(), 1, "one reader for everybody");
}

#[tokio::test]
async fn many_exchanges_at_once_are_each_done_once() {
    let cluster = Cluster::start(2, 3).await;
    let mut runs = Vec::new();
    for number in 0..20 {
        let user = ["powr_io", "natgeo"][number % 2];
        runs.push(cluster.exchange(number % 2, user, &format!("w{number}")).await);
    }

    for run_id in &runs {
        let run = cluster.end_of(0, run_id).await;
        assert_eq!((run["state"].as_str(), run["attempt"].as_u64()), (Some("done"), Some(1)), "{run}");
    }
    assert_eq!(cluster.stand_ins.calls("oauth/access_token").await.len(), 20);
    let links = app_install::Entity::find().count(&cluster.db().await.read).await.expect("counted");
    assert_eq!(links, 20);
}

#[tokio::test]
async fn the_first_askers_of_a_feed_are_one_call_wherever_they_ask() {
    let cluster = Cluster::start(2, 2).await;
    let run_id = cluster.exchange(0, "powr_io", "w1").await;
    cluster.end_of(0, &run_id).await;

    let asked = futures_util::future::join_all((0..20).map(|number| cluster.ask(number % 2, "w1", "powr_io"))).await;
    cluster.feed(0, "w1", "powr_io").await;

    assert!(asked.iter().all(|answer| [200, 202].contains(&answer.status)), "{asked:?}");
    assert_eq!(cluster.stand_ins.calls("/media").await.len(), 1);
}

#[tokio::test]
async fn a_feed_is_fetched_anew_when_the_stand_ins_clock_says_so() {
    let cluster = Cluster::start(2, 3).await;
    let run_id = cluster.exchange(0, "powr_io", "w1").await;
    cluster.end_of(0, &run_id).await;
    for again in 1..=5 {
        let feed = cluster.feed(0, "w1", "powr_io").await;
        let due: DateTime<Utc> = feed["freshness"]["next_try_at"].as_str().expect("a time").parse().expect("a time");
        let soon = due - cluster.now().await;
        assert!(soon > TimeDelta::minutes(1), "it is not due before: {}", feed["freshness"]);
        // What is due is looked for at each minute's beginning.
        cluster.advance((soon + TimeDelta::seconds(61)).num_seconds()).await;

        assert_eq!(
            cluster.stand_ins.calls("/media").await.len(),
            1 + again,
            "one call for each time that it is due: {}",
            cluster.logs()
        );
    }
    let feed = cluster.feed(1, "w1", "powr_io").await;
    assert_eq!(feed["freshness"]["state"], "fresh", "{}", feed["freshness"]);
}

#[tokio::test]
async fn what_is_tried_again_later_follows_the_stand_ins_clock() {
    let cluster = Cluster::start(1, 2).await;
    let limited = json!({"answer": {"status": 503, "headers": {}, "body": ""}});
    cluster.stand_ins.fault("away", json!({"path_contains": "debug_token"}), limited).await;
    let run_id = cluster.exchange(0, "powr_io", "w1").await;
    cluster.stand_ins.wait_for_call("debug_token").await;
    cluster.stand_ins.mend("away").await;

    cluster.advance(3600).await;

    assert_eq!(cluster.run(0, &run_id).await["state"], "done");
}

//! The start of the halves: what they refuse, and what they wait for.

use crate::harness::{Cluster, Half};

/// Starts a half that is told all but what is left out, and something more; returns what it says before it gives up.
async fn refused(cluster: &Cluster, command: &str, without: &[&str], with: &[(&str, &str)]) -> String {
    let mut env = cluster.env_with(with);
    env.retain(|(name, _)| !without.contains(&name.as_str()));
    let mut half = Half::spawn(command, &env);
    assert_eq!(half.ended().await, Some(1), "{command} without {without:?} with {with:?}: {}", half.log());
    half.says("feedkeeper: ").await
}

#[tokio::test]
async fn what_a_half_cannot_work_without_is_named_with_its_fix() {
    let mut cluster = Cluster::prepare().await;
    cluster.redis.start();
    for (command, without, with, says) in [
        ("api", &["REDIS_URL"][..], &[][..], "feedkeeper: two processes need REDIS_URL; for one process use dev"),
        ("worker", &["REDIS_URL"], &[], "feedkeeper: two processes need REDIS_URL; for one process use dev"),
        ("api", &["PUBLIC_URL"], &[], "PUBLIC_URL is not set"),
        ("api", &["AUTH"], &[], "AUTH=signed needs APP_TOKEN_SECRET"),
        ("api", &["HOST"], &[], "AUTH=open takes every caller as authorised, so HOST has to be loopback; HOST=0.0.0.0"),
        ("api", &["KEYRING"], &[], "KEYRING is not set and"),
        ("worker", &["KEYRING"], &[], "`feedkeeper keys generate` prints a key"),
        ("api", &["META_APP_SECRET"], &[], "META_APP_ID is set but META_APP_SECRET is not"),
        ("worker", &["GRAPH_URL"], &[], "CLOCK_URL moves the time of everything"),
        ("worker", &[], &[("GRAPH_URL", "https://graph.facebook.com")], "CLOCK_URL moves the time of everything"),
        ("worker", &[], &[("QUEUES", "interactive,fast")], "`fast` is no queue: use interactive, default or bulk"),
        ("worker", &[], &[("QUEUES", "default,default")], "the queue default is listed twice"),
        ("worker", &[], &[("LEASE", "1")], "LEASE=1: whole seconds, from 2 to 3600"),
        ("worker", &[], &[("REDIS_URL", "http://:hunter2@x")], "REDIS_URL: the address of Redis cannot be read"),
        ("api", &[], &[("DATABASE_URL", "postgres://u:hunter2@127.0.0.1:1/x")], "DATABASE_URL cannot be opened"),
    ] {
        let said = refused(&cluster, command, without, with).await;
        assert!(said.contains(says) && !said.contains("hunter2"), "{command}: {said}");
    }
}

#[tokio::test]
async fn a_schema_that_is_behind_is_refused_with_the_command_that_brings_it_up_to_date() {
    let cluster = Cluster::prepare().await;
    let migrate = async |direction: &str| {
        let mut migrate = Half::spawn(&format!("migrate {direction}"), &cluster.env);
        assert_eq!(migrate.ended().await, Some(0), "{}", migrate.log());
    };

    migrate("down").await;
    for command in ["api", "worker"] {
        let said = refused(&cluster, command, &[], &[]).await;
        assert!(said.contains("the schema is not up to date") && said.contains("run `feedkeeper migrate`"), "{said}");
    }
    migrate("up").await;

    let mut cluster = cluster;
    cluster.redis.start();
    cluster.add_api(&[]).await;
    cluster.add_worker(&[]).await;
    assert_eq!(cluster.ready(0).await.status, 200);
}

#[tokio::test]
async fn a_redis_that_is_not_there_yet_is_waited_for() {
    let mut cluster = Cluster::prepare().await;
    cluster.add_api(&[]).await;
    let worker = Half::spawn("worker", &cluster.env);
    worker.says("Redis does not answer yet").await;

    let before = cluster.ready(0).await;
    let run_id = cluster.exchange(0, "powr_io", "w1").await;
    cluster.redis.start();
    worker.says(" working queues=").await;

    assert_eq!(before.status, 503);
    assert_eq!(before.json()["parts"]["queue"]["status"], "down");
    assert_eq!(before.json()["parts"]["database"]["status"], "ok");
    assert_eq!(cluster.end_of(0, &run_id).await["state"], "done");
    cluster.until_part("queue", "ok").await;
    let ready = cluster.ready(0).await;
    assert_eq!((ready.status, ready.json()["parts"]["queue"]["last_claim_s"].is_null()), (200, true));
}

#[tokio::test]
async fn without_a_meta_app_both_start_and_say_what_is_missing() {
    let mut cluster = Cluster::prepare().await;
    cluster.redis.start();
    cluster.env.retain(|(name, _)| !name.starts_with("META_APP"));
    cluster.add_api(&[]).await;
    cluster.add_worker(&[]).await;

    let connect = cluster.http.get(&format!("{}/connect?app_id=w1&user=u", cluster.apis[0])).await;
    let run = cluster.exchange(0, "powr_io", "w1").await;
    let run = cluster.end_of(0, &run).await;

    assert_eq!((connect.status, connect.code().as_str()), (503, "app_misconfigured"), "{}", connect.text);
    assert_eq!(run["error"]["code"], "app_misconfigured", "{run}");
}

#[tokio::test]
async fn both_end_well_at_once_when_nothing_is_going_on() {
    let mut cluster = Cluster::start(1, 1).await;

    for half in [cluster.api_processes.remove(0), cluster.workers.remove(0)] {
        let begun = std::time::Instant::now();
        assert_eq!(half.stop().await, Some(0));
        assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    }
}

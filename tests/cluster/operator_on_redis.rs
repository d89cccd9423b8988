//! The operator's hands on a deployment: what `doctor` says of its Redis, the queues and the dead on it, and one trace and
//! metrics over its processes.

use std::collections::HashMap;

use crate::flows::operator::{Said, graveyard, run_with};
use crate::harness::Cluster;
use crate::harness::collector::{Collector, hex};

async fn run(cluster: &Cluster, args: &[&str]) -> Said {
    let env: Vec<_> = cluster.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    run_with(cluster.data(), &env, args).await
}

#[tokio::test]
async fn doctor_says_what_a_crash_of_redis_costs_and_refuses_one_that_throws_jobs_away() {
    let cluster = Cluster::start(1, 0).await;

    let well = run(&cluster, &["doctor"]).await;
    cluster.redis.tell("CONFIG SET maxmemory-policy allkeys-lru").await;
    cluster.redis.tell("CONFIG SET appendonly no").await;
    let ill = run(&cluster, &["doctor"]).await;

    assert_eq!(well.code, Some(0), "{}{}", well.out, well.err);
    for about in ["queue", "queue persistence", "clock", "keys", "public address", "Meta app"] {
        let marks = well.marks(about);
        assert!(marks.starts_with('✓') && marks.trim_matches('✓').is_empty(), "{about}: {}", well.out);
    }
    assert_eq!(well.marks("queue memory"), "✓✓", "{}", well.out);
    assert!(well.out.contains("appendfsync=everysec: a crash of Redis' machine costs its last second or two"));
    assert_eq!((ill.code, ill.marks("queue memory").as_str()), (Some(1), "✗✓"), "{}", ill.out);
    assert!(
        ill.out.contains("maxmemory-policy is allkeys-lru") && ill.out.contains("set `maxmemory-policy noeviction`")
    );
    assert_eq!(ill.marks("queue persistence"), "!", "{}", ill.out);
    assert!(ill.out.contains("a crash of Redis costs all that it holds"), "{}", ill.out);
    assert!(ill.err.contains("1 thing is to be mended"), "{}", ill.err);
}

#[tokio::test]
async fn doctor_says_that_redis_is_away() {
    let mut cluster = Cluster::start(0, 0).await;
    cluster.redis.stop();

    let said = run(&cluster, &["doctor"]).await;

    assert_eq!((said.code, said.marks("queue").as_str()), (Some(1), "✗"), "{}", said.out);
    assert!(said.out.contains("is it running, and is REDIS_URL right?"), "{}", said.out);
}

#[tokio::test]
async fn a_queue_is_paused_for_every_worker_and_resumed() {
    let cluster = Cluster::start(1, 2).await;

    let paused = run(&cluster, &["queue", "pause", "interactive"]).await;
    let run_id = cluster.exchange(0, "powr_io", "w1").await;
    let stats = run(&cluster, &["queue", "stats", "interactive", "--json"]).await;
    let resumed = run(&cluster, &["queue", "resume", "interactive"]).await;
    let end = cluster.end_of(0, &run_id).await;

    assert!(paused.out.starts_with("paused interactive: "), "{}{}", paused.out, paused.err);
    let stats = stats.objects().remove(0);
    assert_eq!((&stats["paused"], &stats["waiting"]), (&true.into(), &1.into()), "{stats}");
    assert!(resumed.out.starts_with("resumed interactive: "), "{}", resumed.err);
    assert_eq!(end["state"], "done");
}

#[tokio::test]
async fn the_dead_on_redis_are_listed_retried_and_deleted() {
    let cluster = Cluster::start(0, 0).await;
    graveyard(cluster.redis.store().await.as_ref(), &[("old_job", 600), ("fetch_feed", 2)]).await;

    let listed = run(&cluster, &["jobs", "dead", "list", "--kind", "fetch_feed", "--json"]).await;
    let retried = run(&cluster, &["jobs", "dead", "retry", "--kind", "fetch_feed"]).await;
    let deleted = run(&cluster, &["jobs", "dead", "delete", "--older", "2d"]).await;
    let stats = run(&cluster, &["queue", "stats", "default", "--json"]).await.objects().remove(0);

    assert_eq!(listed.objects().len(), 2, "{}{}", listed.out, listed.err);
    assert_eq!((retried.out.as_str(), deleted.out.as_str()), ("retried 2 dead jobs\n", "deleted 600 dead jobs\n"));
    assert_eq!((&stats["waiting"], &stats["dead"]), (&2.into(), &0.into()), "{stats}");
}

#[tokio::test]
async fn a_trace_goes_from_one_process_to_another_and_each_has_its_metrics() {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let collector = Collector::start().await;
    let more = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.as_str()),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        ("ADMIN_PORT", "0"),
    ];
    let cluster = Cluster::start_with(1, 1, &more).await;
    let token = cluster.stand_ins.mint("powr_io").await;

    let url = format!("{}/instagram/oauth?token={token}&appId=w1&user=o&app_type=socialFeed", cluster.apis[0]);
    let traceparent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let answer = cluster.http.send(reqwest::Method::POST, &url, &[("traceparent", &traceparent)], None).await;
    cluster.end_of(0, answer.json()["job_id"].as_str().expect("a run")).await;

    let spans = collector.trace(TRACE, |spans| spans.iter().any(|span| span.name == "job")).await;
    let spans: HashMap<_, _> = spans.iter().map(|span| (span.name.as_str(), span)).collect();
    assert_eq!(hex(&spans["request"].parent_span_id), "00f067aa0ba902b7");
    assert_eq!(spans["job"].parent_span_id, spans["request"].span_id);
    assert_eq!(spans["graph"].parent_span_id, spans["job"].span_id);
    for (half, line) in [
        (&cluster.api_processes[0], "feedkeeper_job_pushes_total{job=\"exchange_token\",outcome=\"inserted\"} 1"),
        (&cluster.workers[0], "feedkeeper_job_wait_seconds_count{job=\"exchange_token\"} 1"),
    ] {
        let said = half.says(" metrics url=").await;
        let url = said.split("url=").nth(1).expect("an address").trim_matches('"').to_owned();
        let metrics = cluster.http.get(&url).await.text;
        assert!(metrics.contains(line), "{line}\n{metrics}");
        assert_eq!(cluster.http.get(&url.replace("/metrics", "/readyz")).await.status, 200);
    }
}

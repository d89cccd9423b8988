//! One trace from a request through the job to the calls to Meta, and through what is tried again.

use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::json;

use crate::harness::collector::{Collector, field, hex};
use crate::harness::{Http, Service};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[tokio::test]
async fn a_request_its_job_and_the_calls_to_meta_are_one_trace() {
    let collector = Collector::start().await;
    let env = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.as_str()),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        // However little is logged.
        ("RUST_LOG", "error"),
    ];
    let service = Service::start_with(&env, Http::new()).await;
    let down = json!({"answer": {"status": 503, "headers": {}, "body": ""}, "times": 1});
    service.stand_ins.fault("down", json!({"path_contains": "debug_token"}), down).await;
    let token = service.stand_ins.mint("powr_io").await;

    let url = format!("{}/instagram/oauth?token={token}&appId=w1&user=owner&app_type=socialFeed", service.url);
    let traceparent = format!("00-{TRACE}-b7ad6b7169203331-01");
    let answer = service.http.send(reqwest::Method::POST, &url, &[("traceparent", &traceparent)], None).await;
    let end = service.end_of(answer.json()["job_id"].as_str().expect("a run")).await;

    assert_eq!(end["state"], "done", "{end}");
    let jobs = |spans: &[Span]| spans.iter().filter(|span| span.name == "job").count();
    let spans = collector.trace(TRACE, |spans| jobs(spans) == 2).await;
    let named = |name: &str| spans.iter().filter(|span| span.name == name).collect::<Vec<_>>();
    let [request] = named("request")[..] else { panic!("one request: {spans:?}") };
    assert_eq!(
        (hex(&request.parent_span_id).as_str(), field(request, "route").as_str()),
        ("b7ad6b7169203331", "/instagram/oauth")
    );
    for (job, attempt) in named("job").into_iter().zip(["1", "2"]) {
        assert_eq!(job.parent_span_id, request.span_id);
        assert_eq!(
            (field(job, "job.name"), field(job, "job.attempt")),
            ("exchange_token".to_owned(), attempt.to_owned())
        );
        let calls: Vec<_> = named("graph").into_iter().filter(|call| call.parent_span_id == job.span_id).collect();
        assert!(calls.iter().any(|call| field(call, "call") == "debug_token"), "attempt {attempt}: {calls:?}");
    }
    assert!(!collector.text().contains(&token) && !collector.text().contains("EAA"), "a token is in a trace");
    assert_eq!(service.stop().await, Some(0));
}

#[tokio::test]
async fn the_collectors_secret_may_lie_in_a_file() {
    let (collector, folder) = (Collector::start().await, tempfile::tempdir().expect("a folder"));
    let secret = folder.path().join("headers");
    std::fs::write(&secret, "authorization=Bearer%20hunter2, x-team=feeds\n").expect("written");
    let env = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.as_str()),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        ("OTEL_EXPORTER_OTLP_HEADERS_FILE", secret.to_str().expect("a path")),
    ];
    let service = Service::start_with(&env, Http::new()).await;

    let url = format!("{}/v1/apps/w1/migration", service.url);
    let traceparent = format!("00-{TRACE}-b7ad6b7169203331-01");
    service.http.send(reqwest::Method::GET, &url, &[("traceparent", &traceparent)], None).await;
    collector.trace(TRACE, |spans| !spans.is_empty()).await;

    assert_eq!(collector.proofs(), ["Bearer hunter2"]);
    let log = std::fs::read_to_string(service.data().join("log")).expect("a log");
    assert!(!log.contains("hunter2"), "{log}");
    assert_eq!(service.stop().await, Some(0));
}

#[tokio::test]
async fn a_collector_that_is_away_keeps_nobody_from_working() {
    let env = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"), ("OTEL_BSP_SCHEDULE_DELAY", "50")];
    let service = Service::start_with(&env, Http::new()).await;

    let run_id = service.exchange("powr_io", "w1").await;
    let end = service.end_of(&run_id).await;

    assert_eq!(end["state"], "done", "{end}");
    assert_eq!(service.stop().await, Some(0));
}

//! `ADMIN_PORT`: what is counted and timed, and whether the worker is ready.

use reqwest::Method;
use serde_json::json;

use crate::harness::{Http, Service, XVisitor};

/// Starts with a port for metrics; returns its address, as the log names it.
async fn start() -> (Service, String) {
    let service = Service::start_with(&[("ADMIN_PORT", "0")], Http::new()).await;
    let log = std::fs::read_to_string(service.data().join("log")).expect("a log");
    let (_, url) = log.split_once("metrics url=").expect("the port is named");
    let url = url.trim_start_matches('"').split("/metrics").next().expect("an address").to_owned();
    (service, url)
}

#[tokio::test]
async fn what_was_done_is_counted_without_a_word_of_whom_it_was_done_for() {
    let (service, url) = start().await;
    let run_id = service.exchange("powr_io", "w1").await;
    service.end_of(&run_id).await;
    let feed = service.ask("w1", "powr_io").await;
    service.end_of(feed.json()["job_id"].as_str().expect("a run")).await;
    service.http.get(&format!("{}/EAAhunter2?token=hunter2", service.url)).await;

    let metrics = service.http.get(&format!("{url}/metrics")).await;

    assert_eq!((metrics.status, metrics.header("content-type")), (200, "text/plain; version=0.0.4; charset=utf-8"));
    for line in [
        "# TYPE feedkeeper_job_wait_seconds histogram",
        "feedkeeper_job_wait_seconds_count{job=\"fetch_feed\"} 1",
        "feedkeeper_job_run_seconds_count{job=\"exchange_token\"} 1",
        "feedkeeper_job_attempts_total{job=\"exchange_token\",outcome=\"done\"} 1",
        "feedkeeper_job_pushes_total{job=\"exchange_token\",outcome=\"inserted\"} 1",
        "feedkeeper_queue_jobs{queue=\"interactive\",state=\"waiting\"} 0",
        "feedkeeper_queue_oldest_seconds{queue=\"bulk\"} 0",
        "feedkeeper_queue_paused{queue=\"default\"} 0",
        "feedkeeper_queue_up 1",
        "feedkeeper_http_requests_total{method=\"POST\",route=\"/instagram/oauth\",status=\"202\"} 1",
        "feedkeeper_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 1",
        "feedkeeper_graph_calls_total{call=\"debug_token\",class=\"ok\"}",
        "feedkeeper_graph_usage_percent{call=",
    ] {
        assert!(metrics.text.lines().any(|found| found.starts_with(line)), "{line}\n{}", metrics.text);
    }
    for secret in ["hunter2", "EAA", "powr_io", "w1", &run_id] {
        assert!(!metrics.text.contains(secret), "{secret}\n{}", metrics.text);
    }
}

#[tokio::test]
async fn a_failure_that_is_tried_again_is_counted_by_its_class() {
    let (service, url) = start().await;
    let run_id = service.exchange("powr_io", "w1").await;
    service.end_of(&run_id).await;
    let down = json!({"answer": {"status": 503, "headers": {}, "body": ""}, "times": 1});
    service.stand_ins.fault("down", json!({"path_contains": "/media"}), down).await;

    let feed = service.ask("w1", "powr_io").await;
    let fetched = service.end_of(feed.json()["job_id"].as_str().expect("a run")).await;
    let metrics = service.http.get(&format!("{url}/metrics")).await.text;

    assert_eq!(fetched["state"], "done", "{fetched}");
    for line in [
        "feedkeeper_job_retries_total{job=\"fetch_feed\",class=\"transient\"} 1",
        "feedkeeper_job_attempts_total{job=\"fetch_feed\",outcome=\"again\"} 1",
        "feedkeeper_job_wait_seconds_count{job=\"fetch_feed\"} 2",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
}

#[tokio::test]
async fn what_reached_people_is_counted_mails_by_their_stage_and_media_by_their_end() {
    let (service, url) = start().await;
    let app = json!({"user": "owner", "feeds": ["@powr_io"], "owner_email": "owner@shop.example"});
    service.http.put_json(&format!("{}/v1/apps/w1", service.url), &app).await;
    let run_id = service.exchange("powr_io", "w1").await;
    service.end_of(&run_id).await;
    let visitor = XVisitor::of(&service.http.get(&format!("{}/x/connect?app_id=w1&user=owner", service.url)).await);
    let consent = service.http.get(&format!("{}&_user=powr_io", visitor.consent)).await;
    let cookie = [("cookie", &*visitor.cookie)];
    service.http.send(Method::GET, consent.header("location"), &cookie, None).await;
    let first = async |list: &str| {
        let listed = service.http.get(&format!("{}/v1/{list}?app_id=w1", service.url)).await.json();
        listed["data"][0]["id"].clone()
    };
    let wish = json!({"install_id": first("installs").await, "x_account_id": first("x-accounts").await});
    let made = service.http.post_json(&format!("{}/v1/crossposts", service.url), &wish).await;
    assert_eq!(made.status, 201, "{}", made.text);
    service.stand_ins.advance(60).await;
    service.stand_ins.post("powr_io", "new bowls").await;
    service.stand_ins.advance(600).await;
    service.stand_ins.advance(600).await;
    service.stand_ins.advance(81 * 86_400).await;
    assert_eq!((service.stand_ins.x_posts().await.len(), service.stand_ins.mails().await.len()), (1, 1));

    let metrics = service.http.get(&format!("{url}/metrics")).await.text;

    for line in [
        "feedkeeper_mails_total{stage=\"expiring\",outcome=\"sent\"} 1",
        "feedkeeper_crosspost_media_total{state=\"posted\"} 1",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
}

#[tokio::test]
async fn a_worker_says_when_it_last_claimed() {
    let (service, url) = start().await;

    let ready = service.http.get(&format!("{url}/readyz")).await;
    let same = service.http.get(&format!("{}/readyz", service.url)).await;

    assert_eq!((ready.status, &ready.json()["parts"]["queue"]["status"]), (200, &json!("ok")));
    assert!(ready.json()["parts"]["queue"]["last_claim_s"].as_u64().is_some_and(|age| age <= 20), "{}", ready.text);
    assert!(same.json()["parts"]["queue"]["last_claim_s"].is_u64(), "{}", same.text);
}

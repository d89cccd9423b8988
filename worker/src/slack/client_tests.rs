//! What is sent, and what each answer of Slack's means.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use secrecy::SecretString;
use serde_json::Value;

use super::{Error, Slack};

/// A webhook that answers as it is told, and remembers what it was sent.
struct StandIn {
    slack: Slack,
    seen: Arc<Mutex<Vec<Value>>>,
}

impl StandIn {
    async fn answering(status: u16, retry_after: Option<&'static str>, word: &'static str) -> Self {
        let seen: Arc<Mutex<Vec<Value>>> = Arc::default();
        let answer = move |State(seen): State<Arc<Mutex<Vec<Value>>>>, body: Bytes| async move {
            seen.lock().unwrap_or_else(PoisonError::into_inner).push(serde_json::from_slice(&body).unwrap());
            let mut headers = HeaderMap::new();
            retry_after.map(|seconds| headers.insert("retry-after", seconds.parse().unwrap()));
            (StatusCode::from_u16(status).unwrap(), headers, word)
        };
        let router = Router::new().fallback(answer).with_state(seen.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { slack: client(&format!("http://{address}/services/T1/B1/hunter2")), seen }
    }
}

fn client(url: &str) -> Slack {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Slack::new(&SecretString::from(url.to_owned())).unwrap()
}

#[tokio::test]
async fn a_text_is_said_as_it_stands() {
    let stand_in = StandIn::answering(200, None, "ok").await;

    stand_in.slack.tell("a < b & <https://x|click>").await.unwrap();

    let seen = stand_in.seen.lock().unwrap();
    assert_eq!(seen[0]["text"], "a &lt; b &amp; &lt;https://x|click&gt;");
    assert_eq!(seen[0]["mrkdwn"], false);
}

#[tokio::test]
async fn each_answer_is_one_decision() {
    for (status, word, decision) in [
        (200, "ok", "taken"),
        (200, "<html>a proxy", "transient"),
        (302, "", "dead"),
        (400, "invalid_payload", "rejected"),
        (400, "user_not_found", "rejected"),
        (400, "too_many_attachments", "rejected"),
        (403, "action_prohibited", "dead"),
        (403, "invalid_token", "dead"),
        (404, "no_service", "dead"),
        (404, "channel_not_found", "dead"),
        (410, "channel_is_archived", "dead"),
        (429, "rate_limited", "limited"),
        (500, "rollup_error", "transient"),
        (503, "", "transient"),
    ] {
        let stand_in = StandIn::answering(status, None, word).await;
        let said = match stand_in.slack.tell("x").await {
            Ok(()) => "taken",
            Err(Error::Dead { .. }) => "dead",
            Err(Error::Rejected { .. }) => "rejected",
            Err(Error::RateLimited { .. }) => "limited",
            Err(Error::Transient { .. }) => "transient",
        };
        assert_eq!(said, decision, "{status} {word}");
    }
}

#[tokio::test]
async fn a_limit_lasts_as_long_as_slack_says() {
    for (header, seconds) in [(Some("30"), 30), (None, 60), (Some("soon"), 60)] {
        let stand_in = StandIn::answering(429, header, "rate_limited").await;
        let error = stand_in.slack.tell("x").await.unwrap_err();
        let Error::RateLimited { retry_after } = error else { panic!("{error}") };
        assert_eq!(retry_after, Duration::from_secs(seconds), "{header:?}");
    }
}

#[tokio::test]
async fn no_error_tells_the_webhook_or_what_somebody_in_between_says() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let gone = client(&format!("http://{closed}/services/T1/B1/hunter2"));
    let odd = StandIn::answering(404, None, "try https://hooks.slack.com/services/T1/B1/hunter2").await;

    for slack in [gone, odd.slack] {
        let error = slack.tell("x").await.unwrap_err();
        let told = format!("{slack:?} {error} {error:?} {:#}", anyhow::anyhow!("{error}"));
        assert!(!told.contains("hunter2") && !told.contains("/services"), "{told}");
    }
}

/// Answers nobody but who asks for nothing.
fn asked_for() -> Router {
    Router::new().fallback(|request: axum::extract::Request| async move {
        assert_eq!((request.method().as_str(), request.uri().path()), ("HEAD", "/"));
        StatusCode::NOT_FOUND
    })
}

#[tokio::test]
async fn reaching_it_says_nothing_there() {
    let (listener, router) = (tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap(), asked_for());
    let url = format!("http://{}/services/T1/B1/hunter2", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });

    client(&url).reach().await.unwrap();
}

#[test]
fn a_webhook_in_the_clear_is_refused_and_not_repeated() {
    for url in ["http://hooks.slack.com/services/T1/B1/hunter2", "hunter2", "ftp://x/hunter2"] {
        let error = Slack::new(&SecretString::from(url.to_owned())).unwrap_err();
        assert!(!format!("{error:#}").contains("hunter2"), "{error:#}");
    }
}

#[test]
fn a_fingerprint_tells_webhooks_apart() {
    let (one, other) = (client("https://hooks.slack.com/a"), client("https://hooks.slack.com/b"));
    assert_eq!(one.fingerprint(), one.clone().fingerprint());
    assert_ne!(one.fingerprint(), other.fingerprint());
    assert_eq!(one.fingerprint().len(), 16);
}

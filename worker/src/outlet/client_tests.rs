//! How the outlet is asked, and what each of its answers means.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use entities::FeedKey;
use tokio::net::TcpListener;

use super::{Config, Error, Outlet};
use crate::graph::Class;

/// An outlet that answers as it is told, and remembers what it was asked.
struct StandIn {
    outlet: Outlet,
    asked: Arc<Mutex<Vec<String>>>,
}

impl StandIn {
    async fn answering(status: u16, retry_after: Option<&'static str>, body: &'static str) -> Self {
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let answer = move |State(asked): State<Arc<Mutex<Vec<String>>>>, request: Request| async move {
            asked.lock().unwrap_or_else(PoisonError::into_inner).push(request.uri().to_string());
            let mut headers = HeaderMap::new();
            retry_after.map(|seconds| headers.insert("retry-after", seconds.parse().unwrap()));
            (StatusCode::from_u16(status).unwrap(), headers, body)
        };
        let router = Router::new().fallback(answer).with_state(asked.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v2/feeds/", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { outlet: client(&url), asked }
    }

    async fn ask(&self, key: &str) -> Result<serde_json::Value, Error> {
        self.outlet.feed(&FeedKey::parse(key).unwrap(), 50).await
    }
}

fn client(url: &str) -> Outlet {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = Config { patience: Duration::from_millis(200), ..Config::at(url.parse().unwrap()) };
    Outlet::new(config).unwrap()
}

#[tokio::test]
async fn a_name_stays_within_the_outlet_s_path() {
    let stand_in = StandIn::answering(200, None, r#"{"data":[]}"#).await;

    for key in ["@powr_io", "@a..b", "#food", "#東京"] {
        stand_in.ask(key).await.unwrap();
    }
    for way_out in ["@.", "@.."] {
        assert!(matches!(stand_in.ask(way_out).await, Err(Error::Unknown)), "{way_out}");
    }

    let asked =
        ["powr_io", "a..b", "%23food", "%23%E6%9D%B1%E4%BA%AC"].map(|name| format!("/v2/feeds/{name}?limit=50"));
    assert_eq!(*stand_in.asked.lock().unwrap(), asked);
}

#[tokio::test]
async fn each_answer_is_one_decision_and_names_nobody() {
    for (status, retry_after, body, class, says) in [
        (404, None, "no such account", Class::NotFound, "does not know this name"),
        (410, None, "", Class::NotFound, "does not know this name"),
        (429, Some("30"), "", Class::RateLimited, "wants to be left alone for 30 s"),
        (429, None, "", Class::RateLimited, "wants to be left alone for 60 s"),
        (503, Some("999999999"), "", Class::RateLimited, "wants to be left alone for 86400 s"),
        (503, None, "", Class::Transient, "answered with status 503"),
        (500, None, "", Class::Transient, "answered with status 500"),
        (204, None, "", Class::Transient, "answered with status 204"),
        (401, None, "", Class::AppMisconfigured, "answered with status 401"),
        (400, None, "", Class::AppMisconfigured, "answered with status 400"),
        (200, None, "<html>", Class::Transient, "the answer is no JSON"),
        (200, None, "{}", Class::Transient, "the answer has no list `data`"),
    ] {
        let error = StandIn::answering(status, retry_after, body).await.ask("@natgeo").await.unwrap_err();
        let shown = (error.class(), error.to_string());
        assert_eq!(shown, (class, format!("outlet: {says}")), "{status} {body}");
        let told = format!("{error:?}") + &format!("{:#}", anyhow::Error::from(error));
        assert!(!told.contains("natgeo"), "{status} {body}: {told}");
    }
}

#[tokio::test]
async fn an_outlet_that_is_not_there_or_never_answers_is_away() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    // Whoever listens and accepts nothing lets callers wait.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for (address, says) in [(closed, "no connection"), (silent.local_addr().unwrap(), "not there in time")] {
        let error = client(&format!("http://{address}/")).reach().await.unwrap_err();
        assert!(matches!(error, Error::Away { .. }) && error.to_string().ends_with(says), "{error}");
    }
}

#[tokio::test]
async fn an_outlet_that_does_not_know_a_name_is_there() {
    let stand_in = StandIn::answering(404, None, "").await;
    stand_in.outlet.reach().await.unwrap();
}

#[tokio::test]
async fn only_so_many_hands_ask_at_once() {
    let outlet = client("http://127.0.0.1:1/");
    let hands: Vec<_> = std::iter::from_fn(|| outlet.hand()).take(100).collect();
    assert_eq!(hands.len(), super::HANDS);
    drop(hands);
    assert!(outlet.hand().is_some());
}

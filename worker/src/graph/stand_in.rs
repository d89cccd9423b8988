//! A Graph for this folder's tests: answers from a list, in order, and remembers what it was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use reqwest::header::AUTHORIZATION;
use url::Url;

use super::{AppCredentials, Config, Graph};

/// One answer of the stand-in.
#[derive(Clone)]
pub(super) struct Reply {
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: String,
}

/// One question that the stand-in got.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) path: String,
    pub(super) query: HashMap<String, String>,
    pub(super) authorization: Option<String>,
    pub(super) user_agent: String,
}

/// A running stand-in and a client that talks to it.
pub(super) struct StandIn {
    pub(super) graph: Graph,
    pub(super) url: Url,
    script: Arc<Script>,
}

#[derive(Default)]
struct Script {
    replies: Mutex<std::collections::VecDeque<Reply>>,
    seen: Mutex<Vec<Seen>>,
}

impl Reply {
    pub(super) fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: vec![("content-type", "text/javascript; charset=UTF-8")], body: body.into() }
    }

    pub(super) fn ok(body: impl Into<String>) -> Self {
        Self::new(200, body)
    }

    pub(super) fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl StandIn {
    pub(super) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let script = Arc::new(Script::default());
        lock(&script.replies).extend(replies);
        let router = Router::new().fallback(answer).with_state(script.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let url = Url::parse(&format!("http://{address}/graph")).unwrap();
        let app = AppCredentials { id: "123456789012345".into(), secret: "sandbox-secret".into() };
        Self { graph: client(url.clone(), Some(app)), url, script }
    }

    /// What was asked so far, in order.
    pub(super) fn seen(&self) -> Vec<Seen> {
        lock(&self.script.seen).clone()
    }
}

/// A client for an address.
pub(super) fn client(base_url: Url, app: Option<AppCredentials>) -> Graph {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let version = "v26.0".into();
    Graph::new(Config { base_url, version, app }).unwrap()
}

async fn answer(
    State(script): State<Arc<Script>>,
    Query(query): Query<HashMap<String, String>>,
    request: Request,
) -> Response<String> {
    let header = |name: &str| {
        let value = request.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    lock(&script.seen).push(Seen {
        path: request.uri().path().to_owned(),
        query,
        authorization: header(AUTHORIZATION.as_str()),
        user_agent: header("user-agent").unwrap_or_default(),
    });
    let reply =
        lock(&script.replies).pop_front().unwrap_or_else(|| Reply::new(599, "asked more often than the test foresaw"));
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response.body(reply.body).unwrap()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

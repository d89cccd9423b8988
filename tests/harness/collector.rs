//! A collector of traces: what an operator would run beside the service, told by OTLP over HTTP.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::within_reason;

/// What came as `authorization`, each once.
type Proofs = Arc<Mutex<BTreeSet<String>>>;

/// Keeps every span that it is sent.
pub(crate) struct Collector {
    pub url: String,
    spans: watch::Receiver<Vec<Span>>,
    proofs: Proofs,
    _stop: DropGuard,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (sender, spans) = watch::channel(Vec::new());
        let proofs = Proofs::default();
        let routes = Router::new().route("/v1/traces", post(take)).with_state((Arc::new(sender), proofs.clone()));
        let stop = CancellationToken::new();
        let served = axum::serve(listener, routes).with_graceful_shutdown(stop.clone().cancelled_owned());
        tokio::spawn(served.into_future());
        Self { url, spans, proofs, _stop: stop.drop_guard() }
    }

    /// Waits for spans of a trace: until there are such as are wanted, and returns them all.
    pub(crate) async fn trace(&self, id: &str, wanted: impl Fn(&[Span]) -> bool) -> Vec<Span> {
        let of = |spans: &Vec<Span>| spans.iter().filter(|span| hex(&span.trace_id) == id).cloned().collect::<Vec<_>>();
        let mut spans = self.spans.clone();
        let all = within_reason(spans.wait_for(|spans| wanted(&of(spans)))).await.expect("the collector lives");
        of(&all)
    }

    /// How the senders proved themselves.
    pub(crate) fn proofs(&self) -> Vec<String> {
        self.proofs.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Everything that was sent, as it could be read in a collector.
    pub(crate) fn text(&self) -> String {
        format!("{:?}", *self.spans.borrow())
    }
}

type Kept = (Arc<watch::Sender<Vec<Span>>>, Proofs);

async fn take(State((sender, proofs)): State<Kept>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if let Some(proof) = headers.get("authorization").and_then(|value| value.to_str().ok()) {
        proofs.lock().unwrap_or_else(PoisonError::into_inner).insert(proof.to_owned());
    }
    let request = ExportTraceServiceRequest::decode(body).expect("spans as OTLP has them");
    let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    sender.send_modify(|spans| spans.extend(scopes.flat_map(|scope| scope.spans)));
    StatusCode::OK
}

/// A field of a span, as text.
pub(crate) fn field(span: &Span, name: &str) -> String {
    let value = span.attributes.iter().find(|attribute| attribute.key == name).and_then(|found| found.value.clone());
    match value.and_then(|value| value.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        _ => String::new(),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

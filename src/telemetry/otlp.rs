//! Traces to an OpenTelemetry collector, as the standard variables say: `OTEL_EXPORTER_OTLP_ENDPOINT` turns them on. Spans go
//! out with their fields, which hold no secret, and without what was logged in them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracerProvider, Tracer};
use secrecy::ExposeSecret;
use tokio::runtime::Handle;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::Registry;

use crate::config::Env;

/// How long a collector may take for one batch.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the last spans may take to go out at the end.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// The name under which traces are found, unless `OTEL_SERVICE_NAME` says otherwise.
const NAME: &str = "feedkeeper";

/// Sends spans until the end.
pub(crate) struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins, if a collector is named.
    pub(super) fn start(env: &Env, runtime: &Handle) -> anyhow::Result<Option<Self>> {
        let named = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"].map(|name| env.text(name));
        let is = |name: &str, value: &str| env.text(name).is_some_and(|text| text.eq_ignore_ascii_case(value));
        if named.iter().all(Option::is_none) || is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none") {
            return Ok(None);
        }
        for name in ["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] {
            let protocol = env.text(name);
            let is_ours = protocol.as_deref().is_none_or(|protocol| protocol == "http/protobuf");
            anyhow::ensure!(
                is_ours,
                "{name}: traces are sent as `http/protobuf`, to the collector's port for HTTP (4318)"
            );
        }
        let exporter = SpanExporter::builder().with_http().with_http_client(Collector::new(runtime)?);
        let exporter = exporter.with_headers(headers(env)?).build();
        let exporter = exporter.context("OTEL_EXPORTER_OTLP_ENDPOINT, or what belongs to it, cannot be used")?;
        let mut resource = Resource::builder();
        if env.text("OTEL_SERVICE_NAME").is_none() {
            resource = resource.with_service_name(NAME);
        }
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build());
        Ok(Some(Self(provider.build())))
    }

    /// Returns what turns our spans into theirs.
    pub(super) fn layer(&self) -> OpenTelemetryLayer<Registry, Tracer> {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer(NAME))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_target(false)
    }

    /// Sends what is left.
    pub(crate) fn end(self) {
        if let Err(error) = self.0.shutdown_with_timeout(LAST_WORDS) {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }
}

/// What goes along with all spans, such as a proof: from the variables, or from the files that `…_FILE` names.
fn headers(env: &Env) -> anyhow::Result<HashMap<String, String>> {
    for name in ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"] {
        if let Some(text) = env.secret(name)? {
            let listed = list(text.expose_secret());
            // Not repeated: it is a secret.
            return listed.with_context(|| format!("{name} is a list such as `authorization=Bearer%20…,x-team=feeds`"));
        }
    }
    Ok(HashMap::new())
}

fn list(text: &str) -> Option<HashMap<String, String>> {
    let pairs = text.split(',').filter(|pair| !pair.trim().is_empty()).map(|pair| pair.split_once('='));
    pairs.map(|pair| pair.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))).collect()
}

/// The collector. It is called from a thread of its own, on which nothing asynchronous runs.
#[derive(Clone, Debug)]
struct Collector {
    http: reqwest::Client,
    runtime: Handle,
    away: Arc<AtomicBool>,
}

impl Collector {
    #[expect(clippy::disallowed_methods, reason = "the one client that sends spans")]
    fn new(runtime: &Handle) -> anyhow::Result<Self> {
        // Where the collector is, is the operator's word; where it redirects to is not.
        let none = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().timeout(PATIENCE).redirect(none).build();
        let http = http.context("building the client for spans")?;
        Ok(Self { http, runtime: runtime.clone(), away: Arc::default() })
    }

    #[expect(clippy::disallowed_methods, reason = "the one call that sends spans")]
    async fn post(self, request: Request<Bytes>) -> Result<Response<Bytes>, reqwest::Error> {
        let (head, body) = request.into_parts();
        let call = self.http.request(head.method, head.uri.to_string()).headers(head.headers).body(body);
        let answer = call.send().await?;
        let mut response = Response::new(Bytes::new());
        (*response.status_mut(), *response.headers_mut()) = (answer.status(), answer.headers().clone());
        *response.body_mut() = answer.bytes().await?;
        Ok(response)
    }

    /// Speaks of a collector that is away once, and when it is back.
    fn note(&self, failure: Option<String>) {
        match (failure, self.away.load(Ordering::Relaxed)) {
            (Some(error), false) => tracing::warn!(error, "the collector does not take spans: they are dropped"),
            (None, true) => tracing::info!("the collector takes spans again"),
            _ => return,
        }
        self.away.fetch_not(Ordering::Relaxed);
    }
}

#[async_trait::async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sent = self.runtime.spawn(self.clone().post(request)).await?;
        match &sent {
            Ok(answer) if answer.status().is_success() => self.note(None),
            Ok(answer) => self.note(Some(answer.status().to_string())),
            Err(_) => self.note(Some("it cannot be reached".to_owned())),
        }
        Ok(sent.map_err(reqwest::Error::without_url)?)
    }
}

#[cfg(test)]
mod tests {
    use super::list;

    #[test]
    fn headers_are_a_list_of_names_with_values() {
        let listed = list("authorization=Bearer%20a=b, x-team = feeds,").expect("a list");
        assert_eq!((listed["authorization"].as_str(), listed["x-team"].as_str()), ("Bearer%20a=b", "feeds"));
        assert_eq!((list("hunter2"), list("a=b,hunter2")), (None, None));
    }
}

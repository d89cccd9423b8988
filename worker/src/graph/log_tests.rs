//! What a call writes to the log: its path, status, code and usage, and never a secret.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::stand_in::{Reply, StandIn};

/// A log that keeps everything of every level, also what other crates write.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Log {
    fn text(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Visit for &Log {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        write!(text, "{field}={value:?} ").unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut &*self);
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut &*self);
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut &*self);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn the_log_tells_the_call_and_no_secret() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    // With one subscriber alone, tracing asks the thread that first meets a call site whether it is wanted, and caches
    // that; the other tests' threads, which have none, would switch it off for this one.
    let _second = tracing::Dispatch::new(Log::default());
    let refused = include_str!("fixtures/100_36009_code_used.json");
    let meta = StandIn::start([
        Reply::new(400, refused).header("x-app-usage", r#"{"call_count":28}"#),
        Reply::ok(r#"{"access_token":"EAAgranted"}"#),
        Reply::ok(r#"{"data":{"is_valid":true}}"#),
        Reply::ok(r#"{"data":[]}"#),
    ])
    .await;
    let token = "EAAsecretToken".into();
    meta.graph.exchange_code(&"AQBsecretCode".into(), "https://x/").await.unwrap_err();
    meta.graph.extend(&token).await.unwrap();
    meta.graph.debug_token(&token).await.unwrap();
    meta.graph.accounts(&token).await.unwrap();

    let text = log.text();
    for told in ["path=oauth/access_token", "status=400", "code=100", "usage_percent=28", "duration_ms="] {
        assert!(text.contains(told), "{told} is not in {text}");
    }
    for secret in ["EAA", "AQB", "sandbox-secret", "appsecret_proof"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

//! What is counted and timed of the calls, by the names of `docs/metrics.md`.

use std::time::Duration;

use metrics::{counter, gauge, histogram};

use super::{Error, Scope};

/// A call has come back.
pub(super) fn called(call: &'static str, took: Duration, error: Option<&Error>) {
    let class = error.map_or("ok", |error| error.class().as_str());
    counter!("feedkeeper_graph_calls_total", "call" => call, "class" => class).increment(1);
    histogram!("feedkeeper_graph_call_seconds", "call" => call).record(took);
}

/// A call was not made, because a key is closed.
pub(super) fn not_asked(scope: Scope) {
    counter!("feedkeeper_graph_not_asked_total", "scope" => scope.as_str()).increment(1);
}

/// Meta has said how much of an allowance is used; of all accounts it is the latest that spoke.
pub(super) fn used(call: &'static str, percent: f64) {
    gauge!("feedkeeper_graph_usage_percent", "call" => call).set(percent);
}

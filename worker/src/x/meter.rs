//! What is counted and timed of the calls, by the names of `docs/metrics.md`.

use std::time::Duration;

use metrics::{counter, histogram};

use super::Error;

/// A call has come back.
pub(super) fn called(call: &'static str, took: Duration, error: Option<&Error>) {
    let class = error.map_or("ok", |error| error.class().as_str());
    counter!("feedkeeper_x_calls_total", "call" => call, "class" => class).increment(1);
    histogram!("feedkeeper_x_call_seconds", "call" => call).record(took);
}

//! What is counted and timed of the requests, by the names of `docs/metrics.md`.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{counter, histogram};

use crate::headers::{method, route};

/// Counts a request by its route, and times it up to the head of its answer. An address is no label: there are as many as
/// there are callers.
pub(crate) async fn count(request: Request, next: Next) -> Response {
    let (method, start) = (method(&request), Instant::now());
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let answer = next.run(request).await;
    let labels = [("method", method.to_owned()), ("route", route(matched.as_ref()).to_owned())];
    histogram!("feedkeeper_http_request_seconds", &labels).record(start.elapsed());
    let [method, route] = labels;
    let status = ("status", answer.status().as_u16().to_string());
    counter!("feedkeeper_http_requests_total", &[method, route, status]).increment(1);
    answer
}

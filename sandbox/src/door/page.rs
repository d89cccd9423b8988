//! What the page at `/` is made of: its script, its style, and what changes while somebody looks at it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::Sandbox;
use crate::home;
use crate::state::Shared;

/// How soon a change is told.
const PAUSE: Duration = Duration::from_millis(250);
/// How often something is said even if nothing changes: so a page that is gone is noticed.
const QUIET: u32 = 60;

/// Serves the script.
pub(super) async fn script() -> Response {
    asset("text/javascript; charset=utf-8", home::SCRIPT)
}

/// Serves the style.
pub(super) async fn style() -> Response {
    asset("text/css; charset=utf-8", home::STYLE)
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}

/// Tells what there is, and again whenever it changes, as server-sent events.
pub(super) async fn live(State(shared): Sandbox) -> Response {
    let events = stream::unfold((shared, None), |(shared, told)| async move {
        let (event, told) = next(&shared, told).await?;
        Some((Ok::<_, Infallible>(event), (shared, Some(told))))
    });
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    (headers, Body::from_stream(events)).into_response()
}

/// Waits for something new; none when the server stops.
async fn next(shared: &Arc<Shared>, told: Option<String>) -> Option<(String, String)> {
    let Some(told) = told else {
        let first = home::snapshot(shared).to_string();
        return Some((format!("data: {first}\n\n"), first));
    };
    for _ in 0..QUIET {
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = shared.stopping.cancelled() => return None,
        }
        let now = home::snapshot(shared).to_string();
        if now != told {
            return Some((format!("data: {now}\n\n"), now));
        }
    }
    Some((":\n\n".to_owned(), told))
}

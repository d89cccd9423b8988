//! `GET /healthz`, `GET /readyz`: alive; ready, with a status per part.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::state::AppState;

/// An idle worker claims at least every 15 s: one that has not for so long is up, and does nothing.
const SILENT: Duration = Duration::from_mins(1);

/// Says that the process answers.
pub(crate) async fn live() -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(json!({"status": "ok"}))).into_response()
}

/// Says whether every part answers; 503 if one does not.
pub(crate) async fn ready(State(state): State<AppState>) -> Response {
    let (database, queue) = parts(&state).await;
    let (status, word) =
        if database && queue { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "down") };
    let last_claim_s = state.queue.last_turn().map(|age| age.as_secs());
    let body = json!({
        "status": word,
        "parts": {
            "database": {"status": part(database)},
            "queue": {"status": part(queue), "last_claim_s": last_claim_s},
        },
    });
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// Returns whether the database and the queue answer.
pub(crate) async fn parts(state: &AppState) -> (bool, bool) {
    let (database, queue) = tokio::join!(state.db.ping(), state.queue.ping());
    if let Err(error) = &database {
        tracing::warn!(%error, "the database does not answer");
    }
    if let Err(error) = &queue {
        tracing::warn!(%error, "the queue does not answer");
    }
    let is_silent = state.queue.last_turn().is_some_and(|age| age > SILENT);
    (database.is_ok(), queue.is_ok() && !is_silent)
}

fn part(ok: bool) -> &'static str {
    if ok { "ok" } else { "down" }
}

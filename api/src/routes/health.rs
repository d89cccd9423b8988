//! `GET /healthz`, `GET /readyz`: alive; ready, with a status per part.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::state::AppState;

/// Says that the process answers.
pub(crate) async fn live() -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(json!({"status": "ok"}))).into_response()
}

/// Says whether every part answers; 503 if one does not.
pub(crate) async fn ready(State(state): State<AppState>) -> Response {
    let (database, queue) = tokio::join!(state.db.ping(), state.queue.ping());
    let (database, queue) = (part("database", database.err()), part("queue", queue.err()));
    let last_claim_s = state.queue.last_turn().map(|age| age.as_secs());
    let ok = database["status"] == "ok" && queue["status"] == "ok";
    let (status, word) = if ok { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "down") };
    let worker = json!({"status": "ok", "last_claim_s": last_claim_s});
    let body = json!({"status": word, "parts": {"database": database, "queue": queue, "worker": worker}});
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

fn part(name: &str, error: Option<impl std::fmt::Display>) -> Value {
    match error {
        None => json!({"status": "ok"}),
        Some(error) => {
            tracing::warn!(%error, part = name, "not ready");
            json!({"status": "down"})
        }
    }
}

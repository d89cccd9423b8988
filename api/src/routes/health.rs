//! `GET /healthz`, `GET /readyz`: alive; ready, with a status per part.

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::answers::{DatabasePart, Live, Parts, QueuePart, Ready, Status};
use crate::state::AppState;

/// An idle worker claims at least every 15 s: one that has not for so long is up, and does nothing.
const SILENT: Duration = Duration::from_mins(1);
/// For how long the parts' answers are believed: anybody may ask, and the parts have other work.
const REMEMBERED: Duration = Duration::from_secs(1);

/// Says that the process answers.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "service",
    operation_id = "live",
    security(()),
    responses((status = 200, description = "It does.", body = Live)),
)]
pub(crate) async fn live() -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(Live { status: Status::Ok })).into_response()
}

/// Says whether every part answers; 503 if one does not.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "service",
    operation_id = "ready",
    security(()),
    responses(
        (status = 200, description = "Every part answers.", body = Ready),
        (status = 503, description = "A part does not.", body = Ready),
    ),
)]
pub(crate) async fn ready(State(state): State<AppState>) -> Response {
    let asked = state.memory.parts.get(REMEMBERED, async { Ok::<_, Infallible>(parts(&state).await) });
    let Ok((database, queue)) = asked.await;
    let is_ready = database && queue;
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let last_claim_s = state.queue.last_turn().map(|age| age.as_secs());
    let parts = Parts {
        database: DatabasePart { status: database.into() },
        queue: QueuePart { status: queue.into(), last_claim_s },
    };
    let body = Ready { status: is_ready.into(), parts };
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

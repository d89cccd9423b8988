//! `GET /healthz`, `GET /readyz`: alive; ready, with a status per part.

use std::convert::Infallible;
use std::fmt::Display;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use entities::{Db, alert_channel};
use queue::Queue;
use tokio::time::timeout;

use crate::answers::{AlertsPart, DatabasePart, Live, Parts, QueuePart, Ready, Status};
use crate::state::AppState;

/// A worker asks for each of its queues at least every 15 s: one that was not answered for so long is up, and does nothing.
const SILENT: Duration = Duration::from_mins(1);
/// For how long the parts' answers are believed: anybody may ask, and the parts have other work.
const REMEMBERED: Duration = Duration::from_secs(1);

/// Whoever asks is a proxy or a watchdog, with little patience itself.
const PATIENCE: Duration = Duration::from_secs(3);

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
    let asked = state
        .memory
        .parts
        .get(REMEMBERED, Box::pin(async { Ok::<_, Infallible>(parts(&state.db, &state.queue).await) }));
    let Ok(parts) = asked.await;
    answer(parts, &state.queue)
}

/// Answers by the state of the parts.
pub(crate) async fn readiness(db: &Db, to_push: &Queue) -> Response {
    answer(parts(db, to_push).await, to_push)
}

/// What the parts answered.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    database: bool,
    queue: bool,
    alerts: AlertsPart,
}

impl Heard {
    /// Whether everything answers that the routes need.
    pub(crate) fn is_ready(&self) -> bool {
        self.database && self.queue
    }
}

fn answer(heard: Heard, to_push: &Queue) -> Response {
    let is_ready = heard.is_ready();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let last_claim_s = to_push.last_turn().map(|age| age.as_secs());
    let parts = Parts {
        database: DatabasePart { status: heard.database.into() },
        queue: QueuePart { status: heard.queue.into(), last_claim_s },
        alerts: heard.alerts,
    };
    let body = Ready { status: is_ready.into(), parts };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// Returns whether the database and the queue answer, and how the operator hears of incidents.
pub(crate) async fn parts(db: &Db, to_push: &Queue) -> Heard {
    let ways = async { timeout(PATIENCE, alert_channel::Entity::ways(&db.read)).await.ok()?.ok() };
    let (database, queue, ways) = tokio::join!(answers("database", db.ping()), answers("queue", to_push.ping()), ways);
    let is_silent = to_push.last_turn().is_some_and(|age| age > SILENT);
    Heard { database, queue: queue && !is_silent, alerts: AlertsPart::of(ways.as_deref()) }
}

/// Whether a part answers in time.
async fn answers<E: Display>(part: &str, ping: impl Future<Output = Result<(), E>>) -> bool {
    let error = match timeout(PATIENCE, ping).await {
        Ok(Ok(())) => return true,
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("nothing within {} s", PATIENCE.as_secs()),
    };
    tracing::warn!(part, error, "a part does not answer");
    false
}

//! `GET /jobs/{id}`: how far a run is. Whoever has the id may see it.

use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::{IntoParams, IntoResponses};

use crate::answers::Job;
use crate::document::refusals::{BAD_PARAMETER, BAD_REQUEST, JOB_UNKNOWN, Responses, UNAVAILABLE, refusals};
use crate::job_view;
use crate::problem::Problem;
use crate::state::AppState;

/// How long the caller waits for the end.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Params {
    /// Seconds to wait for the end, at most 30; `Prefer: wait=N` says the same.
    #[param(maximum = 30)]
    wait: Option<u64>,
}

struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        refusals(&[&[BAD_PARAMETER, BAD_REQUEST, JOB_UNKNOWN, UNAVAILABLE]])
    }
}

/// Shows a run; with `?wait=N` or `Prefer: wait=N` the answer comes when it ends, or after N seconds (at most 30).
#[utoipa::path(
    get,
    path = "/jobs/{id}",
    tag = "connect",
    operation_id = "job",
    security(()),
    params(("id" = String, Path, description = "The `job_id`: whoever has it may ask."), Params),
    responses((status = 200, description = "How far it is. CORS: any origin.", body = Job), Refusals),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    params: Result<Query<Params>, QueryRejection>,
) -> Result<Response, Problem> {
    let bad = |_| Problem::bad_request("bad_parameter", "`wait` is a whole number of seconds, at most 30.");
    let Query(params) = params.map_err(bad)?;
    let wait = params.wait.map(Duration::from_secs).or_else(|| wait_wish(&headers)).unwrap_or_default();
    let view = job_view::find(&state, &id, wait).await?;
    // Widgets on other origins poll it; its id is the proof, no cookie is.
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    Ok((headers, Json(view.into_answer())).into_response())
}

/// Reads `Prefer: wait=N` (RFC 7240).
pub(crate) fn wait_wish(headers: &HeaderMap) -> Option<Duration> {
    headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([',', ';']))
        .find_map(|wish| wish.trim().strip_prefix("wait=")?.trim_matches('"').parse().ok())
        .map(Duration::from_secs)
}

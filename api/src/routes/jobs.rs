//! `GET /jobs/{id}`: how far a run is. Whoever has the id may see it.

use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::{IntoParams, IntoResponses};

use crate::answers::Job;
use crate::document::refusals::{BAD_PARAMETER, BAD_REQUEST, JOB_UNKNOWN, Responses, UNAVAILABLE, refusals};
use crate::job_view::{self, LONGEST_WAIT};
use crate::problem::Problem;
use crate::state::AppState;

/// How long the caller waits for the end.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Params {
    /// Seconds to wait for the end; more than 30 count as 30. `Prefer: wait=N` says the same.
    wait: Option<u64>,
}

struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        refusals(&[&[BAD_PARAMETER, BAD_REQUEST, JOB_UNKNOWN, UNAVAILABLE]])
    }
}

/// Shows a run; with `?wait=N` or `Prefer: wait=N` the answer comes when it ends, or after N seconds; more than 30 count as 30.
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
    let bad = |_| Problem::bad_request("bad_parameter", "`wait` is a whole number of seconds.");
    let Query(params) = params.map_err(bad)?;
    let preferred = Wait::preferred(&headers).filter(|_| params.wait.is_none());
    let wait = params.wait.map(Duration::from_secs).or(preferred.map(Wait::time)).unwrap_or_default();
    let view = job_view::find(&state, &id, wait).await?;
    // Widgets on other origins poll it; its id is the proof, no cookie is.
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    let answer = (headers, Json(view.into_answer()));
    Ok(match preferred {
        Some(wait) => (wait.applied(), answer).into_response(),
        None => answer.into_response(),
    })
}

/// How long a caller would like to wait, as `Prefer: wait=N` says it (RFC 7240), in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wait(u64);

impl Wait {
    /// Reads the caller's wish.
    pub(crate) fn preferred(headers: &HeaderMap) -> Option<Self> {
        let wishes = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        let seconds = |wish: &str| wish.trim().strip_prefix("wait=")?.trim_matches('"').parse().ok();
        let wait: u64 = wishes.flat_map(|value| value.split([',', ';'])).find_map(seconds)?;
        Some(Self(wait.min(LONGEST_WAIT.as_secs())))
    }

    /// Returns how long is waited.
    pub(crate) fn time(self) -> Duration {
        Duration::from_secs(self.0)
    }

    /// Returns the header that says so.
    pub(crate) fn applied(self) -> [(HeaderName, String); 1] {
        [(HeaderName::from_static("preference-applied"), format!("wait={}", self.0))]
    }
}

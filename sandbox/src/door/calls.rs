//! `/_sandbox/calls`: who called what, oldest first.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;

use super::{Answer, Problem, Sandbox};
use crate::calls::Call;

/// Which calls are meant.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    path_contains: String,
}

/// Lists calls; a call that is still waiting has no status.
pub(super) async fn list(State(shared): Sandbox, Query(filter): Query<Filter>) -> Answer<Vec<Call>> {
    Ok(Json(shared.calls.list(&filter.path_contains)))
}

/// Forgets calls.
pub(super) async fn forget(State(shared): Sandbox, Query(filter): Query<Filter>) -> Result<StatusCode, Problem> {
    shared.calls.forget(&filter.path_contains)?;
    Ok(StatusCode::NO_CONTENT)
}

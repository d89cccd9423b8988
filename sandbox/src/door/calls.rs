//! `/_sandbox/calls`: who called what, oldest first.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;

use super::{Answer, Problem, Sandbox};
use crate::calls::Call;
use crate::graph::Params;

/// Lists calls; a call that is still waiting has no status.
pub(super) async fn list(State(shared): Sandbox, RawQuery(query): RawQuery) -> Answer<Vec<Call>> {
    Ok(Json(shared.calls.list(&path_contains(query))))
}

/// Forgets calls.
pub(super) async fn forget(State(shared): Sandbox, RawQuery(query): RawQuery) -> Result<StatusCode, Problem> {
    shared.calls.forget(&path_contains(query))?;
    Ok(StatusCode::NO_CONTENT)
}

fn path_contains(query: Option<String>) -> String {
    let params = Params::parse(&query.unwrap_or_default(), &[]);
    params.get("path_contains").unwrap_or_default().to_owned()
}

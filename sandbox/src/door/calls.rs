//! `/_sandbox/calls`: who called what, oldest first; `/_sandbox/usage`: what is used of whose allowance.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use serde_json::Value;

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

/// Lists the accounts that were called: their allowance, the calls that count now, what is used and was at most.
pub(super) async fn usage(State(shared): Sandbox) -> Answer<Vec<Value>> {
    Ok(Json(shared.usage.list(shared.clock.now_s())))
}

fn path_contains(query: Option<String>) -> String {
    let params = Params::parse(&query.unwrap_or_default(), &[]);
    params.get("path_contains").unwrap_or_default().to_owned()
}

//! `/_sandbox/faults/{name}`: what goes wrong on purpose.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use bytes::Bytes;
use serde_json::{Value, json};

use super::{Answer, Problem, Sandbox};
use crate::faults::Fault;

/// Lists the faults that are on, each with its name.
pub(super) async fn list(State(shared): Sandbox) -> Answer<Vec<Value>> {
    let faults = shared.faults.list().into_iter();
    let named = faults.map(|(name, fault)| json!({ "name": name, "fault": fault }));
    Ok(Json(named.collect()))
}

/// Switches a fault on.
pub(super) async fn put(State(shared): Sandbox, Path(name): Path<String>, body: Bytes) -> Answer<Fault> {
    let fault: Fault = serde_json::from_slice(&body).map_err(|error| {
        Problem::field(format!(
            "the fault cannot be read: {error}; it is {{match: {{service?, path_contains?, \
             ig_user_id?, x_user_id?, method?}}, answer: {{status, headers, body}} | hang_ms | drop: true, \
             applied?, times?}}"
        ))
    })?;
    if fault.effect().is_none() {
        return Err(Problem::field("a fault needs exactly one of answer, hang_ms and drop: true"));
    }
    if fault.times == Some(0) {
        return Err(Problem::field("times must be 1 or more; leave it out for all calls"));
    }
    if let Some(answer) = &fault.answer {
        if !(200..=599).contains(&answer.status) {
            return Err(Problem::field(format!("answer.status must be from 200 to 599, not {}", answer.status)));
        }
        check_headers(&answer.headers)?;
    }
    shared.faults.put(&name, fault.clone());
    Ok(Json(fault))
}

/// Switches a fault off; it may be off already, as `times` ends one by itself.
pub(super) async fn remove(State(shared): Sandbox, Path(name): Path<String>) -> StatusCode {
    shared.faults.remove(&name);
    StatusCode::NO_CONTENT
}

fn check_headers(headers: &BTreeMap<String, String>) -> Result<(), Problem> {
    for (name, value) in headers {
        if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
            return Err(Problem::field(format!("answer.headers: {name:?} cannot be sent as a header")));
        }
    }
    Ok(())
}

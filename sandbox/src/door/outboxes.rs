//! `/_sandbox/mails`, `/_sandbox/alerts`: what reached the mailbox and Slack, oldest first.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Problem, Sandbox};
use crate::mails::Mail;
use crate::slack::Alert;

/// Lists the mails.
pub(super) async fn mails(State(shared): Sandbox) -> Answer<Vec<Mail>> {
    Ok(Json(shared.mails.list()))
}

/// Forgets the mails.
pub(super) async fn forget_mails(State(shared): Sandbox) -> Result<StatusCode, Problem> {
    shared.mails.forget()?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the messages to Slack.
pub(super) async fn alerts(State(shared): Sandbox) -> Answer<Vec<Alert>> {
    Ok(Json(shared.alerts.list()))
}

/// Forgets the messages to Slack.
pub(super) async fn forget_alerts(State(shared): Sandbox) -> Result<StatusCode, Problem> {
    shared.alerts.forget()?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says where mail is taken; null where no listener was given for it.
pub(super) async fn smtp(State(shared): Sandbox) -> Answer<Value> {
    Ok(Json(json!({ "url": shared.smtp_url.get() })))
}

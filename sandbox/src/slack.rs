//! `/slack/services/…`: Slack's incoming webhooks. They answer in plain words, and refuse with one word.

use std::sync::Arc;

use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::form_urlencoded;

use crate::state::Shared;

/// Slack takes no more of them in one message.
const MOST_ATTACHMENTS: usize = 100;

/// A message that reached Slack.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Alert {
    /// When it arrived.
    pub(crate) at: String,
    /// The webhook that it came by: what stands after `/slack/services/`.
    pub(crate) webhook: String,
    /// What it says, with Slack's escapes (`&amp;`, `&lt;`, `&gt;`) undone, as people read it.
    pub(crate) text: String,
    /// All of it, as it came.
    pub(crate) payload: Value,
}

/// Takes a message.
pub(crate) fn answer(shared: &Arc<Shared>, method: &Method, path: &str, is_form: bool, body: &Bytes) -> Response {
    let Some(webhook) = webhook(path) else { return word(StatusCode::NOT_FOUND, "no_service") };
    if method != Method::POST {
        return word(StatusCode::BAD_REQUEST, "invalid_payload");
    }
    let payload = if is_form { payload_of_form(body) } else { serde_json::from_slice(body).ok() };
    let Some(payload) = payload.filter(Value::is_object) else {
        return word(StatusCode::BAD_REQUEST, "invalid_payload");
    };
    let list = |name: &str| payload[name].as_array().map_or(0, Vec::len);
    let text = payload["text"].as_str().unwrap_or_default().trim();
    if text.is_empty() && list("blocks") == 0 && list("attachments") == 0 {
        return word(StatusCode::BAD_REQUEST, "no_text");
    }
    if list("attachments") > MOST_ATTACHMENTS {
        return word(StatusCode::BAD_REQUEST, "too_many_attachments");
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let alert = Alert { at: shared.clock.now_text(), webhook: webhook.to_owned(), text, payload };
    match shared.alerts.add(alert) {
        Ok(()) => word(StatusCode::OK, "ok"),
        Err(error) => {
            tracing::error!(%error, "the sandbox could not keep a message");
            word(StatusCode::INTERNAL_SERVER_ERROR, "rollup_error")
        }
    }
}

/// A webhook is named by three words: the team's, its own, and the secret one.
fn webhook(path: &str) -> Option<&str> {
    let name = path.strip_prefix("/slack/services/")?;
    let parts: Vec<_> = name.split('/').collect();
    (parts.len() == 3 && parts.iter().all(|part| !part.is_empty())).then_some(name)
}

fn payload_of_form(body: &Bytes) -> Option<Value> {
    let (_, payload) = form_urlencoded::parse(body).find(|(name, _)| name == "payload")?;
    serde_json::from_str(&payload).ok()
}

fn word(status: StatusCode, word: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html")], word).into_response()
}

//! `/_sandbox/mails`, `/_sandbox/posts`, `/_sandbox/alerts`: what reached the mailbox, X and Slack.
//! Empty for now: the stand-ins for SMTP, X and Slack come with a later issue.

use axum::Json;
use axum::extract::Path;
use axum::http::Uri;
use serde_json::Value;

use super::{Answer, Problem, problem};

/// Lists an outbox.
pub(super) async fn list(Path(outbox): Path<String>, uri: Uri) -> Answer<Vec<Value>> {
    match outbox.as_str() {
        "mails" | "posts" | "alerts" => Ok(Json(Vec::new())),
        _ => Err::<_, Problem>(problem::no_such_route(uri).await),
    }
}

//! `/_sandbox/mails`, `/_sandbox/posts`, `/_sandbox/alerts`: what reached the mailbox, X and Slack.
//! Empty for now: the stand-ins for SMTP, X and Slack come with a later issue.

use axum::Json;
use serde_json::Value;

/// Lists an outbox that nothing can reach yet.
pub(super) async fn empty() -> Json<[Value; 0]> {
    Json([])
}

//! What the host platform's settings page is shown beside a feed: accounts, their ends, problems with advice.

use chrono::{DateTime, Utc};
use entities::feed::Source;
use entities::install::Status;
use entities::{FeedKey, app, feed, install};
use serde_json::{Value, json};
use worker::feed_body::rfc3339;
use worker::reason::Reason;

use crate::problem::Problem;
use crate::state::AppState;

/// Returns the `settings` of an app.
pub(crate) async fn settings(
    state: &AppState,
    app: &app::Model,
    installs: &[install::Model],
) -> Result<Value, Problem> {
    let now = state.now();
    let (mut accounts, mut problems) = (Vec::new(), Vec::new());
    for install in installs {
        accounts.push(json!({
            "install_id": install.id,
            "instagram_account": install.instagram_account,
            "page": {"id": install.page_id, "name": install.page_name},
            "ends_at": install.ends_at().map(rfc3339),
            "is_connected": !has_ended(install, now),
        }));
        if let Some(reason) = problem(state, install, now).await? {
            let mut shown = reason.to_json();
            shown["instagram_account"] = json!(install.instagram_account);
            problems.push(shown);
        }
    }
    Ok(json!({
        "accounts": accounts,
        "problems": problems,
        "migration": {
            "migrated_at": app.instagram_graph_api_migrated_at,
            "not_migrated_feeds": app.instagram_not_migrated_feeds,
        },
    }))
}

fn has_ended(install: &install::Model, now: DateTime<Utc>) -> bool {
    install.status == Status::Dead || install.ends_at().is_some_and(|end| end <= now)
}

/// What keeps an account's feed from being fetched: its end, or else what its last fetch met.
async fn problem(state: &AppState, install: &install::Model, now: DateTime<Utc>) -> Result<Option<Reason>, Problem> {
    if has_ended(install, now) {
        return Ok(Some(Reason::ENDED));
    }
    let Ok(key) = FeedKey::account(&install.instagram_account) else { return Ok(None) };
    let feed = feed::Entity::of_key(&state.db.read, Source::Graph, &key).await?;
    Ok(feed.and_then(|feed| feed.failure).and_then(|failure| Reason::of(&failure)))
}

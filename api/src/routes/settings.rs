//! What the host platform's settings page is shown beside a feed: accounts, their ends, problems with advice.

use entities::{app, install};
use serde_json::{Value, json};
use worker::feed_body::rfc3339;

use crate::install_view::InstallView;
use crate::problem::Problem;
use crate::state::AppState;

/// Returns the `settings` of an app.
pub(crate) async fn settings(
    state: &AppState,
    app: &app::Model,
    installs: &[install::Model],
) -> Result<Value, Problem> {
    let (mut accounts, mut problems) = (Vec::new(), Vec::new());
    for view in InstallView::of(state, installs).await? {
        let install = view.install;
        accounts.push(json!({
            "install_id": install.id,
            "instagram_account": install.instagram_account,
            "page": {"id": install.page_id, "name": install.page_name},
            "ends_at": install.ends_at().map(rfc3339),
            "is_connected": view.is_connected(),
        }));
        if let Some(reason) = view.trouble {
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

//! What the host platform's settings page is shown beside a feed: accounts, their ends, problems with advice.

use entities::{app, install};
use worker::feed_body::rfc3339;

use crate::answers::{AccountProblem, ConnectedAccount, Migration, Settings};
use crate::install_view::InstallView;
use crate::problem::Problem;
use crate::state::AppState;

/// Returns the `settings` of an app.
pub(crate) async fn settings(
    state: &AppState,
    app: &app::Model,
    installs: &[install::Model],
) -> Result<Settings, Problem> {
    let (mut accounts, mut problems) = (Vec::new(), Vec::new());
    for view in InstallView::of(state, installs).await? {
        let install = view.install;
        let instagram_account = install.instagram_account.clone();
        if let Some(reason) = view.trouble {
            problems.push(AccountProblem {
                instagram_account: instagram_account.clone(),
                code: reason.word,
                class: reason.word,
                message: reason.message,
                advice: reason.advice,
            });
        }
        accounts.push(ConnectedAccount {
            install_id: install.id.clone(),
            instagram_account,
            page: install.into(),
            ends_at: install.ends_at().map(rfc3339),
            is_connected: view.is_connected(),
        });
    }
    let migration = Migration {
        migrated_at: app.instagram_graph_api_migrated_at.clone(),
        not_migrated_feeds: app.instagram_not_migrated_feeds.0.clone(),
    };
    Ok(Settings { accounts, problems, migration })
}

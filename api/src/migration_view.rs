//! How far an app has moved off the outlet, as its route and its settings show it.

use entities::rollout::{self, MIGRATE_APPS};
use entities::{FeedKey, app, install};
use worker::migrating;

use crate::answers::{Blocker, FeedSource, Migration};
use crate::problem::Problem;
use crate::state::AppState;

/// Returns how far an app with these connections has moved.
pub(crate) async fn migration(
    state: &AppState,
    app: &app::Model,
    installs: &[install::Model],
) -> Result<Migration, Problem> {
    let terms = &state.config.migrating;
    let in_rollout = rollout::Entity::includes(&state.db.read, MIGRATE_APPS, &app.user).await?;
    let connected: Vec<_> = installs.iter().map(|install| install.instagram_account.clone()).collect();
    let view = migrating::View { terms, app, in_rollout, connected: &connected };
    let keys = app.feeds.0.iter().filter_map(|key| FeedKey::parse(key).ok());
    let feeds = keys.map(|key| FeedSource {
        source: view.source_of(&key).as_str(),
        blockers: view.blocker_of(&key).into_iter().map(Blocker::from).collect(),
        key: key.to_string(),
    });
    Ok(Migration {
        rollout: in_rollout,
        show_banner: terms.offers(app, in_rollout),
        migrated_at: app.instagram_graph_api_migrated_at.clone(),
        not_migrated_feeds: app.instagram_not_migrated_feeds.0.clone(),
        feeds: feeds.collect(),
    })
}

impl From<migrating::Blocker> for Blocker {
    fn from(blocker: migrating::Blocker) -> Self {
        Self { code: blocker.code, message: blocker.message, advice: blocker.advice }
    }
}

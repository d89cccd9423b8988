//! The demo's two apps: a new one, and an old one that may move off the outlet.

use entities::app::{self, NEVER};
use entities::rollout::{self, MIGRATE_APPS, Share};
use sea_orm::ActiveValue::Set;
use sea_orm::{DbErr, EntityTrait};

use crate::config::Demo;
use crate::state::AppState;

/// What takes part in the move.
const KIND: &str = "socialFeed";
/// Who gets the letters about the new one.
pub(crate) const OWNER_EMAIL: &str = "owner@demo.example";
/// What the old app shows.
const OLD_FEEDS: [&str; 5] = ["#food", "@powr_io", "@natgeo", "@apple", "@trees"];

impl Demo {
    /// Returns the app that was saved before the Graph API came.
    pub(crate) fn old_app_id(&self) -> String {
        format!("{}-old", self.app_id)
    }

    /// Returns the page that shows one of the demo's apps.
    pub(crate) fn page_of(&self, app_id: &str) -> &'static str {
        if app_id == self.old_app_id() { "/moving" } else { "/" }
    }
}

/// Registers the demo's apps, if there is a demo; nothing is connected. What became of them since the last start stays, and so
/// does what the operator said of the rollout.
pub async fn register_demo(state: &AppState) -> Result<(), DbErr> {
    let Some(demo) = &state.config.demo else { return Ok(()) };
    let (db, now) = (&state.db.write, state.now());
    let new = app::ActiveModel {
        owner_email: Set(Some(OWNER_EMAIL.to_owned())),
        ..app::Entity::fresh(&demo.app_id, &demo.user, KIND, now)
    };
    app::Entity::insert(new).on_conflict_do_nothing_on([app::Column::AppId]).exec_without_returning(db).await?;
    if rollout::Entity::find_by_id(MIGRATE_APPS).one(db).await?.is_none() {
        let share = Share::Users([demo.user.as_str()].into_iter().collect());
        rollout::Entity::set(db, MIGRATE_APPS, share, now).await?;
    }
    let old = app::ActiveModel {
        feeds: Set(OLD_FEEDS.into_iter().collect()),
        saved_before: Set(true),
        instagram_graph_api_migrated_at: Set(Some(NEVER.to_owned())),
        ..app::Entity::fresh(&demo.old_app_id(), &demo.user, KIND, now)
    };
    app::Entity::insert(old).on_conflict_do_nothing_on([app::Column::AppId]).exec_without_returning(db).await?;
    Ok(())
}

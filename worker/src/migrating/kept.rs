//! What an app's row says of its move: what saving it makes of that, and what connecting an account does.

use chrono::{DateTime, Utc};
use entities::app::{self, Move, NEVER};
use entities::{FeedKey, StringList, install};
use sea_orm::{ConnectionTrait, DbErr};

use super::Terms;
use crate::feed_body::rfc3339;

/// What an app's row says of its move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// `instagram_graph_api_migrated_at`: null, `"never"` or a date.
    pub migrated_at: Option<String>,
    /// `instagram_not_migrated_feeds`: the accounts that the outlet goes on serving, in the order of the app's feeds.
    pub not_migrated_feeds: StringList,
}

impl Kept {
    fn of(app: &app::Model) -> Self {
        Self {
            migrated_at: app.instagram_graph_api_migrated_at.clone(),
            not_migrated_feeds: app.instagram_not_migrated_feeds.clone(),
        }
    }

    /// Returns what `app`, as it is about to be saved, is to say of its move.
    ///
    /// Saving turns null into `"never"`, if the app takes part and its user is in the rollout; it never does anything else
    /// to the value. So an app that was offered the move stays so outside the rollout (which hides the banner), and one
    /// that is called new, or of another kind, finds its old value when it is called what it was. The list of an app that
    /// has moved follows its feeds: one that was taken out leaves it, an account that came and is not connected joins it.
    ///
    /// `connected`: the names of the app's connected accounts, without `@`.
    #[must_use]
    pub fn when_saved(terms: &Terms, app: &app::Model, in_rollout: bool, connected: &[String]) -> Self {
        let mut kept = Self::of(app);
        match app.has_moved() {
            Move::NotOffered if terms.include(app) && in_rollout => kept.migrated_at = Some(NEVER.to_owned()),
            Move::Made => kept.not_migrated_feeds = not_migrated(app, connected),
            Move::NotOffered | Move::Offered => {}
        }
        kept
    }

    /// Returns what `app` is to say once an account was connected to it, or disconnected; `None`: what it says already.
    ///
    /// The first account turns `"never"` into the date, which stays from then on; the list is that of all accounts that are
    /// not connected, whichever of them was just connected or disconnected. An app to which nothing is connected any more,
    /// or that takes no part any more, is not moved by it.
    #[must_use]
    pub fn when_connected(terms: &Terms, app: &app::Model, connected: &[String], now: DateTime<Utc>) -> Option<Self> {
        let before = Self::of(app);
        let kept = match app.has_moved() {
            Move::Offered if terms.include(app) && !connected.is_empty() => {
                Self { migrated_at: Some(rfc3339(now)), not_migrated_feeds: not_migrated(app, connected) }
            }
            Move::Made => Self { not_migrated_feeds: not_migrated(app, connected), ..before.clone() },
            Move::NotOffered | Move::Offered => return None,
        };
        (kept != before).then_some(kept)
    }

    /// The same as [`Self::when_saved`], with the names read from the app's connections. The app's row is locked.
    pub async fn of_saved(
        tx: &impl ConnectionTrait,
        terms: &Terms,
        app: &app::Model,
        in_rollout: bool,
    ) -> Result<Self, DbErr> {
        let connected = match app.has_moved() {
            Move::Made => install::Entity::names_of_app(tx, &app.app_id).await?,
            Move::NotOffered | Move::Offered => Vec::new(),
        };
        Ok(Self::when_saved(terms, app, in_rollout, &connected))
    }
}

/// The accounts among an app's feeds that are not connected to it. Hashtags are none of them: any account reads them.
fn not_migrated(app: &app::Model, connected: &[String]) -> StringList {
    let keys = app.feeds.0.iter().filter_map(|key| FeedKey::parse(key).ok());
    let is_outside = |key: &FeedKey| key.account_name().is_some_and(|name| !connected.iter().any(|each| each == name));
    keys.filter(is_outside).map(|key| key.to_string()).collect()
}

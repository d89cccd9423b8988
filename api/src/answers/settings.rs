//! What the host platform's settings page is shown beside a feed.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Class, Page};

/// How an app's connections are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Settings {
    /// The connected accounts.
    pub accounts: Vec<ConnectedAccount>,
    /// What keeps feeds from being fetched.
    pub problems: Vec<AccountProblem>,
    /// How far the app has moved off the legacy source.
    pub migration: Migration,
}

/// One connected account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConnectedAccount {
    /// The connection.
    pub install_id: String,
    /// The account's name, without `@`.
    pub instagram_account: String,
    /// The Page through which it is read.
    pub page: Page,
    /// When it ends unless it is renewed; null: not known.
    #[schema(required, format = DateTime)]
    pub ends_at: Option<String>,
    /// Whether it has not ended.
    pub is_connected: bool,
}

/// What keeps an account's feed from being fetched.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountProblem {
    /// The account's name, without `@`.
    pub instagram_account: String,
    /// The same as `class`.
    #[schema(value_type = Class)]
    pub code: &'static str,
    /// What it means.
    #[schema(value_type = Class)]
    pub class: &'static str,
    /// What happened, for people.
    pub message: &'static str,
    /// The one next step.
    pub advice: &'static str,
}

/// How far an app has moved off the legacy source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Migration {
    /// Null, `never` or a time: whether it takes part, and when it was done.
    #[schema(required)]
    pub migrated_at: Option<String>,
    /// Feeds that the legacy source goes on serving.
    pub not_migrated_feeds: Vec<String>,
}

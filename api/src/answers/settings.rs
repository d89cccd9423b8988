//! What the host platform's settings page is shown beside a feed.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Class, Migration, Page};

/// How an app's connections are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Settings {
    /// The connected accounts.
    pub accounts: Vec<ConnectedAccount>,
    /// What keeps feeds from being fetched.
    pub problems: Vec<FeedProblem>,
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

/// What keeps a feed from being fetched: a connected account's, or that of a hashtag which the app lists.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedProblem {
    /// The feed's key: `@account` or `#hashtag`.
    #[schema(example = "#food")]
    pub feed: String,
    /// The account's name, without `@`; null for a hashtag.
    #[schema(required)]
    pub instagram_account: Option<String>,
    /// The same as `class`.
    #[schema(value_type = Class)]
    pub code: &'static str,
    /// What it means.
    #[schema(value_type = Class)]
    pub class: &'static str,
    /// What happened, for people.
    pub message: String,
    /// The one next step.
    pub advice: String,
    /// When a hashtag is tried again; null: not before somebody acts.
    #[schema(required, format = DateTime)]
    pub next_try_at: Option<String>,
}

//! How far an app has moved off the legacy source.

use serde::Serialize;
use utoipa::ToSchema;

use super::Source;

/// How far an app has moved off the legacy source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Migration {
    /// Whether its user is among those to whom the move is open.
    pub rollout: bool,
    /// Whether the widget's settings show the banner that offers the move.
    pub show_banner: bool,
    /// Null, `never` or a time: whether it takes part, and when it moved.
    #[schema(required)]
    pub migrated_at: Option<String>,
    /// Accounts that the legacy source goes on serving.
    #[schema(example = json!(["@natgeo"]))]
    pub not_migrated_feeds: Vec<String>,
    /// The app's feeds.
    pub feeds: Vec<FeedSource>,
}

/// Where one of an app's feeds comes from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedSource {
    /// The feed's key: `@account` or `#hashtag`.
    #[schema(example = "@powr_io")]
    pub key: String,
    /// Where it comes from.
    #[schema(value_type = Source)]
    pub source: &'static str,
    /// Why it has not moved; empty where it has.
    pub blockers: Vec<Blocker>,
}

/// What keeps a feed from moving.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Blocker {
    /// In a word.
    #[schema(value_type = BlockerCode)]
    pub code: &'static str,
    /// What it means, for the owner.
    pub message: String,
    /// The one next step.
    pub advice: String,
}

/// What keeps a feed from moving, in a word.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "its words are written from `worker::migrating::Blocker`")]
pub(crate) enum BlockerCode {
    /// Widgets of this kind take no part.
    KindTakesNoPart,
    /// The move is not open to the user.
    NotOffered,
    /// It is, but the widget has not been saved since.
    NotSaved,
    /// The account is not connected.
    NotConnected,
    /// A hashtag wants any connected account, and there is none.
    NoAccount,
    /// An account that reads it is connected, and the move was taken back or was not made.
    NotContinued,
    /// It is moving at this moment.
    Moving,
}

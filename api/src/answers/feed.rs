//! A feed.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Class, Settings};

/// The last good posts of a feed, and how fresh they are.
#[expect(clippy::struct_field_names, reason = "the contract's names")]
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Feed {
    /// The feed's key: `@account` or `#hashtag`.
    #[schema(example = "@powr_io")]
    pub feed: String,
    /// Where it was read.
    #[schema(value_type = Source)]
    pub source: &'static str,
    /// The account; null for hashtags, and while nothing was read.
    #[schema(required, value_type = Option<Account>)]
    pub account: Value,
    /// The newest posts, at most 50, newest first.
    #[schema(value_type = Vec<Item>)]
    pub data: Value,
    /// How fresh they are.
    pub freshness: Freshness,
    /// With `is_settings=true`: how the app's connections are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub settings: Option<Settings>,
}

/// Nobody has a body yet.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedPending {
    /// The job that fetches the first body; everybody gets the same.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    pub job_id: String,
    /// Where it can be polled.
    #[schema(format = "uri")]
    pub status_url: String,
    /// How fresh it is: `pending`.
    pub freshness: Freshness,
    /// With `is_settings=true`: how the app's connections are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub settings: Option<Settings>,
}

/// How fresh a feed is.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Freshness {
    /// In a word.
    pub state: FreshnessState,
    /// When the posts were read; null: never.
    #[schema(required, format = DateTime)]
    pub fetched_at: Option<String>,
    /// When they are read again; null: not before somebody acts.
    #[schema(required, format = DateTime)]
    pub next_try_at: Option<String>,
    /// Why they are not fresh.
    #[schema(required, value_type = Option<Class>)]
    pub reason: Option<String>,
}

/// How fresh a feed is, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FreshnessState {
    /// As new as can be.
    Fresh,
    /// The last good posts; newer ones come by themselves.
    Stale,
    /// Somebody has to act before newer ones come.
    Blocked,
    /// The first ones are on their way.
    Pending,
}

/// Where a feed was read.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "its words are written from `entities::feed::Source`")]
pub(crate) enum Source {
    /// Meta's Graph API.
    Graph,
    /// The legacy source.
    Outlet,
}

/// An Instagram account.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the work writes it into the feed's row")]
pub(crate) struct Account {
    /// Meta's id.
    id: String,
    /// Its name, without `@`.
    #[schema(required)]
    username: Option<String>,
    /// The name that it shows.
    #[schema(required)]
    name: Option<String>,
    /// Its picture, under an address that ends.
    #[schema(required, format = "uri")]
    profile_picture_url: Option<String>,
    /// How many follow it.
    #[schema(required)]
    followers_count: Option<i64>,
    /// How many posts it has.
    #[schema(required)]
    media_count: Option<i64>,
}

/// One post. All but the id may be null.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the work writes it into the feed's row")]
pub(crate) struct Item {
    /// Meta's id.
    id: String,
    /// `IMAGE`, `VIDEO`, `CAROUSEL_ALBUM`, or a later word of Meta's.
    #[schema(required)]
    media_type: Option<String>,
    /// `FEED`, `REELS`, or a later word of Meta's.
    #[schema(required)]
    media_product_type: Option<String>,
    /// The text; null: none.
    #[schema(required)]
    caption: Option<String>,
    /// The post's page on Instagram.
    #[schema(required, format = "uri")]
    permalink: Option<String>,
    /// When it was published.
    #[schema(required, format = DateTime)]
    timestamp: Option<String>,
    /// The file, under an address that ends; null where Meta shows none.
    #[schema(required, format = "uri")]
    media_url: Option<String>,
    /// A video's still picture, under an address that ends.
    #[schema(required, format = "uri")]
    thumbnail_url: Option<String>,
    /// Likes; null where the owner hides them.
    #[schema(required)]
    like_count: Option<i64>,
    /// Comments, without those on children.
    #[schema(required)]
    comments_count: Option<i64>,
    /// Whose it is, without `@`; null for hashtags.
    #[schema(required)]
    username: Option<String>,
    /// The description for those who do not see it.
    #[schema(required)]
    alt_text: Option<String>,
    /// An album's parts; empty for all else.
    children: Vec<Child>,
}

/// One part of an album.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the work writes it into the feed's row")]
pub(crate) struct Child {
    /// Meta's id.
    id: String,
    /// `IMAGE`, `VIDEO`, or a later word of Meta's.
    #[schema(required)]
    media_type: Option<String>,
    /// The file, under an address that ends; null where Meta shows none.
    #[schema(required, format = "uri")]
    media_url: Option<String>,
    /// A video's still picture, under an address that ends.
    #[schema(required, format = "uri")]
    thumbnail_url: Option<String>,
}

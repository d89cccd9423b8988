//! A cross-post, and what it is about to post.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An Instagram account whose new media are posted to an X account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Crosspost {
    /// Its id.
    pub id: String,
    /// The connection whose media are posted.
    pub install_id: String,
    /// The X account to which they are posted.
    pub x_account_id: String,
    /// The post's text, with `{caption}`, `{permalink}` and `{username}`.
    pub template: String,
    /// How it posts.
    pub options: CrosspostOptions,
    /// Whether nothing is posted for now. What is published meanwhile waits, and is posted when it goes on.
    pub paused: bool,
    /// When it was made. What was published before is never posted.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    pub updated_at: String,
}

/// How a cross-post posts.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct CrosspostOptions {
    /// Whether each post carries the link to Instagram. X charges 0.200 USD for a post with a link and 0.015 USD for one
    /// without: 13 times as much.
    pub link: bool,
    /// Whether pictures are given the alternative texts that they have on Instagram. X charges 0.005 USD for each.
    pub alt_text: bool,
    /// The most posts in any 24 hours; what is beyond waits, and is posted in its order.
    #[schema(minimum = 1, maximum = 100)]
    pub daily_cap: i32,
}

/// A page of cross-posts, in order of id.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CrosspostPage {
    /// The cross-posts.
    pub data: Vec<Crosspost>,
    /// What `after` takes to get the page behind; null: this is the last one.
    #[schema(required)]
    pub next: Option<String>,
}

/// What a cross-post would post next, and why the other media are not posted. Nothing is done by looking.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CrosspostPreview {
    /// What all of it waits for; null: nothing, it is posted at the next look.
    #[schema(required, value_type = Option<CrosspostWait>)]
    pub waits_for: Option<&'static str>,
    /// Until when, if that is known.
    #[schema(required, format = DateTime)]
    pub waits_until: Option<String>,
    /// What is posted next, in this order.
    pub next: Vec<PostToCome>,
    /// What is not posted, or has been: newest first, what is older than the cross-post last.
    pub others: Vec<OtherMedia>,
}

/// What a cross-post waits for.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "its words are written from `worker::crosspost::Wait`")]
pub(crate) enum CrosspostWait {
    /// Somebody has paused it.
    Paused,
    /// No app uses both its sides any more.
    Disconnected,
    /// The Instagram account has to be connected again.
    Install,
    /// The feed was not read within the last hour: nobody knows what is still there.
    Feed,
    /// The X account has to be connected again.
    XAccount,
    /// X lets nothing be posted for now, as credits are used up or the account is locked.
    XStopped,
    /// A limit of X's is used up for now.
    XLimit,
    /// The daily cap is reached.
    DailyCap,
}

/// A post to come.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PostToCome {
    /// Meta's id of the media.
    pub media_id: String,
    /// When it was published.
    #[schema(format = DateTime)]
    pub published_at: String,
    /// What the post says.
    pub text: String,
    /// What that weighs by X's rules, of 280.
    #[schema(maximum = 280)]
    pub weight: usize,
    /// How many pictures it has.
    #[schema(maximum = 4)]
    pub pictures: usize,
    /// Whether it has a video.
    pub video: bool,
    /// Whether X finds a link in its text, be it the caption's own.
    pub has_link: bool,
    /// What X charges for the post, in USD: 13 times as much with a link.
    #[schema(example = "0.015")]
    pub cost_usd: String,
    /// How far it is: `planned`, `uploaded`, `posting`, or `unknown` while it is being found out whether it is there.
    #[schema(value_type = DeliveryState)]
    pub state: &'static str,
}

/// A media that is not posted, or has been.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OtherMedia {
    /// Meta's id of it.
    pub media_id: String,
    /// When it was published; null: Meta does not say.
    #[schema(required, format = DateTime)]
    pub published_at: Option<String>,
    /// What became of it.
    #[schema(value_type = DeliveryState)]
    pub state: &'static str,
    /// Why: `deleted`, `without_file`, `unknown_kind`, `too_large`, `file_refused`, `same_text`, `refused` or `no_answer`;
    /// there may be more. Null: nothing more is to be said.
    #[schema(required)]
    pub reason: Option<String>,
    /// X's id of its post.
    #[schema(required)]
    pub x_post_id: Option<String>,
}

/// What became of a media.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "its words are written from `entities::crosspost_delivery::State`")]
pub(crate) enum DeliveryState {
    /// It is to be posted.
    Planned,
    /// X has its files.
    Uploaded,
    /// X is being asked to post it.
    Posting,
    /// X was asked, and nobody knows whether it is there.
    Unknown,
    /// It is there.
    Posted,
    /// It is not posted, and the reason says why.
    Skipped,
    /// X does not take it, and the reason says why.
    Failed,
    /// It is older than the cross-post.
    History,
}

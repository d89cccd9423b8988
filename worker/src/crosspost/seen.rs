//! What an account's feed shows, as cross-posts read it: pure.

use chrono::{DateTime, Utc};
use entities::crosspost_delivery::Planned;
use entities::{crosspost, feed, install};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::graph::Media;

/// One media of a feed's body.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Item {
    /// Meta's id of it.
    pub id: String,
    /// `IMAGE`, `VIDEO`, `CAROUSEL_ALBUM`, or whatever else Meta says.
    pub media_type: Option<String>,
    /// What it says.
    pub caption: Option<String>,
    /// Its page on Instagram.
    pub permalink: Option<String>,
    /// When it was published.
    pub timestamp: Option<DateTime<Utc>>,
    /// Its file.
    pub media_url: Option<String>,
    /// Its description for those who do not see it.
    pub alt_text: Option<String>,
    /// An album's parts.
    #[serde(default)]
    pub children: Vec<Part>,
}

/// One part of an album.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Part {
    /// `IMAGE` or `VIDEO`.
    pub media_type: Option<String>,
    /// Its file.
    pub media_url: Option<String>,
}

impl Item {
    /// A media as Meta tells it, as feeds show it.
    pub(super) fn of(media: &Media) -> Option<Self> {
        Self::deserialize(serde_json::to_value(media).ok()?).ok()
    }
}

/// What a feed shows of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its newest media.
    items: Vec<Item>,
    /// Whether that is all that there is, and not only the newest.
    is_all: bool,
    /// When it was read.
    at: DateTime<Utc>,
}

impl Seen {
    /// Reads a feed's last good body. A name may have gone to another account since: then it shows nothing of this one.
    pub fn of(feed: &feed::Model, install: &install::Model) -> Option<Self> {
        let body: Value = serde_json::from_str(feed.body.as_deref()?).ok()?;
        if body["account"]["id"] != install.instagram_business_account_id.as_str() {
            return None;
        }
        let data = body["data"].as_array()?;
        let items: Vec<Item> = data.iter().filter_map(|item| Item::deserialize(item).ok()).collect();
        let is_all = body["is_all"] == true;
        Some(Self { items, is_all, at: feed.fetched_at? })
    }

    /// Returns when it was read.
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Returns whether there may be media between `since` and what it shows.
    pub(super) fn begins_after(&self, since: DateTime<Utc>) -> bool {
        !self.is_all && self.items.iter().filter_map(|item| item.timestamp).all(|at| at > since)
    }

    /// Returns the newest media that is shown.
    pub(super) fn newest(&self) -> Option<&Item> {
        self.items.first()
    }

    /// Returns a media that is shown.
    pub fn item(&self, media_id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.id == media_id)
    }

    /// Returns whether a media is gone that was published then: it would be shown, and is not. What has left the newest
    /// is not gone.
    pub fn is_gone(&self, media_id: &str, media_at: DateTime<Utc>) -> bool {
        let is_in_reach = self.is_all || self.items.iter().filter_map(|item| item.timestamp).any(|at| at < media_at);
        is_in_reach && self.item(media_id).is_none()
    }

    /// Returns what of it a cross-post posts: what is not older than itself. What has no time may be, and is not posted.
    pub fn new_to(&self, crosspost: &crosspost::Model) -> impl Iterator<Item = (&Item, DateTime<Utc>)> {
        let created_at = crosspost.created_at;
        self.items.iter().filter_map(move |item| Some((item, item.timestamp.filter(|at| *at >= created_at)?)))
    }

    /// Returns what of it a cross-post does not post, as it is older than the cross-post, or nobody knows.
    pub fn old_to(&self, crosspost: &crosspost::Model) -> impl Iterator<Item = &Item> {
        let created_at = crosspost.created_at;
        self.items.iter().filter(move |item| item.timestamp.is_none_or(|at| at < created_at))
    }
}

/// Returns a media as the ledger plans it.
pub(crate) fn planned(item: &Item, media_at: DateTime<Utc>) -> Planned {
    let text = serde_json::to_string(item).unwrap_or_default();
    Planned { media_id: item.id.clone(), media_at, item: text }
}

#[cfg(test)]
#[path = "seen_tests.rs"]
mod tests;

//! An account's media, newest first, with the children of albums inline
//! (developers.facebook.com/docs/instagram-platform, IG Media).

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::edge::Edge;
use super::paging::Listing;
use super::{Call, Error, Graph, checked_id, lenient};

const FIELDS: &str = "id,media_type,media_product_type,caption,permalink,timestamp,media_url,\
    thumbnail_url,like_count,comments_count,username,alt_text,\
    children{id,media_type,media_url,thumbnail_url}";
/// The fields that are as old as the API: one unknown field fails a whole call.
const FALLBACK_FIELDS: &str = "id,media_type,caption,permalink,timestamp,media_url,thumbnail_url,\
    username,children{id,media_type,media_url,thumbnail_url}";
/// One call brings all as a rule; a list of empty pages must not eat the account's budget.
const MOST_CALLS: usize = 12;
/// So many are read back at most …
const MOST_BACK: u32 = 1_000;
/// … in so many calls: Meta may want pages of 25.
const MOST_CALLS_BACK: usize = 40;

/// What kind of media it is; an open set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// A picture.
    Image,
    /// A video; reels are videos too.
    Video,
    /// An album.
    CarouselAlbum,
    /// Whatever else Meta says, such as `BROADCAST`.
    Other(String),
}

impl MediaType {
    /// Returns Meta's word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Image => "IMAGE",
            Self::Video => "VIDEO",
            Self::CarouselAlbum => "CAROUSEL_ALBUM",
            Self::Other(word) => word,
        }
    }
}

impl From<String> for MediaType {
    fn from(word: String) -> Self {
        match word.as_str() {
            "IMAGE" => Self::Image,
            "VIDEO" => Self::Video,
            "CAROUSEL_ALBUM" => Self::CarouselAlbum,
            _ => Self::Other(word),
        }
    }
}

impl Serialize for MediaType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One post. All but the id may be missing; serialised, it is an item of a feed.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct Media {
    /// The media's id.
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    /// Picture, video or album.
    #[serde(default, deserialize_with = "media_type")]
    pub media_type: Option<MediaType>,
    /// Where it was published: `FEED`, `REELS`, `STORY`, `AD`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub media_product_type: Option<String>,
    /// The text; absent when there is none.
    #[serde(default, deserialize_with = "lenient::text")]
    pub caption: Option<String>,
    /// The post's page on Instagram.
    #[serde(default, deserialize_with = "lenient::text")]
    pub permalink: Option<String>,
    /// When it was published.
    #[serde(default, deserialize_with = "lenient::time")]
    pub timestamp: Option<DateTime<Utc>>,
    /// The file, under a URL that ends; absent for copyrighted or flagged media.
    #[serde(default, deserialize_with = "lenient::text")]
    pub media_url: Option<String>,
    /// A video's still picture.
    #[serde(default, deserialize_with = "lenient::text")]
    pub thumbnail_url: Option<String>,
    /// Likes; absent when the owner hides them.
    #[serde(default, deserialize_with = "lenient::count")]
    pub like_count: Option<i64>,
    /// Comments, without those on children.
    #[serde(default, deserialize_with = "lenient::count")]
    pub comments_count: Option<i64>,
    /// Whose it is.
    #[serde(default, deserialize_with = "lenient::text")]
    pub username: Option<String>,
    /// The description for those who do not see it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub alt_text: Option<String>,
    /// An album's parts; empty for all else.
    #[serde(default, deserialize_with = "children")]
    pub children: Vec<Child>,
}

/// The first media of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaList {
    /// In Meta's order.
    pub items: Vec<Media>,
    /// Whether the list has ended with them: there are no others.
    pub is_all: bool,
}

/// One part of an album.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct Child {
    /// The part's id.
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    /// Picture or video.
    #[serde(default, deserialize_with = "media_type")]
    pub media_type: Option<MediaType>,
    /// The file, under a URL that ends; can be missing even for a plain picture.
    #[serde(default, deserialize_with = "lenient::text")]
    pub media_url: Option<String>,
    /// A video's still picture.
    #[serde(default, deserialize_with = "lenient::text")]
    pub thumbnail_url: Option<String>,
}

impl Graph {
    /// Returns the newest `limit` media of an account: one call, unless Meta hands out short pages or
    /// asks for smaller ones.
    pub async fn media(&self, token: &SecretString, id: &str, limit: u32) -> Result<MediaList, Error> {
        self.list(token, &media_of(id), limit).await
    }

    /// Returns an account's media from the newest back to `since`, up to 1 000. What comes along may be older.
    pub async fn media_since(&self, token: &SecretString, id: &str, since: DateTime<Utc>) -> Result<MediaList, Error> {
        let edge = Edge { since: Some(since), most_calls: MOST_CALLS_BACK, ..media_of(id) };
        self.list(token, &edge, MOST_BACK).await
    }

    /// Returns one media by its id, as a list would show it.
    pub async fn media_by_id(&self, token: &SecretString, id: &str) -> Result<Media, Error> {
        let id = checked_id("media_by_id", id)?;
        let ask = async |fields: &str| {
            let query = vec![("fields", fields.to_owned())];
            self.get(Call { name: "media_by_id", path: &[id], query, token: Some(token) }).await
        };
        match ask(FIELDS).await {
            Err(error) if error.is_unknown_field() => {
                tracing::warn!(%error, "asking again for fewer fields");
                ask(FALLBACK_FIELDS).await
            }
            outcome => outcome,
        }
    }
}

/// An account's own list.
const fn media_of(id: &str) -> Edge<'_> {
    Edge {
        call: "media",
        id,
        name: "media",
        on_behalf_of: None,
        fields: FIELDS,
        fallback_fields: FALLBACK_FIELDS,
        since: None,
        most_calls: MOST_CALLS,
    }
}

fn media_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<MediaType>, D::Error> {
    Ok(lenient::text(deserializer)?.map(MediaType::from))
}

/// The children as an edge: `{"data":[…]}`.
fn children<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Child>, D::Error> {
    let listing = Option::<Listing<Child>>::deserialize(deserializer)?;
    Ok(listing.map(|listing| listing.data).unwrap_or_default())
}

#[cfg(test)]
#[path = "media_tests.rs"]
mod tests;

//! Hashtags: their ids, their media, and which of them an account has been used to ask for
//! (developers.facebook.com/docs/instagram-platform, IG Hashtag).
//!
//! An account may ask for 30 hashtags in 7 days. Nothing here counts: that is the caller's ledger.

use secrecy::SecretString;
use serde::Deserialize;

use super::edge::Edge;
use super::paging::Listing;
use super::{Call, Error, Graph, Media, checked_id, lenient};

/// All that Meta lets anybody see of a stranger's post: neither its author nor its author's name.
const FIELDS: &str = "id,media_type,caption,permalink,timestamp,media_url,like_count,comments_count,\
    children{id,media_type,media_url}";
/// The fields that are as old as hashtag search.
const FALLBACK_FIELDS: &str = "id,media_type,caption,permalink,media_url,like_count,comments_count";
/// A page holds 50 at most, which is a whole feed.
const MOST_CALLS: usize = 3;
/// The most that Meta lists on one page, and the most that an account may ask for.
const SEARCHED_LIMIT: &str = "30";

#[derive(Deserialize)]
struct Node {
    #[serde(deserialize_with = "lenient::id")]
    id: String,
}

impl Graph {
    /// Returns a hashtag's id, asked with an account; `tag` comes without `#`.
    pub async fn hashtag_id(&self, token: &SecretString, account_id: &str, tag: &str) -> Result<String, Error> {
        const CALL: &str = "hashtag_id";
        let account_id = checked_id(CALL, account_id)?;
        let query = vec![("user_id", account_id.to_owned()), ("q", tag.to_owned())];
        let answer = self.send(Call { name: CALL, path: &["ig_hashtag_search"], query, token: Some(token) }).await?;
        let found: Listing<Node> = answer.parse()?;
        let nothing = || Error::not_found(CALL, answer.status, "the hashtag has no id");
        found.data.into_iter().next().map(|node| node.id).ok_or_else(nothing)
    }

    /// Returns what was posted with a hashtag in the last 24 hours, in no order.
    pub async fn recent_media(
        &self,
        token: &SecretString,
        account_id: &str,
        hashtag_id: &str,
        limit: u32,
    ) -> Result<Vec<Media>, Error> {
        self.of_hashtag(token, account_id, hashtag_id, ("recent_media", limit)).await
    }

    /// Returns a hashtag's most popular posts of all times.
    pub async fn top_media(
        &self,
        token: &SecretString,
        account_id: &str,
        hashtag_id: &str,
        limit: u32,
    ) -> Result<Vec<Media>, Error> {
        self.of_hashtag(token, account_id, hashtag_id, ("top_media", limit)).await
    }

    async fn of_hashtag(
        &self,
        token: &SecretString,
        account_id: &str,
        hashtag_id: &str,
        (name, limit): (&'static str, u32),
    ) -> Result<Vec<Media>, Error> {
        let edge = Edge {
            call: name,
            id: hashtag_id,
            name,
            on_behalf_of: Some(checked_id(name, account_id)?),
            fields: FIELDS,
            fallback_fields: FALLBACK_FIELDS,
            since: None,
            most_calls: MOST_CALLS,
        };
        Ok(self.list(token, &edge, limit).await?.items)
    }

    /// Returns the ids of the hashtags that count against an account's thirty.
    pub async fn searched_hashtags(&self, token: &SecretString, account_id: &str) -> Result<Vec<String>, Error> {
        const CALL: &str = "searched_hashtags";
        let account_id = checked_id(CALL, account_id)?;
        let query = vec![("limit", SEARCHED_LIMIT.to_owned())];
        let path = [account_id, "recently_searched_hashtags"];
        let found: Listing<Node> = self.get(Call { name: CALL, path: &path, query, token: Some(token) }).await?;
        Ok(found.data.into_iter().map(|node| node.id).collect())
    }
}

#[cfg(test)]
#[path = "hashtag_tests.rs"]
mod tests;

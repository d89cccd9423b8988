//! Posting, and reading what an account has posted.

use chrono::{DateTime, SecondsFormat, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use super::call::{Body, Call, Proof, checked_id};
use super::{Error, X};

/// How many of an account's posts one look reads at most. Each one read is paid for.
const LOOK: u32 = 100;

/// A post as X tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// X's id of it.
    pub id: String,
    /// What it says, as it was sent: with its links in full, and without the one that X adds for its media.
    pub text: String,
    /// When X made it.
    pub created_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct Made {
    data: MadeData,
}

#[derive(Deserialize)]
struct MadeData {
    id: String,
}

#[derive(Deserialize)]
struct Timeline {
    #[serde(default)]
    data: Vec<Told>,
}

#[derive(Deserialize)]
struct Told {
    id: String,
    #[serde(default)]
    text: String,
    created_at: Option<DateTime<Utc>>,
    #[serde(default)]
    entities: Entities,
}

#[derive(Default, Deserialize)]
struct Entities {
    #[serde(default)]
    urls: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    url: String,
    expanded_url: Option<String>,
    media_key: Option<String>,
}

impl X {
    /// Makes a post, and returns X's id of it. An error that is unclear means that it may have been made.
    pub(crate) async fn post(&self, token: &SecretString, text: &str, media_ids: &[String]) -> Result<String, Error> {
        let mut body = json!({});
        if !text.is_empty() {
            body["text"] = text.into();
        }
        if !media_ids.is_empty() {
            body["media"] = json!({"media_ids": media_ids});
        }
        let call = Call::post("post", &["tweets"], Proof::Token(token), Body::Json(body));
        let answer = self.send(call).await?;
        let made: Made = answer.parse()?;
        if checked_id("post", &made.data.id).is_err() {
            return Err(answer.malformed("the post has no id"));
        }
        Ok(made.data.id)
    }

    /// Lists the newest posts of an account that were made since `since`, and before `until` if that is given, newest first.
    pub(crate) async fn newest_posts(
        &self,
        token: &SecretString,
        x_user_id: &str,
        (since, until): (DateTime<Utc>, Option<DateTime<Utc>>),
    ) -> Result<Vec<Post>, Error> {
        let path = ["users", checked_id("newest_posts", x_user_id)?, "tweets"];
        let mut query = vec![
            ("max_results", LOOK.to_string()),
            ("start_time", since.to_rfc3339_opts(SecondsFormat::Secs, true)),
            ("tweet.fields", "created_at,entities".to_owned()),
        ];
        query.extend(until.map(|until| ("end_time", until.to_rfc3339_opts(SecondsFormat::Secs, true))));
        let answer = self.send(Call { query, ..Call::get("newest_posts", &path, token) }).await?;
        let timeline: Timeline = answer.parse()?;
        Ok(timeline.data.into_iter().map(Post::from).collect())
    }
}

impl From<Told> for Post {
    fn from(told: Told) -> Self {
        let mut text = told.text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        for link in told.entities.urls {
            let long = link.expanded_url.filter(|_| link.media_key.is_none());
            text = text.replacen(&link.url, &long.unwrap_or_default(), 1);
        }
        Self { id: told.id, text: text.trim().to_owned(), created_at: told.created_at }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Post, Told};

    #[test]
    fn a_post_is_told_as_it_was_sent() {
        let told: Told = serde_json::from_value(json!({
            "id": "19", "created_at": "2026-11-22T10:00:00.000Z",
            "text": "bread &amp; butter &lt;3 https://t.co/abc https://t.co/def",
            "entities": {"urls": [
                {"url": "https://t.co/abc", "expanded_url": "https://www.instagram.com/p/x/"},
                {"url": "https://t.co/def", "expanded_url": "https://x.com/ann/status/19/photo/1", "media_key": "3_1"},
            ]},
        }))
        .expect("a post");
        assert_eq!(Post::from(told).text, "bread & butter <3 https://www.instagram.com/p/x/");
        let bare: Told = serde_json::from_value(json!({"id": "19"})).expect("only the id is certain");
        assert_eq!(Post::from(bare), Post { id: "19".into(), text: String::new(), created_at: None });
    }
}

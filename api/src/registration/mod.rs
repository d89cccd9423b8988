//! What the host platform tells of an app: read, checked and written. By `PUT /v1/apps/{app_id}`, and by `feedkeeper import`
//! line by line.

use entities::{FeedKey, StringList};
use serde::Deserialize;
use url::Url;
use utoipa::ToSchema;

use crate::json_body::{given, read_from};
use crate::problem::Problem;
use crate::routes::{name, optional_name};

mod write;

pub(crate) use write::Saving;

/// More feeds than any widget shows.
const MOST_FEEDS: usize = 100;
const MOST_ORIGINS: usize = 50;

/// What the host platform knows of its app. What is left out keeps its value; a new app gets the default. Null clears
/// what may be unknown; a list is cleared by an empty one.
#[expect(clippy::option_option, reason = "left out, null and a text are three things")]
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registration {
    /// May be repeated here; then it has to be that of the address.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    app_id: Option<String>,
    /// The host platform's id of the app's owner.
    #[schema(min_length = 1, max_length = 200)]
    user: String,
    /// The kind of widget, in the host platform's words.
    #[serde(default, deserialize_with = "given")]
    #[schema(max_length = 200, nullable = false, example = "socialFeed")]
    app_type: Option<String>,
    /// The keys that it shows: `@account` or `#hashtag`.
    #[serde(default, deserialize_with = "given")]
    #[schema(max_items = 100, nullable = false, example = json!(["@powr_io", "#food"]))]
    feeds: Option<Vec<String>>,
    /// Whether it was saved before the Graph API came: such an app may be served by the legacy source.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    saved_before: Option<bool>,
    /// Whom to tell about its connections; null: nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    owner_email: Option<Option<String>>,
    /// The owner's language (BCP 47); null: not known.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 200)]
    language: Option<Option<String>>,
    /// Web origins that may read its feeds from a browser; empty: any.
    #[serde(default, deserialize_with = "given")]
    #[schema(max_items = 50, nullable = false, example = json!(["https://www.example.com"]))]
    allowed_origins: Option<Vec<String>>,
}

/// The same, checked.
#[expect(clippy::option_option, reason = "left out, null and a text are three things")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checked {
    /// The host platform's id of the app.
    pub app_id: String,
    /// Of its owner.
    pub user: String,
    app_type: Option<String>,
    feeds: Option<StringList>,
    saved_before: Option<bool>,
    owner_email: Option<Option<String>>,
    language: Option<Option<String>>,
    allowed_origins: Option<StringList>,
}

impl Registration {
    /// Reads one JSON object and nothing behind it; `what` it is in: a body, a line.
    pub(crate) fn read(body: &[u8], what: &str) -> Result<Self, Problem> {
        read_from(body, what)
    }

    /// Checks every field; `app_id` is the one of the address, where there is one.
    pub(crate) fn check(self, app_id: Option<String>) -> Result<Checked, Problem> {
        if app_id.is_some() && self.app_id.is_some() && app_id != self.app_id {
            return Err(Problem::bad_request("bad_parameter", "`app_id` is not the one of the address; leave it out."));
        }
        Ok(Checked {
            app_id: name("app_id", app_id.or(self.app_id))?,
            user: name("user", Some(self.user))?,
            app_type: self.app_type.map(|value| optional_name("app_type", Some(value))).transpose()?,
            feeds: self.feeds.as_deref().map(feeds).transpose()?,
            saved_before: self.saved_before,
            owner_email: self.owner_email.map(|value| value.map(email).transpose()).transpose()?,
            language: self
                .language
                .map(|value| value.map(|value| name("language", Some(value))).transpose())
                .transpose()?,
            allowed_origins: self.allowed_origins.map(origins).transpose()?,
        })
    }
}

fn feeds(given: &[String]) -> Result<StringList, Problem> {
    if given.len() > MOST_FEEDS {
        return Err(Problem::bad_request("bad_body", format!("`feeds` holds more than {MOST_FEEDS} keys.")));
    }
    let mut keys: Vec<String> = Vec::with_capacity(given.len());
    for (index, text) in given.iter().enumerate() {
        let key = FeedKey::parse(text)
            .map_err(|error| Problem::bad_request("bad_feed_key", format!("`feeds[{index}]`: {error}.")))?;
        if !keys.iter().any(|known| known == key.as_str()) {
            keys.push(key.to_string());
        }
    }
    Ok(StringList(keys))
}

fn origins(given: Vec<String>) -> Result<StringList, Problem> {
    if given.len() > MOST_ORIGINS {
        return Err(Problem::bad_request("bad_body", format!("`allowed_origins` holds more than {MOST_ORIGINS}.")));
    }
    for (index, text) in given.iter().enumerate() {
        let is_origin = Url::parse(text)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == *text)
            && !text.contains('*');
        if !is_origin {
            let detail = format!("`allowed_origins[{index}]` is no origin, such as `https://www.example.com`.");
            return Err(Problem::bad_request("bad_body", detail));
        }
    }
    Ok(StringList(given))
}

fn email(given: String) -> Result<String, Problem> {
    let plausible = given.len() <= 254
        && !given.chars().any(|c| c.is_control() || c.is_whitespace())
        && !given.contains(['<', '>', '"', ',', ';'])
        && given.split_once('@').is_some_and(|(name, domain)| {
            !name.is_empty()
                && !domain.contains('@')
                && domain.split('.').all(|part| !part.is_empty())
                && domain.contains('.')
        });
    if plausible { Ok(given) } else { Err(Problem::bad_request("bad_body", "`owner_email` is no e-mail address.")) }
}

//! `POST /x/2/tweets`: a post is made. What X does not know in it is refused.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization;

use super::call::{Call, Caller};
use super::refusal::Refusal;
use super::saved::{Duplicates, Saved, Standing, X};
use super::text::{has_link, weight};
use super::uploads::{Attached, MediaKind};
use super::{told, uploads};

/// What a post may weigh.
const MOST: usize = 280;
/// What a post costs, in thousandths of a dollar.
const COST: i64 = 15;
/// What one with a link costs.
const COST_WITH_LINK: i64 = 200;
/// How long a post stands in the way of one like it.
const DUPLICATE_MS: i64 = 86_400_000;
/// When X began to count its posts, in milliseconds.
const SNOWFLAKE_EPOCH_MS: i64 = 1_288_834_974_657;

/// What X knows of a post, beside `text` and `media`.
const OTHERS: [&str; 12] = [
    "card_uri",
    "community_id",
    "direct_message_deep_link",
    "edit_options",
    "for_super_followers_only",
    "geo",
    "made_with_ai",
    "nullcast",
    "paid_partnership",
    "quote_tweet_id",
    "reply_settings",
    "share_with_followers",
];

/// A post on X.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Post {
    /// When it was made.
    pub(crate) at: String,
    /// The same, in milliseconds.
    pub(crate) at_ms: i64,
    /// Its id; later posts have higher ones.
    pub(crate) id: String,
    /// Whose it is, by the name that tests use.
    pub(crate) user: String,
    /// The account's id.
    pub(crate) x_user_id: String,
    /// The account's handle.
    pub(crate) username: String,
    /// What it says, as it was sent.
    pub(crate) text: String,
    /// What that weighs by the stand-in's own count.
    pub(crate) weight: usize,
    /// What is shown with it.
    pub(crate) media: Vec<Attached>,
    /// Whether it was paid as one with a link.
    pub(crate) with_link: bool,
    /// The consent that it was made by.
    pub(crate) family: String,
    /// Where it is seen.
    pub(crate) url: String,
}

/// Makes a post.
pub(super) fn create(call: &Call<'_>, caller: &Caller) -> Result<Response, Refusal> {
    caller.needs(&["tweet.read", "tweet.write", "users.read"])?;
    if call.shared.x.change(&caller.person.user).state == Standing::Locked {
        return Err(Refusal::forbidden(
            "To protect our users from spam and other malicious activity, this account is \
             temporarily locked. Please log in to https://x.com to unlock your account.",
        ));
    }
    let mut fields = call.json()?;
    let media_ids = media_ids(&mut fields)?;
    let text = match fields.remove("text") {
        None => String::new(),
        Some(Value::String(text)) => text.trim().nfc().collect(),
        Some(other) => return Err(Refusal::invalid("text", &other.to_string(), "text must be a string")),
    };
    if let Some(unknown) = fields.keys().find(|name| !OTHERS.contains(&name.as_str())) {
        let message = format!("Unexpected field [{unknown}]: no additional properties are allowed");
        return Err(Refusal::invalid(unknown, &fields[unknown].to_string(), &message));
    }
    if text.is_empty() && media_ids.is_empty() {
        return Err(Refusal::invalid("text", "", "text is required unless media is provided"));
    }
    if text.contains(['\u{fffe}', '\u{feff}', '\u{ffff}']) {
        return Err(Refusal::invalid("text", &text, "text has characters that are not allowed"));
    }
    let weight = weight(&text);
    if weight > MOST {
        return Err(Refusal::too_long());
    }
    let at_ms = call.shared.clock.stamp_ms();
    let x = &call.shared.x;
    // Inside, so that of two equal posts at once one is the duplicate.
    let post = x.saved.update(|saved| {
        let media = uploads::attach(saved, &caller.person, &media_ids, at_ms)?;
        let post = new_post(call.shared.base(), caller, at_ms, text, weight, media);
        if is_duplicate(x, saved, &post) {
            return Err(Refusal::duplicate());
        }
        if !saved.pay(if post.with_link { COST_WITH_LINK } else { COST }) {
            return Err(Refusal::no_credits());
        }
        x.posts.add(post.clone())?;
        Ok(post)
    })??;
    let body = json!({ "data": {
        "id": post.id,
        "text": told::text(&post),
        "edit_history_tweet_ids": [post.id],
    } });
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

fn media_ids(fields: &mut Map<String, Value>) -> Result<Vec<String>, Refusal> {
    let Some(media) = fields.remove("media") else { return Ok(Vec::new()) };
    let bad = |message: &str| Refusal::invalid("media.media_ids", &media.to_string(), message);
    let Some(object) = media.as_object() else { return Err(bad("media must be an object")) };
    if let Some(unknown) = object.keys().find(|name| !matches!(name.as_str(), "media_ids" | "tagged_user_ids")) {
        return Err(Refusal::invalid(&format!("media.{unknown}"), "", "no additional properties are allowed"));
    }
    let ids = object.get("media_ids").and_then(Value::as_array).ok_or_else(|| bad("media_ids must be an array"))?;
    if !(1..=4).contains(&ids.len()) {
        return Err(bad("media_ids must have 1 to 4 entries"));
    }
    let texts = ids.iter().map(|id| id.as_str().map(str::to_owned));
    texts.collect::<Option<_>>().ok_or_else(|| bad("media_ids must be texts of digits"))
}

fn new_post(base: &str, caller: &Caller, at_ms: i64, text: String, weight: usize, media: Vec<Attached>) -> Post {
    let person = &caller.person;
    let id = ((at_ms - SNOWFLAKE_EPOCH_MS) << 22).to_string();
    Post {
        at: crate::clock::rfc3339(at_ms),
        at_ms,
        user: person.user.clone(),
        x_user_id: person.id.to_string(),
        username: person.username.clone(),
        with_link: has_link(&text),
        family: caller.family.clone(),
        text,
        weight,
        media,
        url: format!("{base}/x/{}#{id}", person.username),
        id,
    }
}

fn is_duplicate(x: &X, saved: &Saved, post: &Post) -> bool {
    let since_ms = post.at_ms - DUPLICATE_MS;
    let ids = |media: &[Attached]| media.iter().map(|each| each.id.clone()).collect::<Vec<_>>();
    let lately =
        x.posts.list().into_iter().filter(|other| other.at_ms > since_ms && !saved.deleted.contains(&other.id));
    let mut alike = lately.filter(|other| other.x_user_id == post.x_user_id && other.text == post.text);
    alike.any(|other| saved.duplicates == Duplicates::Text || ids(&other.media) == ids(&post.media))
}

/// Refuses media that X does not show in one post.
pub(super) fn check_together(kinds: &[MediaKind]) -> Result<(), Refusal> {
    let photos = kinds.iter().filter(|kind| **kind == MediaKind::Photo).count();
    if photos == kinds.len() || kinds.len() == 1 {
        return Ok(());
    }
    Err(Refusal::invalid("media.media_ids", "", "A post takes up to 4 photos, or 1 animated GIF, or 1 video"))
}

//! `/outlet/{name}`: the legacy source, which knows every account and every hashtag (`/outlet/%23food`) without anybody's
//! consent. Who lives in the sandbox has the same posts here as at Meta; everybody else has some that follow from the
//! name. A name that begins with `nosuch` is unknown.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::cdn;
use crate::clock::moment;
use crate::graph::Params;
use crate::hashtags::{self, List, Tag, is_banned};
use crate::media::{Child, Media, Type, made_up};
use crate::patch::Standing;
use crate::people::{self, Account};
use crate::state::Shared;

/// How many items are answered that nobody has asked for otherwise, and how many at most.
const ITEMS: usize = 25;
const MOST_ITEMS: usize = 100;
/// The longest name of an account.
const LONGEST: usize = 30;
/// Names that begin so are nobody's.
const UNKNOWN: &str = "nosuch";

/// Answers with a feed.
pub(crate) async fn show(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let (shared, name) = (&*shared, name.to_lowercase());
    let params = Params::parse(&query.unwrap_or_default(), &[]);
    let limit = params.get("limit").map_or(Some(ITEMS), |limit| limit.parse().ok());
    let Some(limit) = limit.filter(|limit| (1..=MOST_ITEMS).contains(limit)) else {
        return problem(StatusCode::BAD_REQUEST, "`limit` is a number from 1 to 100");
    };
    let feed = match name.strip_prefix('#') {
        Some(tag) => of_tag(shared, tag, limit),
        None => of_account(shared, &name, limit),
    };
    feed.map_or_else(nobody, |feed| Json(feed).into_response())
}

/// Answers for a name that nobody has.
pub(crate) fn nobody() -> Response {
    problem(StatusCode::NOT_FOUND, "unknown account")
}

fn of_tag(shared: &Shared, tag: &str, limit: usize) -> Option<Value> {
    let tag = Tag::parse(tag).filter(|tag| !is_banned(&tag.name) && !tag.name.starts_with(UNKNOWN))?;
    let mut all = hashtags::media(shared, &tag, List::Recent);
    all.sort_by_key(|media| std::cmp::Reverse(media.posted_s));
    for media in hashtags::media(shared, &tag, List::Top) {
        if all.iter().all(|known| known.id != media.id) {
            all.push(media);
        }
    }
    let items: Vec<_> = all.iter().take(limit).map(|media| item(shared, media, None)).collect();
    Some(json!({"account": null, "data": items}))
}

fn of_account(shared: &Shared, name: &str, limit: usize) -> Option<Value> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_';
    if name.is_empty() || name.len() > LONGEST || !name.bytes().all(is_plain) || name.starts_with(UNKNOWN) {
        return None;
    }
    let Some((person, account)) = people::by_username(name) else {
        let posts = made_up(name, shared.saved.read(|saved| saved.epoch_s));
        let items: Vec<_> = posts.iter().take(limit).map(|media| item(shared, media, Some(name))).collect();
        let id = posts.first().map_or("0", |media| &media.account_id);
        return Some(json!({"account": profile(shared, (id, name, name), (512, posts.len())), "data": items}));
    };
    if shared.patch(person).state() == Standing::Deleted {
        return None;
    }
    let posts = shared.catalog.of_account(account.id).into_iter().filter(|(_, is_deleted)| !is_deleted);
    let posts: Vec<_> = posts.map(|(media, _)| media).collect();
    let items: Vec<_> = posts.iter().take(limit).map(|media| item(shared, media, Some(name))).collect();
    let Account { id, username, name, followers, .. } = account;
    Some(json!({"account": profile(shared, (id, username, name), (*followers, posts.len())), "data": items}))
}

fn profile(shared: &Shared, (id, username, name): (&str, &str, &str), (followers, posts): (u32, usize)) -> Value {
    json!({
        "id": id,
        "username": username,
        "name": name,
        "profile_picture_url": cdn::avatar(shared, username),
        "followers_count": followers,
        "media_count": posts,
        // What an outlet says beside what it was asked for.
        "is_verified": false,
    })
}

fn item(shared: &Shared, media: &Media, username: Option<&str>) -> Value {
    let is_video = media.media_type == Type::Video;
    let first = media.children.first().map_or(&media.id, |child| &child.id);
    let file =
        if is_video { cdn::video(shared, &media.id, media.shape) } else { cdn::picture(shared, first, media.shape) };
    let kind = if media.is_reel { "reel" } else { "p" };
    let children: Vec<_> = media.children.iter().map(|child| part(shared, media, child)).collect();
    json!({
        "id": media.id,
        "media_type": media.media_type.name(),
        "media_product_type": if media.is_reel { "REELS" } else { "FEED" },
        "caption": media.caption,
        "permalink": format!("https://www.instagram.com/{kind}/{}/", media.shortcode),
        "timestamp": moment(media.posted_s.saturating_mul(1000)).format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "media_url": (!media.withheld).then_some(file),
        "thumbnail_url": is_video.then(|| cdn::picture(shared, &media.id, media.shape)),
        "like_count": media.likes,
        "comments_count": media.comments,
        "username": username,
        "alt_text": media.alt_text,
        "children": children,
    })
}

fn part(shared: &Shared, album: &Media, child: &Child) -> Value {
    let picture = cdn::picture(shared, &child.id, album.shape);
    let is_video = child.media_type == Type::Video;
    json!({
        "id": child.id,
        "media_type": child.media_type.name(),
        "media_url": if is_video { cdn::video(shared, &child.id, album.shape) } else { picture.clone() },
        "thumbnail_url": is_video.then_some(picture),
    })
}

fn problem(status: StatusCode, says: &str) -> Response {
    (status, Json(json!({"error": says}))).into_response()
}

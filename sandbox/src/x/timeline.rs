//! What can be read of X: `/x/2/users/me`, the posts of an account, newest first, and one post.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::call::{Call, Caller};
use super::posts::Post;
use super::refusal::Refusal;
use super::{people, told};

/// What a post costs to read, in thousandths of a dollar; one's own is cheaper.
const READ_COST: i64 = 5;
const OWNED_READ_COST: i64 = 1;

/// Tells who calls.
pub(super) fn me(caller: &Caller) -> Result<Response, Refusal> {
    caller.needs(&["users.read", "tweet.read"])?;
    let person = &caller.person;
    let data = json!({ "id": person.id.to_string(), "name": person.name, "username": person.username });
    Ok(Json(json!({ "data": data })).into_response())
}

/// Lists the posts of an account, newest first.
pub(super) fn list(call: &Call<'_>, caller: &Caller, id: &str) -> Result<Response, Refusal> {
    caller.needs(&["users.read", "tweet.read"])?;
    let person = id.parse().ok().and_then(people::by_id).ok_or_else(|| Refusal::not_found("user", id))?;
    let size = number(call, "max_results", 5, 100)?.unwrap_or(10);
    let page = Page::read(call)?;
    let mut posts = call.shared.x.visible();
    posts.retain(|post| post.x_user_id == id && page.has(post));
    posts.reverse();
    let size = usize::try_from(size).unwrap_or(10);
    let more = posts.len() > size;
    posts.truncate(size);
    let each = if person.id == caller.person.id { OWNED_READ_COST } else { READ_COST };
    pay(call, each.saturating_mul(i64::try_from(posts.len()).unwrap_or(i64::MAX)))?;
    let mut meta = json!({ "result_count": posts.len() });
    if let (Some(newest), Some(oldest)) = (posts.first(), posts.last()) {
        meta["newest_id"] = newest.id.clone().into();
        meta["oldest_id"] = oldest.id.clone().into();
        if more {
            meta["next_token"] = oldest.id.clone().into();
        }
    }
    let mut body = json!({ "meta": meta });
    if !posts.is_empty() {
        body["data"] = posts.iter().map(|post| told::post(post, &call.query)).collect();
    }
    let media: Vec<Value> = posts.iter().flat_map(told::media).collect();
    if !media.is_empty() && call.query.all("expansions").any(|it| it.contains("attachments.media_keys")) {
        body["includes"] = json!({ "media": media });
    }
    Ok(Json(body).into_response())
}

/// Tells one post.
pub(super) fn one(call: &Call<'_>, caller: &Caller, id: &str) -> Result<Response, Refusal> {
    caller.needs(&["users.read", "tweet.read"])?;
    let post = call.shared.x.visible().into_iter().find(|post| post.id == id);
    let post = post.ok_or_else(|| Refusal::not_found("tweet", id))?;
    pay(call, READ_COST)?;
    Ok(Json(json!({ "data": told::post(&post, &call.query) })).into_response())
}

fn pay(call: &Call<'_>, cost: i64) -> Result<(), Refusal> {
    let paid = cost == 0 || call.shared.x.saved.update(|saved| saved.pay(cost))?;
    if paid { Ok(()) } else { Err(Refusal::no_credits()) }
}

/// Which posts are asked for.
struct Page {
    above: Option<i64>,
    below: Option<i64>,
    from_ms: Option<i64>,
    before_ms: Option<i64>,
}

impl Page {
    fn read(call: &Call<'_>) -> Result<Self, Refusal> {
        let until = number(call, "until_id", 0, i64::MAX)?;
        let next = number(call, "pagination_token", 0, i64::MAX)?;
        Ok(Self {
            above: number(call, "since_id", 0, i64::MAX)?,
            below: until.into_iter().chain(next).min(),
            from_ms: time(call, "start_time")?,
            before_ms: time(call, "end_time")?,
        })
    }

    fn has(&self, post: &Post) -> bool {
        let id: i64 = post.id.parse().unwrap_or(0);
        self.above.is_none_or(|above| id > above)
            && self.below.is_none_or(|below| id < below)
            && self.from_ms.is_none_or(|from_ms| post.at_ms >= from_ms)
            && self.before_ms.is_none_or(|before_ms| post.at_ms < before_ms)
    }
}

fn number(call: &Call<'_>, name: &str, low: i64, high: i64) -> Result<Option<i64>, Refusal> {
    let Some(text) = call.query.get(name) else { return Ok(None) };
    let number = text.parse().ok().filter(|number| (low..=high).contains(number));
    let message = format!("The `{name}` query parameter value [{text}] is not between {low} and {high}");
    number.map(Some).ok_or_else(|| Refusal::invalid(name, text, &message))
}

fn time(call: &Call<'_>, name: &str) -> Result<Option<i64>, Refusal> {
    let Some(text) = call.query.get(name) else { return Ok(None) };
    let time = chrono::DateTime::parse_from_rfc3339(text).ok();
    let message = format!("The `{name}` query parameter value [{text}] is not a time like 2026-11-21T10:00:00Z");
    time.map(|time| Some(time.timestamp_millis())).ok_or_else(|| Refusal::invalid(name, text, &message))
}

//! `/_sandbox/posts` and `/_sandbox/x/…`: what was posted on X, what became of each consent, and what tests change there.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bytes::Bytes;
use serde_json::{Value, json};

use super::body::{Fields, whole};
use super::{Answer, Problem, Sandbox};
use crate::clock::rfc3339;
use crate::x::{Change, Duplicates, Family, Fate, Standing, people};

/// More credits than anybody pays in advance, in thousandths of a dollar.
const MOST_CREDITS: i64 = 1_000_000_000;

/// Lists the posts that are there to be seen, oldest first.
pub(super) async fn posts(State(shared): Sandbox) -> Answer<Value> {
    Ok(Json(json!(shared.x.visible())))
}

/// Forgets all posts.
pub(super) async fn forget_posts(State(shared): Sandbox) -> Result<StatusCode, Problem> {
    shared.x.posts.forget()?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a post, as its person does on X.
pub(super) async fn delete_post(State(shared): Sandbox, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    if !shared.x.visible().iter().any(|post| post.id == id) {
        return Err(Problem::not_found("post_unknown", format!("there is no post {id} on X")));
    }
    shared.x.saved.update(|saved| saved.deleted.insert(id))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists every consent that was exchanged, and what became of its tokens.
pub(super) async fn families(State(shared): Sandbox) -> Answer<Vec<Value>> {
    let now_ms = shared.clock.now_ms();
    let tell = |(name, family): (&String, &Family)| {
        // Of a family that is alive the gap may still grow.
        let open_ms = if family.state == Fate::Alive { now_ms - family.access_ends_ms } else { 0 };
        json!({
            "family": name,
            "user": family.user,
            "state": family.state,
            "pairs": family.pair,
            "given_at": rfc3339(family.given_ms),
            "access_ends_at": rfc3339(family.access_ends_ms),
            "longest_gap_ms": family.longest_gap_ms.max(open_ms).max(0),
        })
    };
    Ok(Json(shared.x.saved.read(|saved| saved.families.iter().map(tell).collect())))
}

/// Lists the accounts that have a name of their own.
pub(super) async fn users(State(shared): Sandbox) -> Answer<Vec<Value>> {
    let tell = |person: people::Person| {
        let change = shared.x.change(&person.user);
        json!({
            "user": person.user,
            "x_user_id": person.id.to_string(),
            "username": person.username,
            "state": change.state,
            "posts_allowed": change.posts_allowed,
        })
    };
    Ok(Json(people::named().map(tell).collect()))
}

/// Changes how an account stands, or how many posts it may make in a quarter of an hour.
pub(super) async fn change_user(State(shared): Sandbox, Path(user): Path<String>, body: Bytes) -> Answer<Value> {
    let person = people::by_user(&user);
    let person =
        person.ok_or_else(|| Problem::not_found("user_unknown", format!("there is no account {user:?} on X")))?;
    let mut fields = Fields::read(&body)?;
    let mut change = shared.x.change(&person.user);
    if let Some(state) = fields.text("state")? {
        change.state = match state.as_str() {
            "ok" => Standing::Ok,
            "locked" => Standing::Locked,
            "suspended" => Standing::Suspended,
            "app_removed" => Standing::AppRemoved,
            other => {
                let known = "ok, locked, suspended or app_removed";
                return Err(Problem::field(format!("state must be {known}, not {other:?}")));
            }
        };
        change.since_ms = shared.clock.stamp_ms();
    }
    match fields.take("posts_allowed") {
        None => {}
        Some(Value::Null) => change.posts_allowed = None,
        Some(value) => change.posts_allowed = u32::try_from(whole("posts_allowed", &value, 0, 10_000)?).ok(),
    }
    fields.done("state, posts_allowed")?;
    shared.x.saved.update(|saved| saved.changes.insert(person.user.clone(), change))?;
    let Change { state, posts_allowed, .. } = change;
    Ok(Json(json!({ "user": person.user, "state": state, "posts_allowed": posts_allowed })))
}

/// Tells what is paid and spent, in thousandths of a dollar, and what counts as a duplicate.
pub(super) async fn show(State(shared): Sandbox) -> Answer<Value> {
    Ok(Json(
        shared
            .x
            .saved
            .read(|saved| json!({ "credits": saved.credits, "spent": saved.spent, "duplicates": saved.duplicates })),
    ))
}

/// Changes what is paid (`null`: any amount), or what counts as a duplicate.
pub(super) async fn change(state: Sandbox, body: Bytes) -> Answer<Value> {
    let mut fields = Fields::read(&body)?;
    let credits = match fields.take("credits") {
        None => None,
        Some(Value::Null) => Some(None),
        Some(value) => Some(Some(whole("credits", &value, 0, MOST_CREDITS)?)),
    };
    let duplicates = match fields.text("duplicates")?.as_deref() {
        None => None,
        Some("text") => Some(Duplicates::Text),
        Some("text_and_media") => Some(Duplicates::TextAndMedia),
        Some(other) => {
            return Err(Problem::field(format!("duplicates must be text or text_and_media, not {other:?}")));
        }
    };
    fields.done("credits, duplicates")?;
    state.x.saved.update(|saved| {
        saved.credits = credits.unwrap_or(saved.credits);
        saved.duplicates = duplicates.unwrap_or(saved.duplicates);
    })?;
    show(state).await
}

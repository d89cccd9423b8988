//! `/_sandbox/media`: people post, and delete what they posted.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bytes::Bytes;
use serde_json::{Value, json};

use super::body::{Fields, whole};
use super::{Answer, Problem, Sandbox};
use crate::media::{Media, Seed, Shape, Type, children, shortcode};
use crate::people::{self, Account};

const FIELDS: &str = "user, ig_user_id, media_type, caption, alt_text, like_count, comments_count, \
                      children, without_media_url";
/// What an album has at most.
const MAX_CHILDREN: i64 = 10;

/// Posts something at the sandbox's now.
///
/// `media_type` is `IMAGE` (also when absent), `VIDEO`, `REELS` or `CAROUSEL_ALBUM`; `children` is an
/// album's number of parts (3 when absent), or their types. With several accounts `ig_user_id` says
/// whose post it is, else it is the first one's. `like_count: null` hides the likes.
pub(super) async fn publish(State(shared): Sandbox, body: Bytes) -> Answer<Value> {
    let mut fields = Fields::read(&body)?;
    let account = account(&mut fields)?;
    let (media_type, is_reel) = match fields.text("media_type")?.as_deref() {
        None | Some("IMAGE") => (Type::Image, false),
        Some("VIDEO") => (Type::Video, false),
        Some("REELS") => (Type::Video, true),
        Some("CAROUSEL_ALBUM") => (Type::CarouselAlbum, false),
        Some(other) => {
            return Err(Problem::field(format!(
                "media_type must be IMAGE, VIDEO, REELS or CAROUSEL_ALBUM, not {other:?}"
            )));
        }
    };
    let parts = parts(fields.take("children"), media_type)?;
    let likes = match fields.take("like_count") {
        None => Some(0),
        Some(Value::Null) => None,
        Some(value) => Some(count("like_count", &value)?),
    };
    let comments = match fields.take("comments_count") {
        None | Some(Value::Null) => 0,
        Some(value) => count("comments_count", &value)?,
    };
    let (caption, alt_text) = (fields.text("caption")?, fields.text("alt_text")?);
    let withheld = fields.flag("without_media_url")?;
    fields.done(FIELDS)?;

    let posted_s = shared.clock.now_s();
    let media = shared.saved.update(|saved| {
        saved.serial += 1;
        let mut seed = Seed::of(&format!("published {} {}", account.id, saved.serial));
        // Later posts have higher numbers, so that none comes twice.
        let id = format!("179{:06}{}", saved.serial, seed.digits(8));
        let media = Media {
            account_id: account.id.to_owned(),
            media_type,
            is_reel,
            caption,
            alt_text,
            posted_s,
            shortcode: shortcode(&id),
            shape: if is_reel { Shape::Tall } else { Shape::Square },
            withheld,
            likes,
            comments,
            children: children(&id, &parts),
            id,
        };
        saved.published.push(media.clone());
        media
    })?;
    let id = media.id.clone();
    shared.catalog.publish(media);
    Ok(Json(json!({ "id": id })))
}

/// Deletes a post; deleting it again is not an error.
pub(super) async fn remove(State(shared): Sandbox, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let is_deleted = shared.saved.read(|saved| saved.deleted.contains(&id));
    if !is_deleted {
        if shared.catalog.find(&id).is_none_or(|(media, _)| media.id != id) {
            return Err(Problem::not_found("media_unknown", format!("there is no post {id:?}")));
        }
        shared.saved.update(|saved| saved.deleted.insert(id.clone()))?;
        shared.catalog.delete(&id);
    }
    Ok(StatusCode::NO_CONTENT)
}

fn account(fields: &mut Fields) -> Result<&'static Account, Problem> {
    let user = fields.required("user")?;
    let person = people::by_user(&user).ok_or_else(|| Problem::no_such_user(&user))?;
    let id = fields.text("ig_user_id")?;
    person.accounts().find(|account| id.as_deref().is_none_or(|id| id == account.id)).ok_or_else(|| match id {
        Some(id) => Problem::field(format!("ig_user_id: {user} has no Instagram account {id}")),
        None => Problem::field(format!("user: {user} has no Instagram account to post on")),
    })
}

fn parts(value: Option<Value>, media_type: Type) -> Result<Vec<Type>, Problem> {
    if media_type != Type::CarouselAlbum {
        return match value {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(_) => Err(Problem::field("children: only a CAROUSEL_ALBUM has children")),
        };
    }
    match value {
        None | Some(Value::Null) => Ok(vec![Type::Image, Type::Video, Type::Image]),
        Some(Value::Array(types)) if (1..=10).contains(&types.len()) => types
            .iter()
            .map(|kind| match kind.as_str() {
                Some("IMAGE") => Ok(Type::Image),
                Some("VIDEO") => Ok(Type::Video),
                _ => Err(Problem::field(format!("children must be IMAGE or VIDEO, not {kind}"))),
            })
            .collect(),
        Some(value) => {
            let count = whole("children", &value, 1, MAX_CHILDREN)?;
            Ok((0..count).map(|_| Type::Image).collect())
        }
    }
}

fn count(name: &str, value: &Value) -> Result<u32, Problem> {
    let count = whole(name, value, 0, i64::from(u32::MAX))?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

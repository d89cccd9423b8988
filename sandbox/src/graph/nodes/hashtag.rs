//! A hashtag, and posts as they are seen through one: with few fields, and none that tells whose.

use std::sync::Arc;

use super::{Edge, Got, Item, Node, Paging, media, sees_page};
use crate::graph::Error;
use crate::graph::fields::Field;
use crate::graph::read::View;
use crate::hashtags::Tag;
use crate::media::{Media, Type};
use crate::patch::Standing;
use crate::people::{self, Account};

/// What may be asked of a post through a hashtag.
const FIELDS: [&str; 9] =
    ["caption", "children", "comments_count", "id", "like_count", "media_type", "media_url", "permalink", "timestamp"];
/// What may be asked of an album's part.
const PART_FIELDS: [&str; 5] = ["id", "media_type", "media_url", "permalink", "timestamp"];

/// Looks a hashtag's field up; none if hashtags have no such field.
pub(super) fn get(tag: &Tag, field: &str) -> Option<Got> {
    (field == "name").then(|| tag.name.clone().into())
}

/// Refuses a field that may not be asked of posts through a hashtag, whether or not there are any.
pub(crate) fn check_fields(fields: &[Field]) -> Result<(), Error> {
    let all = |fields: &[Field], known: &[&str]| {
        let unknown = fields.iter().find(|field| !known.contains(&field.name.as_str()));
        unknown.map_or(Ok(()), |field| Err(Error::no_such_field(&field.name, "IGMedia")))
    };
    all(fields, &FIELDS)?;
    let mut parts = fields.iter().filter(|field| field.name == "children").filter_map(|field| field.inner.as_ref());
    parts.try_for_each(|inner| all(inner, &PART_FIELDS))
}

/// Looks a post's field up; none if it may not be asked through a hashtag.
pub(super) fn get_media(view: &View<'_>, post: &Arc<Media>, field: &str) -> Option<Got> {
    match field {
        "media_url" if post.media_type == Type::CarouselAlbum => Some(Got::Absent),
        "children" if post.children.is_empty() => Some(Got::Absent),
        "children" => Some(media::list("children", parts(post))),
        other if FIELDS.contains(&other) => media::get(view, post, other),
        _ => None,
    }
}

/// Looks a field of an album's part up; none if it may not be asked through a hashtag.
pub(super) fn get_part(view: &View<'_>, album: &Arc<Media>, position: usize, field: &str) -> Option<Got> {
    PART_FIELDS.contains(&field).then(|| media::get_part(view, album, position, field)).flatten()
}

/// Returns the account in whose name a hashtag is asked for, if the token may act for it.
pub(crate) fn asker(view: &View<'_>) -> Result<&'static Account, Error> {
    let id = view.request.params.get("user_id").ok_or_else(|| Error::missing_parameter("user_id"))?;
    let missing = || Error::no_such_object("get", id);
    let (owner, index, account) = people::account(id).ok_or_else(missing)?;
    if !sees_page(view, owner, index) || view.patch.state() == Standing::Deleted {
        return Err(missing());
    }
    view.check_public_content()?;
    Ok(account)
}

/// Returns the hashtags that count against an account's allowance now.
pub(super) fn recently_searched(view: &View<'_>, account: &Account) -> Result<Got, Error> {
    view.check_public_content()?;
    let now_ms = view.shared.clock.now_ms();
    let items = view.shared.saved.read(|saved| {
        let ledger = &saved.hashtags;
        let counted = ledger.counted(account.id, now_ms).into_iter();
        let tags = counted.filter_map(|(id, at_ms)| Some((Tag::of(ledger.name(id)?.to_owned()), at_ms)));
        tags.map(|(tag, at_ms)| Item { node: Node::Hashtag(tag), at_s: at_ms.div_euclid(1_000), hidden: false })
            .collect()
    });
    Ok(Got::Edge(Edge { name: "recently_searched_hashtags", default_fields: "id", paging: Paging::Links, items }))
}

fn parts(album: &Arc<Media>) -> Vec<Item> {
    let part = |position| Node::TaggedPart(Arc::clone(album), position);
    (0..album.children.len())
        .map(|position| Item { node: part(position), at_s: album.posted_s, hidden: false })
        .collect()
}

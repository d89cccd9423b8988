//! A post, and a part of an album. Meta leaves out what a post does not have, so that every field
//! but `id` may be missing.

use std::sync::Arc;

use super::{Edge, Got, Item, Node, Paging};
use crate::cdn;
use crate::clock::moment;
use crate::graph::read::View;
use crate::media::{Media, Seed, Type};
use crate::people;

/// Looks a post's field up; none if posts have no such field.
pub(super) fn get(view: &View<'_>, media: &Arc<Media>, field: &str) -> Option<Got> {
    let is_video = media.media_type == Type::Video;
    Some(match field {
        "media_type" => media.media_type.name().into(),
        "media_product_type" => if media.is_reel { "REELS" } else { "FEED" }.into(),
        "caption" => Got::or_absent(media.caption.clone()),
        "alt_text" => Got::or_absent(media.alt_text.clone()),
        "media_url" if media.withheld => Got::Absent,
        "media_url" if is_video => cdn::video(view.shared, &media.id, media.shape).into(),
        // An album shows its first part.
        "media_url" => {
            let id = media.children.first().map_or(&media.id, |child| &child.id);
            cdn::picture(view.shared, id, media.shape).into()
        }
        "thumbnail_url" if is_video => cdn::picture(view.shared, &media.id, media.shape).into(),
        "permalink" if media.is_reel => permalink("reel", &media.shortcode).into(),
        "permalink" => permalink("p", &media.shortcode).into(),
        "shortcode" => media.shortcode.clone().into(),
        "timestamp" => timestamp(media).into(),
        "username" => username(media),
        "owner" => owner(media),
        "like_count" | "total_like_count" => Got::or_absent(media.likes),
        "comments_count" | "total_comments_count" => media.comments.into(),
        "is_comment_enabled" => true.into(),
        "is_shared_to_feed" if media.is_reel => true.into(),
        "children" if !media.children.is_empty() => list("children", parts(media)),
        "comments" => list("comments", Vec::new()),
        _ => return None,
    })
}

/// Looks a field of an album's part up: parts have few of a post's fields.
pub(super) fn get_part(view: &View<'_>, album: &Arc<Media>, position: usize, field: &str) -> Option<Got> {
    let child = album.children.get(position)?;
    let is_video = child.media_type == Type::Video;
    // Now and then Meta gives no file even for a plain picture in an album.
    let withheld = Seed::of(&format!("withheld {}", child.id)).once_in(40);
    Some(match field {
        "media_type" => child.media_type.name().into(),
        "media_url" if withheld => Got::Absent,
        "media_url" if is_video => cdn::video(view.shared, &child.id, album.shape).into(),
        "media_url" => cdn::picture(view.shared, &child.id, album.shape).into(),
        "thumbnail_url" if is_video => cdn::picture(view.shared, &child.id, album.shape).into(),
        "permalink" => permalink("p", &child.shortcode).into(),
        "shortcode" => child.shortcode.clone().into(),
        "timestamp" => timestamp(album).into(),
        "username" => username(album),
        "owner" => owner(album),
        other => {
            get(view, album, other)?;
            Got::Absent
        }
    })
}

fn parts(album: &Arc<Media>) -> Vec<Item> {
    (0..album.children.len())
        .map(|position| Item { node: Node::Part(Arc::clone(album), position), at_s: album.posted_s, hidden: false })
        .collect()
}

/// A short list of posts or parts.
pub(super) fn list(name: &'static str, items: Vec<Item>) -> Got {
    Got::Edge(Edge {
        name,
        default_fields: "id",
        // Meta gives these short lists without `paging`.
        paging: Paging::None,
        items,
    })
}

fn permalink(kind: &str, shortcode: &str) -> String {
    format!("https://www.instagram.com/{kind}/{shortcode}/")
}

/// Meta's form of a time: no colon in the offset, so not RFC 3339.
fn timestamp(media: &Media) -> String {
    moment(media.posted_s.saturating_mul(1000)).format("%Y-%m-%dT%H:%M:%S+0000").to_string()
}

fn username(media: &Media) -> Got {
    let account = people::account(&media.account_id);
    Got::or_absent(account.map(|(_, _, account)| account.username))
}

fn owner(media: &Media) -> Got {
    people::account(&media.account_id).map_or(Got::Absent, |(_, _, account)| Got::Node(Node::Account(account)))
}

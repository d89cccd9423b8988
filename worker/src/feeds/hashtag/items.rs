//! A hashtag's items: what was posted lately, and what is popular, as one list.

use entities::{feed, hashtag};

use crate::Context;
use crate::feeds::limit::priority;
use crate::feeds::{ITEMS, Unread, holds_items};
use crate::graph::Media;
use crate::hashtags::{Place, keep_id};
use crate::throttles::Key;

/// Reads the items. The hashtag's id is asked for once in its life.
pub(super) async fn read(
    ctx: &Context,
    feed: &feed::Model,
    tag: &str,
    place: &mut Place,
) -> Result<Vec<Media>, Unread> {
    let graph = ctx.graph_for(Key::of(&place.install), priority(feed, ctx.now()));
    let id = if let Some(known) = hashtag::Entity::id_of(&ctx.db.read, tag).await? {
        known
    } else {
        let found = graph.hashtag_id(&place.token, place.account_id(), tag).await?;
        place.answered(ctx).await?;
        keep_id(ctx, tag, &found).await?;
        found
    };
    let recent = graph.recent_media(&place.token, place.account_id(), &id, ITEMS).await?;
    place.answered(ctx).await?;
    if recent.len() >= ITEMS as usize {
        return Ok(merge(recent, Vec::new()));
    }
    let top = graph.top_media(&place.token, place.account_id(), &id, ITEMS).await?;
    // What was posted at all times does not end: a page without any is a slip, whatever was posted today.
    if top.is_empty() && holds_items(feed) {
        return Err(Unread::Unbelieved);
    }
    Ok(merge(recent, top))
}

/// What was posted lately, newest first; behind it, for tags that are quiet, what is popular.
fn merge(mut recent: Vec<Media>, top: Vec<Media>) -> Vec<Media> {
    recent.sort_by_key(|media| std::cmp::Reverse(media.timestamp));
    for media in top {
        if recent.iter().all(|known| known.id != media.id) {
            recent.push(media);
        }
    }
    recent.truncate(ITEMS as usize);
    recent
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Media, merge};

    fn media(id: u32, hour: Option<u32>) -> Media {
        let timestamp = hour.map(|hour| format!("2026-11-20T{hour:02}:00:00+0000"));
        serde_json::from_value(json!({"id": id, "timestamp": timestamp})).expect("an item")
    }

    #[test]
    fn the_newest_come_first_then_the_popular_and_none_twice() {
        let recent = vec![media(1, Some(8)), media(2, None), media(3, Some(9))];
        let top = vec![media(4, Some(1)), media(3, Some(9)), media(5, Some(23))];

        let ids: Vec<_> = merge(recent, top).into_iter().map(|media| media.id).collect();

        assert_eq!(ids, ["3", "1", "2", "4", "5"]);
    }

    #[test]
    fn a_feed_is_fifty_items() {
        let (recent, top) = ((0..30).map(|id| media(id, Some(1))), (20..90).map(|id| media(id, None)));
        let items = merge(recent.collect(), top.collect());
        assert_eq!((items.len(), items[49].id.as_str()), (50, "49"));
    }
}

//! A post as X tells it: addresses shortened to `https://t.co/…`, one more for its media at the end, and `&`, `<`, `>` escaped.

use serde_json::{Value, json};

use super::posts::Post;
use super::text::links;
use super::uploads::Attached;
use crate::graph::Params;
use crate::signing::{hex, sha256};

/// A stretch of the post that stands for an address.
struct Entity {
    start: usize,
    end: usize,
    short: String,
    long: String,
    media_key: Option<String>,
}

/// Returns the text.
pub(super) fn text(post: &Post) -> String {
    shortened(post).0
}

/// Returns the post with the fields that were asked for.
pub(super) fn post(post: &Post, query: &Params) -> Value {
    let (text, entities) = shortened(post);
    let mut told = json!({ "id": post.id, "text": text, "edit_history_tweet_ids": [post.id] });
    // The newest reference calls them post.fields; the older name goes on.
    for field in
        ["tweet.fields", "post.fields"].into_iter().flat_map(|name| query.all(name)).flat_map(|it| it.split(','))
    {
        match field {
            "created_at" => told["created_at"] = post.at.clone().into(),
            "author_id" => told["author_id"] = post.x_user_id.clone().into(),
            "attachments" if !post.media.is_empty() => {
                told["attachments"] = json!({ "media_keys": keys(&post.media) });
            }
            "entities" if !entities.is_empty() => {
                told["entities"] = json!({ "urls": entities.iter().map(entity).collect::<Vec<_>>() });
            }
            _ => {}
        }
    }
    told
}

/// Returns the media of posts as `includes` tells them.
pub(super) fn media(post: &Post) -> impl Iterator<Item = Value> {
    post.media.iter().map(|media| {
        let alt = media.alt_text.as_ref();
        json!({ "media_key": media.media_key, "type": media.kind, "url": media.url, "alt_text": alt })
    })
}

fn keys(media: &[Attached]) -> Vec<&str> {
    media.iter().map(|media| media.media_key.as_str()).collect()
}

fn entity(entity: &Entity) -> Value {
    let shown = entity.long.split_once("://").map_or(entity.long.as_str(), |(_, rest)| rest);
    let mut told = json!({
        "start": entity.start,
        "end": entity.end,
        "url": entity.short,
        "expanded_url": entity.long,
        "display_url": shown,
    });
    if let Some(key) = &entity.media_key {
        told["media_key"] = key.clone().into();
    }
    told
}

fn shortened(post: &Post) -> (String, Vec<Entity>) {
    let (mut text, mut entities, mut done) = (String::new(), Vec::new(), 0);
    let mut add = |text: &mut String, long: String, key: Option<String>| {
        let short = format!("https://t.co/{}", &hex(&sha256(format!("{} {long}", post.id).as_bytes()))[..10]);
        let start = text.chars().count();
        text.push_str(&short);
        entities.push(Entity { start, end: text.chars().count(), short, long, media_key: key });
    };
    for link in links(&post.text) {
        text.push_str(&post.text[done..link.start]);
        let address = &post.text[link.clone()];
        let long = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
        add(&mut text, long, None);
        done = link.end;
    }
    text.push_str(&post.text[done..]);
    if let Some(first) = post.media.first() {
        if !text.is_empty() {
            text.push(' ');
        }
        let long = format!("https://x.com/{}/status/{}/photo/1", post.username, post.id);
        add(&mut text, long, Some(first.media_key.clone()));
    }
    (text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"), entities)
}

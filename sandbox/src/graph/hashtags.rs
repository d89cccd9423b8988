//! `ig_hashtag_search`, and a hashtag's `recent_media` and `top_media`: what asks in the name of an
//! account, and counts against its allowance once everything else about the call is right.

use std::sync::Arc;

use serde_json::{Value, json};

use super::nodes::{Node, asker, check_fields};
use super::read::{self, View};
use super::{Error, hashtag_errors, paging};
use crate::hashtags::{self, List, Tag, Turn};
use crate::people::Account;

/// The largest page of a hashtag's list.
const MAX_LIMIT: usize = 50;

/// `/ig_hashtag_search?user_id&q`: the id of a name.
pub(super) fn search(view: &View<'_>) -> Result<Value, Error> {
    let text = view.request.params.get("q");
    let account = asker(view)?;
    let text = text.ok_or_else(|| Error::missing_parameter("q"))?;
    let tag = Tag::parse(text).ok_or_else(|| {
        Error::parameter("(#100) param q must be a hashtag without #: letters, digits and underscores")
    })?;
    if hashtags::is_banned(&tag.name) {
        return Err(hashtag_errors::unknown(view.token.person, &tag.name));
    }
    let fields = view.fields_or("id")?;
    let found = read::node(view, &Node::Hashtag(tag.clone()), &fields)?;
    count(view, account, &tag)?;
    Ok(json!({ "data": [found] }))
}

/// `/{hashtag-id}/recent_media` and `/top_media`: the posts with a hashtag.
pub(super) fn media(view: &View<'_>, tag: &Tag, list: List) -> Result<Value, Error> {
    let account = asker(view)?;
    let params = &view.request.params;
    let limit = paging::limit(params.get("limit"), MAX_LIMIT)?;
    let fields = view.fields_or("id")?;
    check_fields(&fields)?;
    let key = format!("{}/{}/{}", account.id, tag.id, list.edge());
    let readings = &view.shared.readings;
    let turn = match params.get("after") {
        Some(cursor) => readings.next(&key, cursor, limit).ok_or_else(paging::wrong_cursor)?,
        None => readings.begin(key, hashtags::media(view.shared, tag, list), limit)?,
    };
    let mut data = Vec::new();
    for media in turn.media.iter().filter(|media| hashtags::is_there(view.shared, media)) {
        data.push(read::node(view, &Node::Tagged(Arc::clone(media)), &fields)?);
    }
    count(view, account, tag)?;
    let mut body = json!({ "data": data });
    if !turn.media.is_empty() {
        body["paging"] = links(view, &format!("{}/{}", tag.id, list.edge()), limit, &turn);
    }
    Ok(body)
}

/// Counts a query against the account's allowance, or refuses it.
fn count(view: &View<'_>, account: &Account, tag: &Tag) -> Result<(), Error> {
    if hashtags::count(view.shared, account.id, tag)? {
        return Ok(());
    }
    Err(hashtag_errors::allowance_spent(view.token.person))
}

/// Returns `paging`: the way on alone, there is none back.
fn links(view: &View<'_>, path: &str, limit: usize, turn: &Turn) -> Value {
    let mut paging = json!({ "cursors": { "after": turn.cursor } });
    if turn.has_next {
        let mut pairs = Vec::new();
        for name in ["user_id", "fields"] {
            pairs.extend(view.request.params.get(name).map(|value| (name, value.to_owned())));
        }
        pairs.extend([("limit", limit.to_string()), ("after", turn.cursor.clone())]);
        paging["next"] = paging::link(view, path, &pairs).into();
    }
    paging
}

//! An Instagram professional account and its posts.

use super::{Edge, Got, Item, Node, Paging, hashtag, insights};
use crate::cdn;
use crate::graph::Error;
use crate::graph::read::View;
use crate::people::Account;

/// Looks an account's field up; none if accounts have no such field.
pub(super) fn get(view: &View<'_>, account: &'static Account, field: &str) -> Result<Option<Got>, Error> {
    Ok(Some(match field {
        "username" => account.username.into(),
        "name" => account.name.into(),
        "biography" => account.biography.into(),
        "website" => account.website.into(),
        "followers_count" => account.followers.into(),
        "follows_count" => account.follows.into(),
        "media_count" => {
            let posts = view.shared.catalog.of_account(account.id);
            posts.iter().filter(|(_, deleted)| !deleted).count().into()
        }
        "profile_picture_url" => cdn::avatar(view.shared, account.username).into(),
        "has_profile_pic" | "is_published" => true.into(),
        // The number that the oldest APIs used: here as a number, there as a text.
        "ig_id" => Got::or_absent(account.id[7..].parse::<u64>().ok()),
        "legacy_instagram_user_id" => account.id[7..].into(),
        "media" => edge("media", posts(view, account)?),
        "insights" => insights::of(view, account.id)?,
        "content_publishing_limit" => insights::publishing_limit(view)?,
        "recently_searched_hashtags" => hashtag::recently_searched(view, account)?,
        "stories" | "tags" | "live_media" => edge("stories", Vec::new()),
        _ => return Ok(None),
    }))
}

fn edge(name: &'static str, items: Vec<Item>) -> Got {
    Got::Edge(Edge { name, default_fields: "id", paging: Paging::Links, items })
}

pub(super) fn posts(view: &View<'_>, account: &Account) -> Result<Vec<Item>, Error> {
    // Reached through its Page, an account names itself even to an app without a role.
    if account.without_role {
        return Err(Error::no_role());
    }
    let posts = view.shared.catalog.of_account(account.id).into_iter();
    Ok(posts.map(|(media, hidden)| Item { at_s: media.posted_s, node: Node::Media(media), hidden }).collect())
}

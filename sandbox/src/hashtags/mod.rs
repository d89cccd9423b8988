//! Hashtags: what is one, who may still ask for another, and what carries it.

mod ledger;
mod readings;
mod strangers;
mod tag;

use std::sync::Arc;

pub(crate) use ledger::{ALLOWED, Ledger};
pub(crate) use readings::{Readings, Turn};
pub(crate) use tag::{BANNED, QUIET_PREFIX, Tag, in_text, is_banned};

use crate::media::{Media, Seed};
use crate::patch::Standing;
use crate::people;
use crate::state::Shared;
use ledger::Verdict;

/// How far `recent_media` looks back.
const DAY_S: i64 = 86_400;

/// Which of a tag's two lists is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    /// `recent_media`: the last day, in no order.
    Recent,
    /// `top_media`: the most popular of all times.
    Top,
}

impl List {
    /// Reads an edge's name.
    pub(crate) fn of_edge(name: &str) -> Option<Self> {
        match name {
            "recent_media" => Some(Self::Recent),
            "top_media" => Some(Self::Top),
            _ => None,
        }
    }

    /// Returns the edge's name.
    pub(crate) fn edge(self) -> &'static str {
        match self {
            Self::Recent => "recent_media",
            Self::Top => "top_media",
        }
    }
}

/// Finds a tag by its id: one that was searched for here, or that a post carries.
pub(crate) fn find(shared: &Shared, id: &str) -> Option<Tag> {
    let name = shared.saved.read(|saved| saved.hashtags.name(id).map(str::to_owned));
    name.map(Tag::of).or_else(|| shared.catalog.tag(id)).filter(|tag| !is_banned(&tag.name))
}

/// Counts an account's query against its allowance; false if there is no room, and then nothing counts.
pub(crate) fn count(shared: &Shared, account_id: &str, tag: &Tag) -> anyhow::Result<bool> {
    let now_ms = shared.clock.now_ms();
    match shared.saved.read(|saved| saved.hashtags.verdict(account_id, tag, now_ms)) {
        Verdict::Counted => Ok(true),
        Verdict::Full => Ok(false),
        // Decided again inside: another query may take the last place meanwhile.
        Verdict::Room => shared.saved.update(|saved| saved.hashtags.count(account_id, tag, now_ms)),
    }
}

/// Returns what a tag's list holds now.
pub(crate) fn media(shared: &Shared, tag: &Tag, list: List) -> Vec<Arc<Media>> {
    let now_s = shared.clock.now_s();
    let epoch_s = shared.saved.read(|saved| saved.epoch_s);
    let mut all: Vec<Arc<Media>> = strangers::recent(&tag.name, now_s).into_iter().map(Arc::new).collect();
    let posted = shared.catalog.tagged(&tag.id);
    all.extend(posted.into_iter().filter(|media| media.posted_s <= now_s && is_public(shared, media)));
    match list {
        List::Recent => {
            all.retain(|media| media.posted_s > now_s - DAY_S);
            all.sort_by_cached_key(|media| Seed::of(&format!("place of {}", media.id)).digits(9));
        }
        List::Top => {
            all.extend(strangers::top(&tag.name, epoch_s).into_iter().map(Arc::new));
            all.sort_by_cached_key(|media| (std::cmp::Reverse(popularity(media)), media.id.clone()));
        }
    }
    all
}

/// Tells whether a post can still be seen.
pub(crate) fn is_there(shared: &Shared, media: &Media) -> bool {
    media.account_id == strangers::NOBODY || shared.catalog.find(&media.id).is_some() && is_public(shared, media)
}

/// Tells whether the account behind a post is still there.
fn is_public(shared: &Shared, media: &Media) -> bool {
    people::account(&media.account_id).is_none_or(|(person, _, _)| shared.patch(person).state() != Standing::Deleted)
}

/// Meta's measure is a secret mix of views and interaction. Likes that are hidden count there too.
fn popularity(media: &Media) -> u64 {
    let comments = u64::from(media.comments);
    media.likes.map_or(30 * comments, u64::from) + 3 * comments
}

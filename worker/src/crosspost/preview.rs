//! What a cross-post would post next, as what, and why the other media are not posted: nothing is done here.

use chrono::{DateTime, Utc};
use entities::crosspost_delivery;
use sea_orm::{ConnectionTrait, DbErr};

use super::files::{Files, Skip};
use super::post;
use super::seen::Item;
use super::standing::{Standing, Wait};
use super::text::{has_link, weigh};
use crate::x;

/// So many are shown.
const MOST: u64 = 50;
/// The calls that a post takes, as X counts them.
const LIMITED: [&str; 3] = ["post", "upload_picture", "begin_upload"];
/// What X takes for a post, in thousandths of a dollar.
const COST: u32 = 15;
/// What it takes for one with a link.
const COST_WITH_LINK: u32 = 200;

/// What is about to happen.
#[derive(Clone, Debug)]
pub struct Preview {
    /// What it waits for.
    pub waits_for: Option<Wait>,
    /// What is posted next, in order.
    pub next: Vec<Next>,
    /// What is not.
    pub others: Vec<Other>,
}

/// A post to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// Meta's id of the media.
    pub media_id: String,
    /// When it was published.
    pub media_at: DateTime<Utc>,
    /// What the post says.
    pub text: String,
    /// What that weighs, of 280.
    pub weight: usize,
    /// How many pictures it has.
    pub pictures: usize,
    /// Whether it has a video.
    pub video: bool,
    /// Whether X finds a link in it.
    pub has_link: bool,
    /// What X takes for it, in thousandths of a dollar.
    pub cost_musd: u32,
    /// The word of its state in the ledger.
    pub state: &'static str,
}

/// A media that is not posted, or has been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// Meta's id of it.
    pub media_id: String,
    /// When it was published, if Meta says so.
    pub media_at: Option<DateTime<Utc>>,
    /// `posted`, `skipped`, `failed`, `unknown`, or `history`.
    pub state: &'static str,
    /// Why, in one word.
    pub reason: Option<String>,
    /// X's id of its post.
    pub x_post_id: Option<String>,
}

/// Looks ahead.
pub async fn preview(db: &impl ConnectionTrait, standing: &Standing, now: DateTime<Utc>) -> Result<Preview, DbErr> {
    let id = &standing.crosspost.id;
    let (mut next, mut others) = (Vec::new(), Vec::new());
    for row in crosspost_delivery::Entity::open_of(db, id, MOST).await? {
        let seen = standing.seen.as_ref();
        let is_gone = seen.is_some_and(|seen| seen.is_gone(&row.media_id, row.media_at)) && !row.state.is_in_doubt();
        let shown = seen.and_then(|seen| seen.item(&row.media_id)).cloned();
        match shown.or_else(|| serde_json::from_str(row.item.as_deref()?).ok()).filter(|_| !is_gone) {
            Some(item) => add(standing, (&item, row.media_at), row.state.as_str(), (&mut next, &mut others)),
            None => others.push(Other::skipped(&row.media_id, Some(row.media_at), Skip::Deleted)),
        }
    }
    if let Some(seen) = &standing.seen {
        let ids = seen.new_to(&standing.crosspost).map(|(item, _)| item.id.as_str());
        let known = crosspost_delivery::Entity::known(db, id, ids).await?;
        let mut new: Vec<_> = seen.new_to(&standing.crosspost).filter(|(item, _)| !known.contains(&item.id)).collect();
        new.sort_by_key(|(_, at)| *at);
        for (item, at) in new {
            add(standing, (item, at), "planned", (&mut next, &mut others));
        }
    }
    for row in crosspost_delivery::Entity::ended_of(db, id, MOST).await? {
        others.push(Other {
            media_id: row.media_id,
            media_at: Some(row.media_at),
            state: row.state.as_str(),
            reason: row.reason,
            x_post_id: row.x_post_id,
        });
    }
    let history = standing.seen.iter().flat_map(|seen| seen.old_to(&standing.crosspost));
    others.extend(history.map(|item| Other {
        media_id: item.id.clone(),
        media_at: item.timestamp,
        state: "history",
        reason: None,
        x_post_id: None,
    }));
    Ok(Preview { waits_for: waits(db, standing, now).await?, next, others })
}

/// What keeps it from posting: where nothing of its own does, a limit of X's may.
async fn waits(db: &impl ConnectionTrait, standing: &Standing, now: DateTime<Utc>) -> Result<Option<Wait>, DbErr> {
    let (None, Some(account)) = (standing.waits(now), &standing.account) else { return Ok(standing.waits(now)) };
    Ok(x::closed_until(db, &account.x_user_id, &LIMITED, now).await?.map(Wait::XLimit))
}

fn add(
    standing: &Standing,
    (item, media_at): (&Item, DateTime<Utc>),
    state: &'static str,
    (next, others): (&mut Vec<Next>, &mut Vec<Other>),
) {
    let (pictures, video) = match item.files() {
        Ok(Files::Pictures(pictures)) => (pictures.len(), false),
        Ok(Files::Video(_)) => (0, true),
        Err(skip) => return others.push(Other::skipped(&item.id, Some(media_at), skip)),
    };
    let text = post::text(standing, item);
    let has_link = has_link(&text);
    next.push(Next {
        media_id: item.id.clone(),
        media_at,
        weight: weigh(&text),
        pictures,
        video,
        has_link,
        cost_musd: if has_link { COST_WITH_LINK } else { COST },
        state,
        text,
    });
}

impl Other {
    fn skipped(media_id: &str, media_at: Option<DateTime<Utc>>, why: Skip) -> Self {
        let (media_id, reason) = (media_id.to_owned(), Some(why.as_str().to_owned()));
        Self { media_id, media_at, state: "skipped", reason, x_post_id: None }
    }
}

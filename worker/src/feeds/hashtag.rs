//! A hashtag's feed: what was posted with it lately, and what is popular, read with an account of an app that asked for it.
//!
//! Which account that is, and when there is none with room, the ledger says (`crate::hashtags`). What is wrong with an
//! account costs its turn, and the next one is tried; what is wrong with the hashtag ends the fetch.

use chrono::{DateTime, Utc};
use entities::{feed, hashtag, install};
use queue::JobError;
use serde_json::Value;

use super::{FRESH_FOR, ITEMS, LOOK_AGAIN, SLEEPS_AFTER, Unread, after, begin_anew, park, record, store};
use crate::failure::{ASSUMED_LIMIT, limited_for};
use crate::graph::{self, Class, Media, Scope};
use crate::hashtags::{Credential, Place, Reserved, credential, reserve};
use crate::reason::Reason;
use crate::{Context, feed_body};

/// Fetches the feed of the hashtag `tag`.
pub(crate) async fn fetch(ctx: &Context, feed: &feed::Model, tag: &str) -> Result<(), JobError> {
    let mut tried = Tried::default();
    loop {
        let mut place = match reserve(ctx, &feed.id, tag, &tried.passed_over).await? {
            Reserved::Place(place) => place,
            Reserved::Closed(credential) => {
                tried.pass_over(credential, Class::TokenDead.into());
                continue;
            }
            Reserved::Wait(until) => return park(ctx, feed, tried.sooner(until)).await,
            Reserved::Nobody => return tried.end(ctx, feed).await,
        };
        let error = match read(ctx, feed, tag, &mut place).await {
            Ok(items) => return store(ctx, feed, &feed_body::body(&Value::Null, &items)).await,
            Err(Unread::Unbelieved) => return refuse(ctx, feed, &Class::Ambiguous.into(), FRESH_FOR).await,
            Err(Unread::Database(error)) => return Err(error.into()),
            Err(Unread::Graph(error)) => error,
        };
        place.refused(ctx, &error).await?;
        tracing::warn!(feed_id = feed.id, install_id = place.install.id, %error, "hashtag not fetched with an account");
        match fault(&error) {
            Fault::Passing => return Err(error.into()),
            Fault::Everybodys => return park(ctx, feed, after(ctx.now(), limited_for(&error))).await,
            Fault::Tags => return refuse(ctx, feed, &reason(&error), LOOK_AGAIN).await,
            Fault::Accounts => tried.pass_over(credential(&place.install), reason(&error)),
            Fault::AccountsForNow => tried.pass_over_until(&place, after(ctx.now(), limited_for(&error))),
            Fault::Ledgers => {
                let known = tried.is_learnt(&place);
                if known || !place.learn(ctx).await? {
                    tried.pass_over_until(&place, after(ctx.now(), ASSUMED_LIMIT));
                }
            }
        }
    }
}

/// Whose fault a failure is.
enum Fault {
    /// Nobody's: it is tried again.
    Passing,
    /// The account's: another one may serve.
    Accounts,
    /// The account's until a limit ends.
    AccountsForNow,
    /// A limit beyond the account: calling on makes it longer.
    Everybodys,
    /// The ledger's, which knows of fewer searches than Meta.
    Ledgers,
    /// The hashtag's, or ours: every account would be told the same.
    Tags,
}

fn fault(error: &graph::Error) -> Fault {
    match error.class() {
        Class::Transient => Fault::Passing,
        Class::RateLimited => match error.limited() {
            Some(Scope::Hashtag) => Fault::Ledgers,
            Some(Scope::Account | Scope::Page) => Fault::AccountsForNow,
            _ => Fault::Everybodys,
        },
        Class::TokenDead | Class::PermissionLost => Fault::Accounts,
        Class::AppMisconfigured if error.is_account_not_allowed() => Fault::Accounts,
        // A number that we do not know might be counted with every account in turn.
        Class::Ambiguous if error.counts_nothing() => Fault::Accounts,
        Class::AppMisconfigured | Class::NotFound | Class::BadRequest | Class::Ambiguous => Fault::Tags,
    }
}

fn reason(error: &graph::Error) -> Reason {
    match error.class() {
        Class::NotFound => Reason::HASHTAG_NOT_FOUND,
        class => class.into(),
    }
}

/// The accounts that did not serve in this attempt, and what that comes to.
#[derive(Default)]
struct Tried {
    passed_over: Vec<Credential>,
    /// Of whom Meta has told which hashtags it counted.
    learnt: Vec<Credential>,
    /// What the first of them was refused for.
    reason: Option<Reason>,
    /// When the first of them may be asked again.
    soonest: Option<DateTime<Utc>>,
}

impl Tried {
    fn pass_over(&mut self, credential: Credential, reason: Reason) {
        self.passed_over.push(credential);
        self.reason.get_or_insert(reason);
    }

    fn pass_over_until(&mut self, place: &Place, until: DateTime<Utc>) {
        self.passed_over.push(credential(&place.install));
        self.soonest = Some(self.sooner(until));
    }

    /// Whether Meta was asked about this account before, in this attempt; it is now.
    fn is_learnt(&mut self, place: &Place) -> bool {
        let credential = credential(&place.install);
        let known = self.learnt.contains(&credential);
        self.learnt.push(credential);
        known
    }

    fn sooner(&self, until: DateTime<Utc>) -> DateTime<Utc> {
        self.soonest.map_or(until, |soonest| soonest.min(until))
    }

    /// Nobody is left: the feed waits for the first limit to end, or is refused.
    async fn end(self, ctx: &Context, feed: &feed::Model) -> Result<(), JobError> {
        if let Some(until) = self.soonest {
            return park(ctx, feed, until).await;
        }
        let tx = ctx.db.begin().await?;
        // The feed's row and no other: a reconnect locks its install first, and then the feeds that it wakes.
        feed::Entity::lock(&tx, &feed.id).await?;
        let now_wanting = install::Entity::wanting(&tx, &feed.id, ctx.now() - SLEEPS_AFTER).await?;
        if now_wanting.iter().any(|install| !self.passed_over.contains(&credential(install))) {
            tx.rollback().await?;
            return Err(begin_anew());
        }
        record(&tx, feed, &self.reason.unwrap_or(Reason::NOT_CONNECTED), ctx.end(), LOOK_AGAIN).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Reads the items. The hashtag's id is asked for once in its life.
async fn read(ctx: &Context, feed: &feed::Model, tag: &str, place: &mut Place) -> Result<Vec<Media>, Unread> {
    let id = if let Some(known) = hashtag::Entity::id_of(&ctx.db.read, tag).await? {
        known
    } else {
        let found = ctx.graph.hashtag_id(&place.token, place.account_id(), tag).await?;
        hashtag::Entity::keep(&ctx.db.write, tag, &found, ctx.now()).await?;
        place.answered(ctx).await?;
        found
    };
    let recent = ctx.graph.recent_media(&place.token, place.account_id(), &id, ITEMS).await?;
    place.answered(ctx).await?;
    let is_enough = recent.len() >= ITEMS as usize;
    let top =
        if is_enough { Vec::new() } else { ctx.graph.top_media(&place.token, place.account_id(), &id, ITEMS).await? };
    let items = merge(recent, top);
    if items.is_empty() && holds_items(feed) { Err(Unread::Unbelieved) } else { Ok(items) }
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

fn holds_items(feed: &feed::Model) -> bool {
    let body = feed.body.as_deref().and_then(|body| serde_json::from_str::<Value>(body).ok());
    body.is_some_and(|body| body["data"].as_array().is_some_and(|items| !items.is_empty()))
}

async fn refuse(ctx: &Context, feed: &feed::Model, reason: &Reason, again: chrono::TimeDelta) -> Result<(), JobError> {
    let tx = ctx.db.begin().await?;
    record(&tx, feed, reason, ctx.end(), again).await?;
    tx.commit().await?;
    Ok(())
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

//! A hashtag's feed: what was posted with it lately, and what is popular, read with an account of an app that asked for it.
//!
//! Which account that is, and when there is none with room, the ledger says (`crate::hashtags`). What is wrong with an
//! account costs its turn, and the next one is tried; what is wrong with the hashtag ends the fetch.

mod fault;
mod items;

use chrono::TimeDelta;
use entities::feed::{self, WaitsFor};
use entities::incident::Kind;
use queue::JobError;
use serde_json::Value;

use self::fault::Fault;
use super::limit::leaves_at;
use super::{Ending, FRESH_FOR, LOOK_AGAIN, Unread, after, begin_anew, end, store};
use crate::failure::{ASSUMED_LIMIT, limited_for};
use crate::graph::{self, Class};
use crate::hashtags::{Look, Place, Reserved, learn, limited, limited_person, look, refused, reserve, wake, wake_next};
use crate::incidents;
use crate::reason::Reason;
use crate::{Context, diagnosis, feed_body};

/// So many accounts are tried in one attempt.
const MOST_ACCOUNTS: usize = 4;
/// How long after Meta did not show a hashtag it is looked at again: what is banned stays so for long.
const SHOWN_AGAIN: TimeDelta = TimeDelta::hours(24);
/// Meta's code for a permission that the person may not have given, or our app not have been granted.
const NO_PERMISSION: i64 = 10;

/// Fetches the feed of the hashtag `tag`.
pub(crate) async fn fetch(ctx: &Context, feed: &feed::Model, tag: &str) -> Result<(), JobError> {
    if let Some(pause) = incidents::pause(ctx, Kind::Hashtags, None).await? {
        return give_up(ctx, feed, Ending::Paused(pause)).await;
    }
    let mut tried = Tried::default();
    for _ in 0..MOST_ACCOUNTS {
        let mut place = match reserve(ctx, &feed.id, tag, &tried.failing).await? {
            Reserved::Place(place) => place,
            Reserved::Closed(account) => {
                refused(ctx, &feed.id, &account, Class::TokenDead.into()).await?;
                continue;
            }
            Reserved::Nothing => return nobody_serves(ctx, feed, tag, tried).await,
        };
        let error = match items::read(ctx, feed, tag, &mut place).await {
            Ok(items) => {
                store(ctx, feed, &feed_body::body(&Value::Null, &items), Some(&place.install)).await?;
                return Ok(incidents::succeeded(ctx, &place.install.id, Kind::Hashtags).await?);
            }
            Err(Unread::Unbelieved) => {
                return give_up(ctx, feed, Ending::Refused(Class::Ambiguous.into(), FRESH_FOR)).await;
            }
            Err(Unread::Database(error)) => return Err(error.into()),
            Err(Unread::Graph(error)) => error,
        };
        let is_returned = place.refused(ctx, &error).await?;
        tracing::warn!(feed_id = feed.id, install_id = place.install.id, %error, "hashtag not fetched with an account");
        if !matches!(Fault::of(&error), Fault::Tags | Fault::Ledgers) {
            // A dead token reads nothing at all.
            let kind = if error.class() == Class::TokenDead { Kind::Feeds } else { Kind::Hashtags };
            incidents::met(ctx, &place.install, kind, &error).await?;
            if kind == Kind::Feeds {
                diagnosis::doubt(ctx, &place.install, &error).await?;
            }
        }
        if let Some(ending) = tried.pass_over(ctx, feed, &place, error).await? {
            // What is wrong with the hashtag alone leaves the place to the next one.
            let is_next =
                is_returned && matches!(&ending, Ending::Refused(reason, _) if *reason == Reason::HASHTAG_NOT_FOUND);
            give_up(ctx, feed, ending).await?;
            return if is_next { wake_next(ctx, &place.account()).await } else { Ok(()) };
        }
    }
    // What is known of those that were tried is written down: the next attempt goes on behind them.
    Err(tried.passing.map_or_else(|| begin_anew("more accounts may serve than one attempt tries"), JobError::from))
}

/// The accounts that did not serve in this attempt, as far as no row says so.
#[derive(Default)]
struct Tried {
    /// The installs that met a passing error.
    failing: Vec<String>,
    /// The first of those errors.
    passing: Option<graph::Error>,
    /// The installs of whom Meta has told which hashtags it counted.
    learnt: Vec<String>,
    /// With what subcodes accounts were told that a permission is missing.
    forbidden: Vec<Option<i64>>,
}

impl Tried {
    /// Decides what a failure with an account means: the end of the fetch, or that the next account has its turn.
    async fn pass_over(
        &mut self,
        ctx: &Context,
        feed: &feed::Model,
        place: &Place,
        error: graph::Error,
    ) -> Result<Option<Ending>, JobError> {
        let (account, install_id) = (place.account(), &place.install.id);
        let until = after(ctx.now(), limited_for(&error));
        match Fault::of(&error) {
            // One other account: where Meta itself is away, each try takes a place.
            Fault::Passing if self.passing.is_some() => return Err(error.into()),
            Fault::Passing => {
                self.failing.push(install_id.clone());
                self.passing = Some(error);
            }
            Fault::Accounts => {
                refused(ctx, &feed.id, &account, error.class().into()).await?;
                if self.is_told_twice(&error) {
                    return Ok(Some(Ending::Refused(Class::AppMisconfigured.into(), LOOK_AGAIN)));
                }
            }
            Fault::AccountsForNow => limited(ctx, &feed.id, &account, until).await?,
            Fault::PersonsForNow => limited_person(ctx, &feed.id, &place.install, until).await?,
            Fault::Everybodys => {
                let until = leaves_at(ctx, feed, &error).await?;
                return Ok(Some(Ending::Limited(until, WaitsFor::Limit)));
            }
            Fault::Ledgers => {
                let is_known = self.learnt.contains(install_id);
                self.learnt.push(install_id.clone());
                if is_known || !learn(ctx, place).await? {
                    limited(ctx, &feed.id, &account, after(ctx.now(), ASSUMED_LIMIT)).await?;
                }
            }
            Fault::Tags => return Ok(Some(Ending::Refused(Reason::HASHTAG_NOT_FOUND, SHOWN_AGAIN))),
            Fault::Ours => return Ok(Some(Ending::Refused(error.class().into(), LOOK_AGAIN))),
        }
        Ok(None)
    }

    /// Whether a second account is told the very same about a permission: then it is our app that lacks it.
    fn is_told_twice(&mut self, error: &graph::Error) -> bool {
        let details = error.details();
        if details.code != Some(NO_PERMISSION) {
            return false;
        }
        let is_told = self.forbidden.contains(&details.subcode);
        self.forbidden.push(details.subcode);
        is_told
    }
}

/// Ends a fetch for which no account is left: the feed waits for the first that has room or whose limit ends, or is
/// refused. Where an account came meanwhile, nothing is kept, and the fetch begins anew.
async fn nobody_serves(ctx: &Context, feed: &feed::Model, tag: &str, tried: Tried) -> Result<(), JobError> {
    if let Some(error) = tried.passing {
        return Err(error.into());
    }
    let tx = ctx.db.begin().await?;
    // The feed's row and no other: a reconnect locks its install first, and then the feeds that it wakes.
    feed::Entity::lock(&tx, &feed.id).await?;
    let (ending, heirs) = match look(&tx, &feed.id, tag, &[], ctx.now()).await? {
        Look::Wait { until, heirs } => (Ending::Limited(until, WaitsFor::Account), heirs),
        Look::Nobody(reason) => (Ending::Refused(reason, LOOK_AGAIN), Vec::new()),
        Look::Ask(_) => {
            tx.rollback().await?;
            return Err(begin_anew("an account came that may serve"));
        }
    };
    end(ctx, &tx, feed, &ending).await?;
    tx.commit().await?;
    wake(ctx, heirs).await?;
    // A place that was returned just before the row said that it waits woke nobody.
    if let Look::Ask(_) = look(&ctx.db.read, &feed.id, tag, &[], ctx.now()).await? {
        feed::Entity::wake_hashtag(&ctx.db.write, &feed.id, ctx.now()).await?;
        return Err(begin_anew("a place was returned meanwhile"));
    }
    Ok(())
}

async fn give_up(ctx: &Context, feed: &feed::Model, ending: Ending) -> Result<(), JobError> {
    let tx = ctx.db.begin().await?;
    end(ctx, &tx, feed, &ending).await?;
    tx.commit().await?;
    Ok(())
}

//! What an account's allowance affords: all feeds that are read with it share it.

use chrono::TimeDelta;
use entities::feed::{self, Source};
use entities::{FeedKey, hashtag_search, install};
use sea_orm::DbErr;

use super::SLEEPS_AFTER;
use super::pace::{Load, Wish};
use crate::Context;
use crate::hashtags::over_since;
use crate::throttles::Key;

/// What fetching an account's feed takes, in calls.
const ACCOUNT: f64 = 1.0;
/// What fetching a hashtag takes: its two lists.
const HASHTAG: f64 = 2.0;

/// Meta tells whole per cents: from so many on it shows what a call costs.
const SHOWS: f64 = 5.0;

/// Returns the interval after which a feed is fetched again that wants this one, as the account affords it that has served
/// it. Where Meta has not shown how much that is, it affords everything.
pub(super) async fn afforded(
    ctx: &Context,
    served_by: &install::Model,
    interval: TimeDelta,
) -> Result<TimeDelta, DbErr> {
    let (now, account_id) = (ctx.now(), &served_by.instagram_business_account_id);
    let budget = ctx.throttles.budget(&Key::Account(account_id.clone()), now);
    let Some(budget) = budget.filter(|budget| budget.used >= SHOWS) else { return Ok(interval) };
    let searches = hashtag_search::Entity::of_accounts(&ctx.db.read, &[account_id]).await?;
    let tags = searches.into_iter().filter(|search| search.searched_at > over_since(now));
    let keys = tags.filter_map(|search| FeedKey::hashtag(&search.tag).ok());
    let own = FeedKey::account(&served_by.instagram_account).ok();
    let feeds = feed::Entity::paced(&ctx.db.read, Source::Graph, keys.chain(own), now - SLEEPS_AFTER).await?;
    let day = feeds.iter().map(|feed| {
        let calls = if feed.key.tag().is_some() { HASHTAG } else { ACCOUNT };
        Wish::from((feed.changed_at, feed.last_requested_at, feed.demand_s)).day(calls * budget.cost, now)
    });
    let app_used = ctx.throttles.budget(&Key::App, now).map_or(0.0, |app| app.used);
    Ok(Load { day: day.sum(), used: budget.used, app_used }.fit(interval))
}

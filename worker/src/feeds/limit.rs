//! A feed and Meta's limits: for whom it is fetched, and when it leaves the parking.

use chrono::{DateTime, TimeDelta, Utc};
use entities::feed;
use sea_orm::DbErr;

use super::after;
use crate::Context;
use crate::failure::limited_for;
use crate::graph::{self, Scope};
use crate::throttles::{MANY, Priority, spread};

/// A feed that nobody asked for in this time can wait for those that somebody did. (That somebody asked is noted once an
/// hour.)
const LOOKED_AT: TimeDelta = TimeDelta::hours(24);

/// Returns for whom a feed is fetched.
pub(super) fn priority(feed: &feed::Model, now: DateTime<Utc>) -> Priority {
    if feed.unfinished_run().is_some() {
        Priority::Waiting
    } else if feed.body.is_none() {
        Priority::NewInstall
    } else if now < feed.last_requested_at + LOOKED_AT {
        Priority::Refresh
    } else {
        Priority::Backfill
    }
}

/// Returns when a feed leaves the parking that met a limit. What waits for a limit of everybody's leaves one by one; an
/// account's feeds are few.
pub(super) async fn leaves_at(ctx: &Context, feed: &feed::Model, error: &graph::Error) -> Result<DateTime<Utc>, DbErr> {
    let until = after(ctx.now(), limited_for(error));
    match error.limited() {
        Some(Scope::App) => Ok(until + spread(&feed.id, feed::Entity::awake(&ctx.db.read, MANY).await?)),
        _ => Ok(until),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use entities::feed::{Model, Source};
    use entities::{FeedKey, new_id};

    use super::{Priority, priority};

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    /// A feed without a body that nobody polls, asked for so many hours ago.
    fn feed(hours: i64) -> Model {
        Model {
            id: new_id(),
            source: Source::Graph,
            key: FeedKey::parse("@powr_io").expect("a key"),
            body: None,
            account_id: None,
            first_run_id: None,
            fetched_at: None,
            next_fetch_at: Some(NOW),
            last_requested_at: NOW - TimeDelta::hours(hours),
            failure: None,
            waits_for: None,
            waits_since: None,
            failures: 0,
            changed_at: None,
            media_ends_at: None,
            demand_s: None,
            created_at: NOW,
            updated_at: NOW,
        }
    }

    #[test]
    fn who_waits_comes_before_who_has_something_to_look_at() {
        let shown = |hours| Model { body: Some("{}".into()), ..feed(hours) };
        let polled = Model { first_run_id: Some("run".into()), ..feed(0) };
        let over = Model { first_run_id: Some("run".into()), ..shown(0) };
        for (feed, expected) in [
            (polled, Priority::Waiting),
            (feed(0), Priority::NewInstall),
            (over, Priority::Refresh),
            (shown(23), Priority::Refresh),
            (shown(24), Priority::Backfill),
        ] {
            assert_eq!(priority(&feed, NOW), expected, "{feed:?}");
        }
    }
}

//! How often a feed is fetched: as often as it changes and is looked at, and as the account's allowance affords. Pure.

use chrono::{DateTime, TimeDelta, Utc};
use entities::feed;

/// No feed is fetched more often, whatever it does.
pub(crate) const SHORTEST: TimeDelta = TimeDelta::minutes(10);
/// No less often than this is one fetched that somebody looks at and that never changes.
const SEEN: TimeDelta = TimeDelta::hours(1);
/// Nobody looks at a feed that was not asked for in this time. (That it was is noted once an hour.)
const UNSEEN_AFTER: TimeDelta = TimeDelta::hours(2);
/// No less often than this is one fetched that nobody looks at.
const UNSEEN: TimeDelta = TimeDelta::hours(6);
/// No less often than this is one fetched that the allowance hardly affords.
const LONGEST: TimeDelta = TimeDelta::hours(24);
/// So many times is a feed looked at in the time in which it has not changed.
const LOOKS: i32 = 12;
/// So long before the first of its addresses ends a feed is fetched anew.
const MARGIN: TimeDelta = TimeDelta::hours(1);
/// How much of an allowance the account's feeds may take, in per cent. At 80 refreshing stops.
const TARGET: f64 = 70.0;
const STOPS: f64 = 80.0;
/// Near that mark no feed is fetched less often than by this factor: the throttle does the rest.
const MOST_STRETCH: f64 = 10.0;
/// An account whose feeds take less than this has calls to spare, for up to so many times as many fetches...
const EASY: f64 = 35.0;
const MOST_SQUEEZE: f64 = 4.0;
/// ...as long as no more than this is used of our app's own allowance.
const APP_EASY: f64 = 40.0;
/// An allowance is counted over a day.
const WINDOW: TimeDelta = TimeDelta::hours(24);

/// What a feed's pace follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    /// When its items last changed.
    pub changed_at: Option<DateTime<Utc>>,
    /// When it was last asked for.
    pub asked_at: DateTime<Utc>,
    /// The shortest demand on it.
    pub demand: Option<TimeDelta>,
}

/// What an account's allowance affords, in per cent of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Load {
    /// What a day costs if all feeds of the account are fetched as often as they would be.
    pub day: f64,
    /// What is used now.
    pub used: f64,
    /// What is used now of our app's allowance; nobody may know.
    pub app_used: f64,
}

impl Wish {
    /// Reads what a feed's row says.
    pub(crate) fn of(feed: &feed::Model) -> Self {
        Self::from((feed.changed_at, feed.last_requested_at, feed.demand_s))
    }

    /// Returns how long a feed would serve that is fetched at `now`, if calls cost nothing.
    pub(crate) fn interval(&self, now: DateTime<Utc>) -> TimeDelta {
        let unchanged = self.changed_at.map_or(TimeDelta::zero(), |changed| now - changed);
        let by_change = (unchanged / LOOKS).clamp(SHORTEST, SEEN);
        let unseen = now - self.asked_at;
        let by_view = if unseen > UNSEEN_AFTER { (unseen / 4).min(UNSEEN) } else { TimeDelta::zero() };
        let by_demand = self.demand.map_or(LONGEST, |demand| demand.max(SHORTEST));
        by_change.max(by_view).min(by_demand)
    }

    /// Returns what fetching it for a day costs, where one fetch costs `fetch`.
    pub(crate) fn day(&self, fetch: f64, now: DateTime<Utc>) -> f64 {
        fetch * ratio(WINDOW, self.interval(now))
    }
}

impl From<(Option<DateTime<Utc>>, DateTime<Utc>, Option<i32>)> for Wish {
    fn from((changed_at, asked_at, demand_s): (Option<DateTime<Utc>>, DateTime<Utc>, Option<i32>)) -> Self {
        Self { changed_at, asked_at, demand: demand_s.map(|seconds| TimeDelta::seconds(seconds.into())) }
    }
}

impl Load {
    /// Stretches an interval until the allowance affords it: all feeds of an account by the same factor, so that together
    /// they take what there is. Near the mark at which refreshing stops, what is left is made to last. What there is to spare
    /// shortens it.
    pub(crate) fn fit(&self, interval: TimeDelta) -> TimeDelta {
        if self.day < EASY && self.used < EASY && self.app_used < APP_EASY {
            return scaled(interval, (self.day / EASY).max(1.0 / MOST_SQUEEZE)).max(SHORTEST);
        }
        let shared = (self.day / TARGET).max(1.0);
        let near = if self.used > TARGET {
            ((STOPS - TARGET) / (STOPS - self.used).max(f64::MIN_POSITIVE)).min(MOST_STRETCH)
        } else {
            1.0
        };
        scaled(interval, shared * near).min(LONGEST.max(interval))
    }
}

/// Returns when a feed is due again that was fetched at `now`: after `interval`, and before the first of its addresses ends.
pub(crate) fn due(now: DateTime<Utc>, interval: TimeDelta, media_ends_at: Option<DateTime<Utc>>) -> DateTime<Utc> {
    let before_end = media_ends_at.map(|end| (now + SHORTEST).max(end - MARGIN.min((end - now) / 2)));
    before_end.map_or(now + interval, |end| end.min(now + interval))
}

/// Returns when a feed is due that is to be fetched later only because nobody had looked at it, now that somebody does;
/// `None`: that is not the reason.
pub fn sooner(feed: &feed::Model, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let (fetched_at, due) = (feed.fetched_at?, feed.next_fetch_at.filter(|_| feed.failure.is_none())?);
    Some(seen(&Wish::of(feed), fetched_at, due, now)).filter(|sooner| *sooner < due)
}

/// As much sooner as a feed that is looked at is fetched more often. What the allowance affords stays as it was found.
fn seen(wish: &Wish, fetched_at: DateTime<Utc>, due: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let unseen = wish.interval(fetched_at);
    let seen = Wish { asked_at: now.max(fetched_at), ..*wish }.interval(fetched_at);
    fetched_at + scaled(due - fetched_at, ratio(seen, unseen))
}

#[expect(clippy::cast_precision_loss, reason = "seconds of days are exact")]
fn ratio(one: TimeDelta, other: TimeDelta) -> f64 {
    one.num_seconds() as f64 / other.num_seconds().max(1) as f64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "what is cut off is less than a second; too much is the most there is"
)]
#[expect(clippy::cast_precision_loss, reason = "seconds of days are exact")]
fn scaled(interval: TimeDelta, factor: f64) -> TimeDelta {
    TimeDelta::try_seconds((interval.num_seconds() as f64 * factor) as i64).unwrap_or(LONGEST)
}

#[cfg(test)]
#[path = "pace_tests.rs"]
mod tests;

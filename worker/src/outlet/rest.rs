//! When the outlet is left alone: as long as it wants to be, and for a while where it fails whoever is asked for. Until
//! when, a row of `throttles` says, which all processes read.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use chrono::{DateTime, TimeDelta, Utc};
use entities::throttle;
use sea_orm::{ConnectionTrait, DbErr};

use super::Outlet;

/// The row's key.
const KEY: &str = "outlet";
/// What its reason says where the outlet asked for it; else it is away.
const LIMIT: &str = "limit";
const AWAY: &str = "away";
/// So many feeds fail, with none answered in between, before it is the outlet that fails and not they.
const CROWD: usize = 3;
/// How long it is left alone then, each time it goes on; the last one stays.
const RESTS: [i64; 5] = [1, 2, 4, 8, 10];

/// Nobody asks before a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rest {
    /// Until when.
    pub(crate) until: DateTime<Utc>,
    /// Whether the outlet wants it so; else it fails.
    pub(crate) is_limit: bool,
}

/// What failed since the last answer, as far as this process has seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Trouble {
    failing: BTreeSet<String>,
    rests: usize,
    until: Option<DateTime<Utc>>,
}

impl Rest {
    /// Reads whether the outlet is left alone.
    pub(crate) async fn now(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Option<Self>, DbErr> {
        let row = throttle::Entity::of_keys(db, &[KEY.to_owned()]).await?.into_iter().next();
        let closed = row.and_then(|row| Some((row.closed_until?, row.reason)));
        let rest = closed.map(|(until, reason)| Self { until, is_limit: reason.as_deref() == Some(LIMIT) });
        Ok(rest.filter(|rest| now < rest.until))
    }

    /// Has everybody leave it alone; a longer rest that is known already stays.
    pub(crate) async fn begin(self, db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), DbErr> {
        if Self::now(db, now).await?.is_some_and(|known| self.until <= known.until) {
            return Ok(());
        }
        let reason = if self.is_limit { LIMIT } else { AWAY };
        tracing::warn!(until = %self.until, reason, "the outlet is left alone");
        let row = throttle::Model {
            key: KEY.to_owned(),
            percent: None,
            spent: None,
            cost: None,
            measured_at: None,
            closed_until: Some(self.until),
            reason: Some(reason.to_owned()),
            updated_at: now,
        };
        throttle::Entity::keep(db, row, true).await
    }
}

impl Trouble {
    /// Takes in that a feed's call failed; returns the rest that begins with it, and whether there was one before it.
    fn failed(&mut self, feed_id: &str, now: DateTime<Utc>) -> Option<(Rest, bool)> {
        if self.until.is_some_and(|until| now < until) {
            // It was on its way when the rest began.
            return None;
        }
        self.failing.insert(feed_id.to_owned());
        if self.failing.len() < CROWD {
            return None;
        }
        let until = now + TimeDelta::minutes(RESTS[self.rests.min(RESTS.len() - 1)]);
        let goes_on = self.rests > 0;
        *self = Self { failing: BTreeSet::new(), rests: self.rests + 1, until: Some(until) };
        Some((Rest { until, is_limit: false }, goes_on))
    }
}

impl Outlet {
    /// Takes in that a feed's call failed, as [`Trouble::failed`].
    pub(crate) fn failed(&self, feed_id: &str, now: DateTime<Utc>) -> Option<(Rest, bool)> {
        self.inner.trouble.lock().unwrap_or_else(PoisonError::into_inner).failed(feed_id, now)
    }

    /// Takes in that the outlet answered, whatever it said: it is there.
    pub(crate) fn answered(&self) {
        *self.inner.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Trouble::default();
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::Trouble;

    #[test]
    fn three_feeds_that_fail_are_the_outlet_s_and_each_rest_is_longer() {
        let (mut trouble, mut now) = (Trouble::default(), DateTime::UNIX_EPOCH);
        for (minutes, goes_on) in [(1, false), (2, true), (4, true), (8, true), (10, true), (10, true)] {
            assert_eq!([trouble.failed("a", now), trouble.failed("a", now), trouble.failed("b", now)], [None; 3]);
            let (rest, went_on) = trouble.failed("c", now).expect("a rest");
            assert_eq!((rest.until - now, went_on), (TimeDelta::minutes(minutes), goes_on));
            assert_eq!(["d", "e", "f"].map(|late| trouble.failed(late, now)), [None; 3], "they were on their way");
            now = rest.until;
        }
    }
}

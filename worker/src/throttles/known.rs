//! What a process knows of one key: its level, the calls that are under way, and what the row says of it.

use chrono::{DateTime, Utc};
use entities::throttle::{self, Spent};

use super::level::Level;
use super::{Key, Priority};

/// A row is written again when the percentage has moved by so much.
const MOVES: f64 = 10.0;

/// What a process knows of one key.
#[derive(Debug)]
pub(super) struct Known {
    pub level: Level,
    /// The calls that nobody has heard of yet.
    pub under_way: u32,
    /// The calls that were answered, ever.
    pub answered: u64,
    /// What closed it last.
    reason: Option<String>,
    /// What the row says, as far as this process knows.
    row: Written,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Written {
    at: Option<DateTime<Utc>>,
    percent: f64,
    /// How many priorities are stopped.
    stopped: usize,
    closed_until: Option<DateTime<Utc>>,
}

impl Known {
    /// Nothing is known of a key.
    pub(super) fn new(key: &Key) -> Self {
        Self { level: Level::new(key), under_way: 0, answered: 0, reason: None, row: Written::default() }
    }

    /// Takes over what another process has written.
    pub(super) fn adopt(&mut self, row: &throttle::Model, now: DateTime<Utc>) {
        if self.row.at == Some(row.updated_at) {
            return;
        }
        if row.closed_until > self.level.closed_until {
            self.level.closed_until = row.closed_until;
            self.reason.clone_from(&row.reason);
        }
        if let (Some(Spent(spent)), Some(at)) = (&row.spent, row.measured_at)
            && self.level.measured_at.is_none_or(|measured| measured < at)
        {
            self.level.adopt(spent, row.cost, at);
        }
        self.row = Written { at: Some(row.updated_at), closed_until: row.closed_until, ..self.seen(now) };
    }

    /// There is no row: it could not be written, nobody had connected the account then, or it was forgotten.
    pub(super) fn has_no_row(&mut self) {
        self.row = Written::default();
    }

    /// Returns from when on a call may be made; `None`: now.
    pub(super) fn opens_at(&self, priority: Priority, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.level.opens_at(priority, self.under_way, now)
    }

    /// A call has ended, answered or not: either may be counted.
    pub(super) fn ended(&mut self, now: DateTime<Utc>) {
        self.under_way = self.under_way.saturating_sub(1);
        self.answered += 1;
        self.level.spend(now);
    }

    /// Closes the key. A later end than this one is kept: somebody was told so a moment ago.
    pub(super) fn close(&mut self, until: DateTime<Utc>, reason: String) {
        if self.level.closed_until < Some(until) {
            self.level.closed_until = Some(until);
            self.reason = Some(reason);
        }
    }

    /// Opens the key again, if its time has come.
    pub(super) fn open(&mut self, now: DateTime<Utc>) {
        if self.level.closed_until.is_some_and(|until| until <= now) {
            self.level.closed_until = None;
            self.reason = None;
        }
    }

    /// Returns the row, and whether it closes or opens, if what is known has moved so far that it is written.
    pub(super) fn news(&mut self, key: &Key, now: DateTime<Utc>) -> Option<(throttle::Model, bool)> {
        let seen = Written { at: self.row.at, ..self.seen(now) };
        let closes_or_opens = seen.closed_until != self.row.closed_until;
        let moved = seen.stopped != self.row.stopped || (seen.percent - self.row.percent).abs() >= MOVES;
        if !closes_or_opens && !moved {
            return None;
        }
        self.row = Written { at: Some(now), ..seen };
        let level = &self.level;
        let row = throttle::Model {
            key: key.to_string(),
            percent: level.measured_at.map(|_| seen.percent),
            spent: level.measured_at.map(|_| Spent(level.spent())),
            cost: level.cost_seen(),
            measured_at: level.measured_at,
            closed_until: level.closed_until,
            reason: self.reason.clone(),
            updated_at: now,
        };
        Some((row, closes_or_opens))
    }

    fn seen(&self, now: DateTime<Utc>) -> Written {
        Written {
            at: None,
            percent: self.level.used(now),
            stopped: self.level.stopped(now),
            closed_until: self.level.closed_until,
        }
    }
}

//! The gate in front of a call: it asks whether the call's keys are open, and hears what Meta said.

use std::sync::Arc;
use std::time::Duration;
use std::{fmt, mem};

use chrono::{DateTime, TimeDelta, Utc};
use entities::{Db, throttle};
use queue::clock::Clock;
use sea_orm::DbErr;

use super::{Key, Priority, Throttles};
use crate::failure::{LONGEST_LIMIT, limited_for};
use crate::graph::{self, Entry, Scope, Usage, Whose};

/// What calls have to pass, made by [`Throttles::gate`].
#[derive(Clone)]
pub struct Gate {
    pub(super) throttles: Throttles,
    pub(super) db: Db,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) keys: Vec<Key>,
    pub(super) priority: Priority,
}

/// Why a call is not made.
pub(crate) enum Closed {
    /// A key is closed until then.
    Until(Scope, DateTime<Utc>),
    /// Nobody knows: the rows cannot be read.
    Unread(DbErr),
}

/// A call that is under way. One that is dropped unheard may have been counted all the same.
pub(crate) struct Passage<'a> {
    gate: &'a Gate,
    /// How many calls of each key had been answered when it set out; empty once it has ended.
    answered: Vec<u64>,
}

impl Gate {
    /// Asks whether a call may be made now, by what the rows and this process know; one that may is under way.
    pub(crate) async fn ask(&self) -> Result<Passage<'_>, Closed> {
        let names: Vec<String> = self.keys.iter().map(Key::to_string).collect();
        let rows = throttle::Entity::of_keys(&self.db.read, &names).await.map_err(Closed::Unread)?;
        let now = self.now();
        let mut memory = self.throttles.lock();
        let mut closed: Option<(DateTime<Utc>, Scope)> = None;
        for (key, name) in self.keys.iter().zip(&names) {
            let known = memory.of(key);
            match rows.iter().find(|row| row.key == *name) {
                Some(row) => known.adopt(row, now),
                None => known.has_no_row(),
            }
            let opens = known.opens_at(self.priority, now).map(|at| (at, key.scope()));
            closed = closed.into_iter().chain(opens).max_by_key(|(at, _)| *at);
        }
        if let Some((until, scope)) = closed {
            return Err(Closed::Until(scope, until));
        }
        let set_out = |key| {
            let known = memory.of(key);
            known.under_way += 1;
            known.answered
        };
        Ok(Passage { gate: self, answered: self.keys.iter().map(set_out).collect() })
    }

    /// Returns the domain's time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Returns the key that a limit of this scope closes. Where Meta does not say whom it limits, it is the narrowest;
    /// hashtags have their own ledger.
    fn limited(&self, scope: Scope) -> Option<&Key> {
        match scope {
            Scope::Hashtag => None,
            Scope::None => self.keys.iter().max(),
            scope => self.keys.iter().find(|key| key.scope() == scope),
        }
    }
}

impl Passage<'_> {
    /// Takes in what Meta said. What it means for others is written down where it closes a key, opens one, or moved far; a
    /// row that cannot be written is written with the next answer.
    pub(crate) async fn heard(mut self, usage: &Usage, error: Option<&graph::Error>) {
        let (gate, now) = (self.gate, self.gate.now());
        let refusal = error.and_then(|error| Some((gate.limited(error.limited()?)?, error)));
        let mut rows = Vec::new();
        {
            let mut memory = gate.throttles.lock();
            for (key, answered) in gate.keys.iter().zip(mem::take(&mut self.answered)) {
                let known = memory.of(key);
                known.ended(now);
                let (percent, regain_after) = told(key, usage);
                if let Some(percent) = percent {
                    // Those answered meanwhile may not be in it.
                    let meanwhile = u32::try_from(known.answered - answered - 1).unwrap_or(u32::MAX);
                    known.level.measure(percent, meanwhile, now);
                }
                known.open(now);
                if let Some((_, error)) = refusal.filter(|(limited, _)| *limited == key) {
                    known.close(after(now, limited_for(error)), reason(error));
                } else if let Some(wait) = regain_after {
                    known.close(after(now, wait.min(LONGEST_LIMIT)), "usage".to_owned());
                }
                rows.extend(known.news(key, now));
            }
        }
        for (row, closes_or_opens) in rows {
            let key = shown(&row.key);
            let closed_until = row.closed_until.map(|until| until.to_rfc3339());
            tracing::info!(key, percent = row.percent, closed_until, reason = row.reason, "a throttle moved");
            if let Err(error) = throttle::Entity::keep(&gate.db.write, row, closes_or_opens).await {
                tracing::warn!(key, %error, "a throttle could not be written");
            }
        }
    }
}

/// A key for the log: a log is kept, and people have a right to be forgotten there too.
fn shown(key: &str) -> String {
    let Some((kind, id)) = key.split_once(':') else { return key.to_owned() };
    format!("{kind}:…{}", id.get(id.len().saturating_sub(4)..).unwrap_or_default())
}

impl Drop for Passage<'_> {
    fn drop(&mut self) {
        if !self.answered.is_empty() {
            let mut memory = self.gate.throttles.lock();
            self.gate.keys.iter().for_each(|key| memory.of(key).ended(self.gate.clock.now()));
        }
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("keys", &self.keys).field("priority", &self.priority).finish_non_exhaustive()
    }
}

/// Meta's numbers, as a row keeps them.
fn reason(error: &graph::Error) -> String {
    let details = error.details();
    let number = |number: Option<i64>| number.map(|number| number.to_string());
    let words = [number(details.code).or(details.status.map(|status| status.to_string())), number(details.subcode)];
    words.into_iter().flatten().collect::<Vec<_>>().join("/")
}

fn after(now: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::hours(1))
}

/// Returns how much of a key's allowance is used by what Meta told, and how long it is closed.
fn told(key: &Key, usage: &Usage) -> (Option<f64>, Option<Duration>) {
    let exact = match key {
        Key::App => Whose::App,
        Key::User(_) => return (None, None),
        Key::Page(id) => Whose::Page(Some(id.clone())),
        Key::Account(id) => Whose::Account(id.clone()),
    };
    let mut entries: Vec<_> = usage.entries.iter().filter(|entry| entry.whose == exact).collect();
    if entries.is_empty() {
        // Meta counts by business, and may name that instead of the account or the Page, which are the ones in question.
        let is_alike = |entry: &&Entry| mem::discriminant(&entry.whose) == mem::discriminant(&exact);
        entries = usage.entries.iter().filter(is_alike).collect();
    }
    let percent = entries.iter().filter_map(|entry| entry.percent).reduce(f64::max);
    (percent, entries.iter().filter_map(|entry| entry.regain_after).max())
}

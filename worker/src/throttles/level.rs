//! How much of an allowance is used, and when a call may be made again: pure.
//!
//! Meta tells a percentage of a rolling window. What was spent when is kept here by parts of that window, so that it is
//! known when the window gives it back: the next call is made then, not on the chance. What Meta says corrects the sum each
//! time. A window that has passed has given back everything, so no key stays closed for ever.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Key, Priority};

/// No call is made that would bring an allowance over this.
const MOST: f64 = 95.0;
/// How soon it is asked again where the others that are under way may use up what is left.
const OTHERS_ANSWER: TimeDelta = TimeDelta::seconds(5);
/// A cost that is seen is believed at once up to so many times the one before: what jumps more is somebody else's, or an
/// allowance that shrank.
const GROWS: f64 = 2.0;
/// So much more than was counted here was spent by others, or before our time: nobody knows when, so it was spent evenly.
const NOT_OURS: f64 = 20.0;
/// After so many calls that did not move the percentage, a call is known to cost little.
const ENOUGH: u32 = 20;
/// So many parts has a window.
const PARTS: i32 = 24;

/// What is known of one key's allowance.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Level {
    /// How long what is spent counts.
    window: TimeDelta,
    /// What was spent, in per cent, by the beginning of the part of a window; the oldest first.
    spent: VecDeque<(DateTime<Utc>, f64)>,
    /// What a call costs, in per cent.
    pub cost: f64,
    /// Whether that was seen, and is not what is believed at first.
    is_seen: bool,
    /// When Meta last said how much is used.
    pub measured_at: Option<DateTime<Utc>>,
    /// Until when Meta refuses.
    pub closed_until: Option<DateTime<Utc>>,
    /// The measure that costs are learnt from, and the calls answered since.
    mark: Option<Mark>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Mark {
    percent: f64,
    calls: u32,
    /// Whether the window may have given something back since: then what has moved is not what the calls cost.
    is_blurred: bool,
}

impl Level {
    /// Nothing is known of a key.
    pub(super) fn new(key: &Key) -> Self {
        // What a call is believed to cost before it was seen: small apps and quiet accounts are met with care.
        let (window, cost) = match key {
            Key::App => (TimeDelta::hours(1), 0.1),
            Key::User(_) => (TimeDelta::hours(1), 0.5),
            Key::Page(_) | Key::Account(_) => (TimeDelta::hours(24), 1.0),
        };
        Self { window, spent: VecDeque::new(), cost, is_seen: false, measured_at: None, closed_until: None, mark: None }
    }

    /// Returns how much is used at `now`, in per cent. Of an allowance that Meta never told anything of, nobody knows: what
    /// a call costs is then no more than a belief, and closes nothing.
    pub(super) fn used(&self, now: DateTime<Utc>) -> f64 {
        if self.measured_at.is_some() { self.counted(now) } else { 0.0 }
    }

    fn counted(&self, now: DateTime<Utc>) -> f64 {
        self.spent.iter().filter(|(at, _)| now < self.leaves_at(*at)).map(|(_, points)| points).sum()
    }

    /// Returns what a call costs, once that was seen.
    pub(super) fn cost_seen(&self) -> Option<f64> {
        self.is_seen.then_some(self.cost)
    }

    /// Returns from when on a call may be made while so many others are under way; `None`: now.
    pub(super) fn opens_at(&self, priority: Priority, under_way: u32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let from = self.closed_until.map_or(now, |until| until.max(now));
        let is_open = |used: f64| used <= 0.0 || (used < stops_at(priority) && used + self.cost <= MOST);
        let (mut used, mut at) = (self.used(from), from);
        for (part, points) in self.spent.iter().filter(|(part, _)| from < self.leaves_at(*part)) {
            if is_open(used) {
                break;
            }
            used -= points;
            at = self.leaves_at(*part);
        }
        let others = f64::from(under_way) * self.cost;
        if at == now && others > 0.0 && self.measured_at.is_some() && !is_open(used + others) {
            at += OTHERS_ANSWER;
        }
        (at > now).then_some(at)
    }

    /// Returns how many priorities are stopped by what is used.
    pub(super) fn stopped(&self, now: DateTime<Utc>) -> usize {
        let used = self.used(now);
        Priority::ALL.iter().filter(|priority| used >= stops_at(**priority)).count()
    }

    /// Counts a call.
    pub(super) fn spend(&mut self, now: DateTime<Utc>) {
        self.forget(now);
        self.add(self.part_of(now), self.cost);
        if let Some(mark) = &mut self.mark {
            mark.calls = mark.calls.saturating_add(1);
        }
    }

    /// Takes in what Meta says is used, behind [`Self::spend`] for the call that brought it; so many others were answered
    /// since it set out, and may not be in it.
    pub(super) fn measure(&mut self, percent: f64, meanwhile: u32, now: DateTime<Utc>) {
        let is_blurred = self.learn(percent, now);
        let percent = percent + f64::from(meanwhile) * self.cost;
        let known = self.counted(now);
        let unseen = percent - known;
        if unseen > NOT_OURS {
            self.spread_out(unseen, now);
        } else if unseen > 0.0 && known > 0.0 {
            // Others spend as we do, and an allowance that shrinks makes all that was spent weigh more.
            self.spent.iter_mut().for_each(|(_, points)| *points *= percent / known);
            if is_blurred && unseen >= 1.0 {
                self.cost *= (percent / known).min(GROWS);
            }
        } else {
            let kept = known - self.leaving(now);
            if is_blurred && percent + 1.0 < kept {
                self.cost *= (percent / kept).max(1.0 / GROWS);
            }
            self.give_back(-unseen);
        }
        self.measured_at = Some(now);
    }

    /// Learns what a call costs from how far the percentage has moved; Meta's are whole numbers, so it may take many calls.
    /// Returns whether it cannot be learnt so, because the window may have given something back meanwhile.
    fn learn(&mut self, percent: f64, now: DateTime<Utc>) -> bool {
        let is_leaving = self.leaving(now) > 0.0;
        let fresh = Mark { percent, calls: 0, is_blurred: is_leaving };
        let Some(mark) = self.mark.filter(|mark| mark.calls > 0 && !mark.is_blurred && !is_leaving) else {
            return self.mark.replace(fresh).is_some();
        };
        let moved = percent - mark.percent;
        let seen = moved / f64::from(mark.calls);
        self.is_seen |= moved >= 1.0 || mark.calls >= ENOUGH;
        if moved >= 1.0 {
            let most = self.cost * GROWS;
            self.cost = if seen > most { most } else { f64::midpoint(self.cost, seen) };
            self.mark = Some(fresh);
        } else if moved > -1.0 {
            self.cost = self.cost.min((moved.max(0.0) + 1.0) / f64::from(mark.calls));
        } else {
            self.mark = Some(fresh);
        }
        false
    }

    /// Returns what was spent, as a row keeps it: by the second at which a part of the window began.
    pub(super) fn spent(&self) -> Vec<(i64, f64)> {
        self.spent.iter().map(|(part, points)| (part.timestamp(), *points)).collect()
    }

    /// Takes over what another process knows since later.
    pub(super) fn adopt(&mut self, spent: &[(i64, f64)], cost: Option<f64>, measured_at: DateTime<Utc>) {
        let part = |(at, points): &(i64, f64)| Some((DateTime::from_timestamp(*at, 0)?, *points));
        self.spent = spent.iter().filter_map(part).collect();
        self.cost = cost.unwrap_or(self.cost);
        self.is_seen |= cost.is_some();
        self.measured_at = Some(measured_at);
        self.mark = None;
    }

    /// Adds to what was spent in the part of a window that began at `part`.
    fn add(&mut self, part: DateTime<Utc>, points: f64) {
        match self.spent.back_mut() {
            // A clock that went back adds to the last part.
            Some((last, sum)) if part <= *last => *sum += points,
            _ => self.spent.push_back((part, points)),
        }
    }

    /// Adds to what was spent, evenly over the window.
    fn spread_out(&mut self, points: f64, now: DateTime<Utc>) {
        let own: VecDeque<_> = std::mem::take(&mut self.spent);
        let newest = self.part_of(now);
        self.spent = (0..PARTS).rev().map(|ago| (newest - self.part() * ago, points / f64::from(PARTS))).collect();
        for (part, points) in own {
            self.add(part, points);
        }
    }

    /// Takes from what was spent, the oldest first: that is what a window gives back.
    fn give_back(&mut self, mut points: f64) {
        while points > 0.0
            && let Some((_, oldest)) = self.spent.front_mut()
        {
            if *oldest > points {
                *oldest -= points;
                return;
            }
            points -= *oldest;
            self.spent.pop_front();
        }
    }

    /// Forgets what the window has given back.
    fn forget(&mut self, now: DateTime<Utc>) {
        while let Some((part, points)) = self.spent.front().copied()
            && self.leaves_at(part) <= now
        {
            self.spent.pop_front();
            if let Some(mark) = &mut self.mark {
                mark.is_blurred |= points > 0.0;
            }
        }
    }

    /// What the window is giving back at `now`, some of it already.
    fn leaving(&self, now: DateTime<Utc>) -> f64 {
        self.spent.iter().filter(|(part, _)| *part + self.window <= now).map(|(_, points)| points).sum()
    }

    fn part(&self) -> TimeDelta {
        self.window / PARTS
    }

    fn part_of(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let length = self.part().num_seconds().max(1);
        let begun = now.timestamp().div_euclid(length) * length;
        DateTime::from_timestamp(begun, 0).unwrap_or(now)
    }

    /// When the last of what was spent in a part counts no more.
    fn leaves_at(&self, part: DateTime<Utc>) -> DateTime<Utc> {
        part + self.part() + self.window
    }
}

/// From which percentage on calls of a priority are not made.
fn stops_at(priority: Priority) -> f64 {
    match priority {
        Priority::Backfill => 60.0,
        Priority::Refresh => 80.0,
        Priority::NewInstall => 90.0,
        Priority::Waiting => MOST,
    }
}

#[cfg(test)]
#[path = "level_tests.rs"]
mod tests;

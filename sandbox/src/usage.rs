//! What Meta's usage headers tell: percentages that rise with each call and fall as time passes.
//! Kept in memory: a restart begins at zero.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::durable::hold;

/// The app's allowance: calls in a rolling hour.
const APP: Allowance = Allowance { calls: 12_000, window_s: 3_600 };
/// An account's allowance: calls in a rolling day (4800 for each impression; this one has few).
const ACCOUNT: Allowance = Allowance { calls: 9_600, window_s: 86_400 };
/// What a pinned account is told to wait, in minutes.
const PINNED_WAIT_MIN: i64 = 19;
/// Calls are counted by the minute.
const BUCKET_S: i64 = 60;

struct Allowance {
    calls: u64,
    window_s: i64,
}

/// How much of an allowance is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Level {
    /// In per cent of the allowance, rounded up.
    pub(crate) percent: u64,
    /// Minutes until calls are answered again; 0 below 100 %.
    pub(crate) wait_min: i64,
}

impl Level {
    /// Tells whether calls are refused.
    pub(crate) fn is_spent(self) -> bool {
        self.percent >= 100
    }

    fn pinned(percent: u32) -> Self {
        Self { percent: u64::from(percent), wait_min: if percent >= 100 { PINNED_WAIT_MIN } else { 0 } }
    }

    /// Writes `x-app-usage`.
    pub(crate) fn app_header(self) -> Value {
        json!({
            "call_count": self.percent,
            "total_time": self.percent / 2,
            "total_cputime": self.percent / 3,
        })
    }

    /// Writes one entry of `x-business-use-case-usage`.
    pub(crate) fn account_header(self) -> Value {
        json!({
            "type": "instagram",
            "call_count": self.percent,
            "total_cputime": self.percent / 3,
            "total_time": self.percent / 2,
            "estimated_time_to_regain_access": self.wait_min,
        })
    }
}

/// The calls of a rolling window.
#[derive(Debug, Default)]
struct Window(VecDeque<(i64, u64)>);

impl Window {
    fn count(&mut self, now_s: i64, allowance: &Allowance) -> Level {
        let bucket = now_s.div_euclid(BUCKET_S);
        let oldest = now_s.saturating_sub(allowance.window_s).div_euclid(BUCKET_S);
        while self.0.front().is_some_and(|(at, _)| *at <= oldest) {
            self.0.pop_front();
        }
        match self.0.back_mut() {
            Some((at, calls)) if *at == bucket => *calls += 1,
            _ => self.0.push_back((bucket, 1)),
        }
        let calls: u64 = self.0.iter().map(|(_, calls)| calls).sum();
        let percent = (calls * 100).div_ceil(allowance.calls);
        let wait_min = if percent < 100 { 0 } else { self.0.front().map_or(1, |(at, _)| (at - oldest).max(1)) };
        Level { percent, wait_min }
    }
}

/// All allowances.
#[derive(Debug, Default)]
pub(crate) struct Usage(Mutex<(Window, HashMap<String, Window>)>);

impl Usage {
    /// Counts a call against the app's allowance. Refused calls count too: they prolong the block.
    pub(crate) fn count_app(&self, now_s: i64) -> Level {
        hold(&self.0).0.count(now_s, &APP)
    }

    /// Counts a call against an account's allowance, unless tests have pinned it.
    pub(crate) fn count_account(&self, now_s: i64, id: &str, pinned: Option<u32>) -> Level {
        let level = hold(&self.0).1.entry(id.to_owned()).or_default().count(now_s, &ACCOUNT);
        pinned.map_or(level, Level::pinned)
    }
}

#[cfg(test)]
mod tests {
    use super::{APP, Window};

    #[test]
    fn an_allowance_is_spent_by_calls_and_given_back_by_time() {
        let mut window = Window::default();
        for _ in 1..APP.calls {
            window.count(0, &APP);
        }

        let spent = window.count(600, &APP);
        assert!(spent.is_spent());
        assert_eq!(spent.wait_min, 50);

        let later = window.count(600 + APP.window_s, &APP);
        assert_eq!((later.percent, later.wait_min), (1, 0));
    }
}

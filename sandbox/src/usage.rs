//! What Meta's usage headers tell: percentages that rise with each call and fall as time passes.
//! Kept in memory: a restart begins at zero.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::durable::hold;

/// The app's allowance: calls in a rolling hour, and more with more users.
const APP: Allowance = Allowance { calls: 12_000, window_s: 3_600 };
/// What each of its users adds; the first sixty are in [`APP`].
const A_USER: u64 = 200;
/// An account's allowance: calls in a rolling day (4800 for each impression; this one has few), unless tests say another.
const ACCOUNT: Allowance = Allowance { calls: 9_600, window_s: 86_400 };
/// What a pinned account is told to wait, in minutes.
const PINNED_WAIT_MIN: i64 = 19;
/// Calls are counted by the minute.
const BUCKET_S: i64 = 60;

#[derive(Clone, Copy)]
struct Allowance {
    calls: u64,
    window_s: i64,
}

impl Allowance {
    fn percent_of(self, calls: u64) -> u64 {
        (calls * 100).div_ceil(self.calls)
    }
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
    fn count(&mut self, now_s: i64, allowance: Allowance) -> Level {
        let bucket = now_s.div_euclid(BUCKET_S);
        match self.0.back_mut() {
            Some((at, calls)) if *at == bucket => *calls += 1,
            _ => self.0.push_back((bucket, 1)),
        }
        self.level(now_s, allowance)
    }

    /// How much is used at `now_s`, without another call.
    fn level(&mut self, now_s: i64, allowance: Allowance) -> Level {
        let oldest = Self::oldest(now_s, allowance);
        while self.0.front().is_some_and(|(at, _)| *at <= oldest) {
            self.0.pop_front();
        }
        let percent = allowance.percent_of(self.calls());
        Level { percent, wait_min: self.wait_min(now_s, allowance) }
    }

    fn oldest(now_s: i64, allowance: Allowance) -> i64 {
        now_s.saturating_sub(allowance.window_s).div_euclid(BUCKET_S)
    }

    fn calls(&self) -> u64 {
        self.0.iter().map(|(_, calls)| calls).sum()
    }

    /// Minutes until so many calls are given back that less than all is used.
    fn wait_min(&self, now_s: i64, allowance: Allowance) -> i64 {
        let mut left = self.calls();
        let mut wait_min = 0;
        for (at, calls) in &self.0 {
            if allowance.percent_of(left) < 100 {
                break;
            }
            left -= calls;
            wait_min = (at - Self::oldest(now_s, allowance)).max(1);
        }
        wait_min
    }
}

/// One account's calls, and how much of its allowance was used at most.
#[derive(Debug, Default)]
struct Account {
    window: Window,
    allowed: u64,
    peak_percent: u64,
    refused: u64,
}

/// What tests have said about an account's allowance.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Said {
    /// Its calls a day.
    pub(crate) allowance: Option<u32>,
    /// How much of it the headers say is used, whatever is.
    pub(crate) pinned: Option<u32>,
}

/// All allowances.
#[derive(Debug, Default)]
pub(crate) struct Usage(Mutex<(Window, BTreeMap<String, Account>)>);

impl Usage {
    /// Counts a call against the app's allowance. Refused calls count too: they prolong the block.
    pub(crate) fn count_app(&self, now_s: i64) -> Level {
        let mut all = hold(&self.0);
        let users = u64::try_from(all.1.len()).unwrap_or(u64::MAX);
        let calls = APP.calls.max(users.saturating_mul(A_USER));
        all.0.count(now_s, Allowance { calls, ..APP })
    }

    /// Counts a call against an account's allowance; a pinned one is told as it was pinned.
    pub(crate) fn count_account(&self, now_s: i64, id: &str, said: Said) -> Level {
        let mut all = hold(&self.0);
        let account = all.1.entry(id.to_owned()).or_default();
        account.allowed = said.allowance.map_or(ACCOUNT.calls, u64::from);
        let counted = account.window.count(now_s, Allowance { calls: account.allowed, ..ACCOUNT });
        account.peak_percent = account.peak_percent.max(counted.percent);
        let level = said.pinned.map_or(counted, Level::pinned);
        account.refused += u64::from(level.is_spent());
        level
    }

    /// Lists the accounts that were called, each with what is used and what was at most.
    pub(crate) fn list(&self, now_s: i64) -> Vec<Value> {
        let mut all = hold(&self.0);
        let accounts = all.1.iter_mut().map(|(id, account)| {
            let level = account.window.level(now_s, Allowance { calls: account.allowed, ..ACCOUNT });
            json!({
                "ig_user_id": id,
                "allowance": account.allowed,
                "calls": account.window.calls(),
                "percent": level.percent,
                "peak_percent": account.peak_percent,
                "refused": account.refused,
            })
        });
        accounts.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{APP, Said, Usage, Window};

    #[test]
    fn an_allowance_is_spent_by_calls_and_given_back_by_time() {
        let mut window = Window::default();
        for _ in 1..APP.calls {
            window.count(0, APP);
        }

        let spent = window.count(600, APP);
        assert!(spent.is_spent());
        assert_eq!(spent.wait_min, 50);

        let later = window.count(600 + APP.window_s, APP);
        assert_eq!((later.percent, later.wait_min), (1, 0));
    }

    #[test]
    fn a_wait_is_as_long_as_it_takes_to_be_below_all() {
        let usage = Usage::default();
        let said = Said { allowance: Some(10), pinned: None };
        for minute in 0..12 {
            usage.count_account(minute * 60, "1", said);
        }

        // Three calls too many: the fourth oldest leaves a day after the fourth minute.
        let level = usage.count_account(12 * 60, "1", said);

        assert_eq!((level.percent, level.wait_min), (130, 24 * 60 - 12 + 3));
        assert_eq!(usage.list(12 * 60)[0]["refused"], 4);
    }

    #[test]
    fn an_app_may_call_more_often_the_more_people_use_it() {
        let usage = Usage::default();
        let spend = |calls: u64| (0..calls).map(|_| usage.count_app(0).percent).max();
        assert_eq!(spend(6_000), Some(50));
        for account in 0..300 {
            usage.count_account(0, &account.to_string(), Said::default());
        }
        assert_eq!(spend(1), Some(11), "6 001 of 60 000");
    }

    #[test]
    fn each_account_has_the_allowance_that_was_said_and_its_peak_is_remembered() {
        let usage = Usage::default();
        for _ in 0..5 {
            usage.count_account(0, "few", Said { allowance: Some(20), pinned: None });
            usage.count_account(0, "many", Said::default());
        }

        let listed = usage.list(2 * 86_400);

        assert_eq!((&listed[0]["peak_percent"], &listed[0]["percent"]), (&25.into(), &0.into()));
        assert_eq!((&listed[1]["peak_percent"], &listed[1]["allowance"]), (&1.into(), &9_600.into()));
    }
}

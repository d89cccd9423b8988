//! The judge: what the stand-in has written down of every call that reached it. The service cannot see it.

use std::collections::BTreeMap;

use serde_json::Value;

/// The steps of an exchange and how often each of them is called: about two tokens it is asked, the person's and the
/// Page's.
const EXCHANGE: [(&str, usize); 4] =
    [("oauth/access_token", 1), ("debug_token", 2), ("me/accounts", 1), ("account", 1)];

/// What is read of a feed, once each.
const FEED: [&str; 3] = ["recent_media", "top_media", "media"];

/// How often each step was called, for each piece of work: an exchange by its grant, a feed by its id at Meta.
#[derive(Debug, Default)]
pub(super) struct Ledger(BTreeMap<String, BTreeMap<&'static str, usize>>);

impl Ledger {
    /// Reads the record. A search for a hashtag's id is left out: its word stands in the query, which is not kept.
    pub(super) fn read(calls: &[Value]) -> Self {
        let mut ledger = Self::default();
        for call in calls {
            if let Some((piece, step)) = step(call) {
                *ledger.0.entry(piece).or_default().entry(step).or_default() += 1;
            }
        }
        ledger
    }

    /// How many calls it holds.
    pub(super) fn calls(&self) -> usize {
        self.0.values().flat_map(BTreeMap::values).sum()
    }

    /// How many feeds were read.
    pub(super) fn feeds(&self) -> usize {
        self.0.values().filter(|steps| steps.keys().any(|step| FEED.contains(step))).count()
    }

    /// Whether every step of an exchange was called.
    pub(super) fn has_all_of(&self, grant: &str) -> bool {
        let called = |step| self.0.get(grant).and_then(|steps| steps.get(step)).copied().unwrap_or_default();
        EXCHANGE.iter().all(|(step, times)| called(*step) >= *times)
    }

    /// How often pieces of work were begun again, as far as Meta could see: by that step of each that was called most often.
    pub(super) fn runs_again(&self) -> usize {
        let most = |steps: &BTreeMap<&'static str, usize>| {
            let runs = steps.iter().map(|(step, times)| times.div_ceil(once(step)));
            runs.max().unwrap_or(1) - 1
        };
        self.0.values().map(most).sum()
    }

    /// How many calls were made again.
    pub(super) fn calls_again(&self) -> usize {
        let steps = self.0.values().flat_map(BTreeMap::iter);
        steps.map(|(step, times)| times.saturating_sub(once(step))).sum()
    }

    /// The pieces that were run again, each with its calls.
    pub(super) fn again(&self) -> Vec<String> {
        let is_again = |steps: &BTreeMap<&'static str, usize>| steps.iter().any(|(step, times)| *times > once(step));
        self.0.iter().filter(|(_, steps)| is_again(steps)).map(|(piece, steps)| format!("{piece} {steps:?}")).collect()
    }
}

/// How often a step is called in one run.
fn once(step: &str) -> usize {
    EXCHANGE.iter().find(|(name, _)| *name == step).map_or(1, |(_, times)| *times)
}

/// Which piece of work a call belongs to, and which of its steps it is.
fn step(call: &Value) -> Option<(String, &'static str)> {
    let grant = || call["grant"].as_str().map(str::to_owned);
    // Behind the version.
    let path = call["path"].as_str()?.trim_matches('/').split_once('/')?.1;
    if let Some((step, _)) = EXCHANGE.iter().find(|(step, _)| *step == path) {
        return Some((grant()?, step));
    }
    match path.split_once('/') {
        None if call["ig_user_id"] == path => Some((grant()?, "account")),
        None => None,
        Some((id, edge)) => FEED.into_iter().find(|step| *step == edge).map(|step| (id.to_owned(), step)),
    }
}

#[test]
fn what_was_called_more_often_than_one_run_does_is_seen() {
    let call = |path: &str, grant: &str| serde_json::json!({"path": path, "grant": grant, "ig_user_id": "17"});
    let once = ["oauth/access_token", "debug_token", "me/accounts", "17", "debug_token"];
    let mut calls: Vec<_> = once.iter().map(|step| call(&format!("/v26.0/{step}"), "a@1")).collect();
    calls.push(call("/v26.0/99/recent_media", "a@1"));

    let ledger = Ledger::read(&calls);
    assert!(ledger.has_all_of("a@1") && !ledger.has_all_of("b@2"));
    assert_eq!((ledger.calls(), ledger.feeds(), ledger.runs_again(), ledger.calls_again()), (6, 1, 0, 0));

    for path in ["/v26.0/debug_token", "/v26.0/debug_token", "/v26.0/me/accounts", "/v26.0/99/recent_media"] {
        calls.push(call(path, "a@1"));
    }
    let ledger = Ledger::read(&calls);
    assert_eq!((ledger.runs_again(), ledger.calls_again(), ledger.again().len()), (2, 4, 2), "{ledger:?}");
}

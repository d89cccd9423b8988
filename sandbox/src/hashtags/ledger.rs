//! The allowance: 30 different hashtags per account in rolling 7 days, each counted from the
//! account's first query of it. Part of what is kept in `state.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Tag;

/// How many tags an account may ask for.
pub(crate) const ALLOWED: usize = 30;
/// For how long a tag counts.
const WINDOW_MS: i64 = 7 * 86_400_000;

/// Which tags were asked for, and by whom.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ledger {
    /// The names of all tags ever asked for, by id: ids are permanent.
    names: BTreeMap<String, String>,
    /// By account: when each tag began to count, in milliseconds, by the tag's id.
    counted: BTreeMap<String, BTreeMap<String, i64>>,
}

/// What a query would do to the allowance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing: the tag counts already.
    Counted,
    /// Take one of the places left.
    Room,
    /// Be refused.
    Full,
}

impl Ledger {
    /// Returns a tag's name.
    pub(crate) fn name(&self, id: &str) -> Option<&str> {
        self.names.get(id).map(String::as_str)
    }

    /// Says what a query would do.
    pub(crate) fn verdict(&self, account_id: &str, tag: &Tag, now_ms: i64) -> Verdict {
        let counted = self.counted(account_id, now_ms);
        if counted.iter().any(|(id, _)| *id == tag.id) {
            Verdict::Counted
        } else if counted.len() < ALLOWED {
            Verdict::Room
        } else {
            Verdict::Full
        }
    }

    /// Counts a query; false if there is no room.
    pub(crate) fn count(&mut self, account_id: &str, tag: &Tag, now_ms: i64) -> bool {
        let verdict = self.verdict(account_id, tag, now_ms);
        if verdict == Verdict::Room {
            self.names.insert(tag.id.clone(), tag.name.clone());
            let counted = self.counted.entry(account_id.to_owned()).or_default();
            counted.retain(|_, at_ms| counts(*at_ms, now_ms));
            counted.insert(tag.id.clone(), now_ms);
        }
        verdict != Verdict::Full
    }

    /// Returns the ids of the tags that count now and since when, the newest first.
    pub(crate) fn counted(&self, account_id: &str, now_ms: i64) -> Vec<(&str, i64)> {
        let all = self.counted.get(account_id).into_iter().flatten();
        let mut counted: Vec<_> =
            all.filter(|(_, at_ms)| counts(**at_ms, now_ms)).map(|(id, at_ms)| (id.as_str(), *at_ms)).collect();
        counted.sort_by_key(|(_, at_ms)| std::cmp::Reverse(*at_ms));
        counted
    }
}

fn counts(at_ms: i64, now_ms: i64) -> bool {
    now_ms < at_ms.saturating_add(WINDOW_MS)
}

#[cfg(test)]
mod tests {
    use super::{ALLOWED, Ledger, Tag, Verdict, WINDOW_MS};

    fn tag(number: usize) -> Tag {
        Tag::of(format!("tag{number}"))
    }

    #[test]
    fn a_tag_counts_for_exactly_a_week_from_its_first_query() {
        let mut ledger = Ledger::default();
        assert!(ledger.count("a", &tag(0), 1_000));
        assert!(ledger.count("a", &tag(0), 1_000 + WINDOW_MS - 1));

        assert_eq!(ledger.verdict("a", &tag(0), 1_000 + WINDOW_MS - 1), Verdict::Counted);
        assert_eq!(ledger.verdict("a", &tag(0), 1_000 + WINDOW_MS), Verdict::Room);
    }

    #[test]
    fn the_thirty_first_is_refused_until_the_first_has_left() {
        let mut ledger = Ledger::default();
        for number in 0..ALLOWED {
            assert!(ledger.count("a", &tag(number), i64::try_from(number).unwrap()));
        }

        assert!(!ledger.count("a", &tag(30), WINDOW_MS - 1));
        assert!(ledger.count("b", &tag(30), WINDOW_MS - 1));
        assert!(ledger.count("a", &tag(30), WINDOW_MS));
        assert!(!ledger.count("a", &tag(0), WINDOW_MS));
        assert_eq!(ledger.counted("a", WINDOW_MS).first().map(|(id, _)| *id), Some(tag(30).id.as_str()));
    }
}

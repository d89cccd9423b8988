//! When the operator is told: pure.
//!
//! | what | is told |
//! |---|---|
//! | an incident of everybody begins | with its verdict, or without one after 2 minutes; of dead tokens after 8 |
//! | one of a single account begins | after 10 minutes, if it lasts, with its verdict; without one after 20 |
//! | one of X's begins | at once |
//! | either is over | at once, if its beginning was told |
//! | anything lasts | once a day, all in one message |

use chrono::{DateTime, TimeDelta, Utc};
use entities::incident::{self, Scope};

use crate::graph::Class;

/// How long everybody's incident waits for its verdict.
const SOON: TimeDelta = TimeDelta::minutes(2);
/// The same where tokens are called dead: none is believed to be before it was looked into again, 5 minutes later.
const CONFIRMED: TimeDelta = TimeDelta::minutes(8);
/// How long an account's incident may last before anybody is told.
const LASTS: TimeDelta = TimeDelta::minutes(10);
/// How long it waits for its verdict.
const LATE: TimeDelta = TimeDelta::minutes(20);
/// How often the operator is reminded.
const REMINDED: TimeDelta = TimeDelta::hours(24);

/// Returns whether the operator is told now that an incident began, which has been known since `known_since`.
pub(crate) fn opening(incident: &incident::Model, known_since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    let age = now - known_since;
    let has_verdict = incident.verdict.is_some();
    let is_untold = incident.told_opened_at.is_none() && incident.is_open();
    is_untold
        && match incident.scope {
            // Nobody looks into it: it is as clear as it gets.
            _ if incident.kind.is_of_x() => true,
            Scope::App if incident.class == Class::TokenDead.as_str() => has_verdict || age >= CONFIRMED,
            Scope::App => has_verdict || age >= SOON,
            Scope::Account => age >= if has_verdict { LASTS } else { LATE },
        }
}

/// Returns whether the operator is reminded now of what lasts: a day after the first of it was told, or after the last
/// reminder.
pub(crate) fn digest(open: &[incident::Model], last: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    let first = open.iter().filter_map(|incident| incident.told_opened_at).min();
    first.is_some_and(|first| now - last.map_or(first, |last| last.max(first)) >= REMINDED)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::text_tests::{at, incident};
    use super::*;

    #[test]
    fn a_beginning_is_told_in_time_and_not_too_early() {
        let minutes = |minutes: i64| at(minutes * 60);
        for (scope, has_verdict, after, told) in [
            (Scope::App, true, 0, true),
            (Scope::App, false, 1, false),
            (Scope::App, false, 2, true),
            (Scope::Account, true, 9, false),
            (Scope::Account, true, 10, true),
            (Scope::Account, false, 19, false),
            (Scope::Account, false, 20, true),
        ] {
            let verdict = has_verdict.then(|| json!({}));
            let begun = incident::Model { scope, verdict, ..incident() };
            assert_eq!(opening(&begun, at(0), minutes(after)), told, "{scope:?} {has_verdict} {after}");
            let told_already = incident::Model { told_opened_at: Some(at(1)), ..begun.clone() };
            let over = incident::Model { closed_at: Some(at(1)), ..begun };
            assert!(!opening(&told_already, at(0), minutes(60)) && !opening(&over, at(0), minutes(60)));
        }
    }

    #[test]
    fn dead_tokens_are_told_with_what_a_second_look_found() {
        let minutes = |minutes: i64| at(minutes * 60);
        for (has_verdict, after, told) in [(false, 7, false), (false, 8, true), (true, 0, true)] {
            let verdict = has_verdict.then(|| json!({}));
            let begun = incident::Model { class: "token_dead".into(), verdict, ..incident() };
            assert_eq!(opening(&begun, at(0), minutes(after)), told, "{has_verdict} {after}");
        }
    }

    #[test]
    fn a_reminder_comes_a_day_after_the_first_or_the_last() {
        let hours = |hours: i64| at(hours * 3600);
        let told = |told_at: Option<i64>| incident::Model { told_opened_at: told_at.map(hours), ..incident() };
        for (open, last, now, due) in [
            (vec![], None, 100, false),
            (vec![told(None)], None, 100, false),
            (vec![told(Some(0))], None, 23, false),
            (vec![told(Some(0))], None, 24, true),
            (vec![told(Some(0)), told(Some(23))], None, 24, true),
            (vec![told(Some(0))], Some(24), 47, false),
            (vec![told(Some(0))], Some(24), 48, true),
            // The last reminder was of others.
            (vec![told(Some(30))], Some(24), 48, false),
            (vec![told(Some(30))], Some(24), 54, true),
        ] {
            assert_eq!(digest(&open, last.map(hours), hours(now)), due, "{last:?} {now}");
        }
    }
}

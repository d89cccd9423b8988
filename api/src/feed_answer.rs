//! What `/instagram` says of a feed's row: pure.

use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};
use entities::feed;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use worker::feed_body::rfc3339;

use crate::answers::{Feed, Freshness, FreshnessState};

/// A body that was due so long ago is called stale, whatever keeps it from being fetched.
const OVERDUE: TimeDelta = TimeDelta::minutes(10);
/// Failures that pass by themselves: nobody has to act.
const PASSING: [&str; 3] = ["transient", "rate_limited", "ambiguous"];
/// Bounds of `max-age`, in seconds: long enough to spare us, short enough to be believed.
const MAX_AGE: std::ops::RangeInclusive<i64> = 15..=120;

/// What is answered.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Nobody has a body yet: 202, and the run to poll.
    Pending {
        /// The run that everybody polls.
        run_id: String,
        /// When the fetch is tried again, where it waits for a limit to end.
        next_try_at: Option<DateTime<Utc>>,
    },
    /// 200: the last good body, or the reason why there is none.
    Body {
        /// The whole answer.
        feed: Box<Feed>,
        /// For how many seconds it may be kept; `None`: not at all.
        max_age: Option<i64>,
    },
}

/// Returns what a feed's row says at `now`.
pub(crate) fn of_row(feed: &feed::Model, now: DateTime<Utc>) -> Answer {
    let failure = feed.failure.as_deref();
    let Some(mut body) = feed.body.as_deref().and_then(|body| serde_json::from_str::<Value>(body).ok()) else {
        return match (failure, &feed.first_run_id) {
            (None | Some("rate_limited"), Some(run_id)) => {
                Answer::Pending { run_id: run_id.clone(), next_try_at: failure.and(feed.next_fetch_at) }
            }
            (reason, _) => nothing(feed.key.as_str(), reason.unwrap_or("transient"), feed.next_fetch_at),
        };
    };
    let overdue = feed.next_fetch_at.is_none_or(|due| due + OVERDUE < now);
    let (state, reason) = match failure {
        None if overdue => (FreshnessState::Stale, Some("transient")),
        None => (FreshnessState::Fresh, None),
        Some(reason) if PASSING.contains(&reason) => (FreshnessState::Stale, Some(reason)),
        Some(reason) => (FreshnessState::Blocked, Some(reason)),
    };
    let due_in = feed.next_fetch_at.map_or(0, |due| (due - now).num_seconds());
    let answer = Feed {
        feed: feed.key.to_string(),
        source: feed.source.as_str(),
        account: body["account"].take(),
        data: body["data"].take(),
        freshness: Freshness {
            state,
            fetched_at: feed.fetched_at.map(rfc3339),
            next_try_at: feed.next_fetch_at.map(rfc3339),
            reason: reason.map(str::to_owned),
        },
        settings: None,
    };
    Answer::Body { feed: Box::new(answer), max_age: Some(due_in.clamp(*MAX_AGE.start(), *MAX_AGE.end())) }
}

/// Returns the answer for a key that nothing can serve.
pub(crate) fn nothing(key: &str, reason: &str, next_try_at: Option<DateTime<Utc>>) -> Answer {
    let answer = Feed {
        feed: key.to_owned(),
        source: feed::Source::Graph.as_str(),
        account: Value::Null,
        data: json!([]),
        freshness: Freshness {
            state: FreshnessState::Blocked,
            fetched_at: None,
            next_try_at: next_try_at.map(rfc3339),
            reason: Some(reason.to_owned()),
        },
        settings: None,
    };
    Answer::Body { feed: Box::new(answer), max_age: None }
}

/// Returns the entity tag of a body: a weak one, since the same body travels compressed and plain.
pub(crate) fn etag(body: &str) -> String {
    let mut tag = String::from("W/\"");
    for byte in Sha256::digest(body).iter().take(16) {
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

/// Returns whether `If-None-Match` names the tag (RFC 9110: weak comparison, or `*`).
pub(crate) fn matches(if_none_match: &str, tag: &str) -> bool {
    if_none_match.split(',').map(str::trim).any(|known| known == "*" || opaque(known) == opaque(tag))
}

fn opaque(tag: &str) -> &str {
    tag.trim_start_matches("W/")
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use entities::{FeedKey, feed};

    use super::{Answer, matches, of_row};
    use crate::answers::FreshnessState::{self, Blocked, Fresh, Pending, Stale};

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn row(body: Option<&str>, failure: Option<&str>, due_in: Option<TimeDelta>) -> feed::Model {
        feed::Model {
            id: "f".into(),
            source: feed::Source::Graph,
            key: FeedKey::parse("@powr_io").expect("a key"),
            body: body.map(str::to_owned),
            first_run_id: Some("r".into()),
            fetched_at: body.map(|_| NOW),
            next_fetch_at: due_in.map(|wait| NOW + wait),
            last_requested_at: NOW,
            failure: failure.map(str::to_owned),
            waits_for: None,
            waits_since: None,
            failures: 0,
            changed_at: None,
            media_ends_at: None,
            demand_s: None,
            created_at: NOW,
            updated_at: NOW,
        }
    }

    fn freshness(row: &feed::Model) -> (FreshnessState, Option<String>) {
        match of_row(row, NOW) {
            Answer::Pending { .. } => (Pending, None),
            Answer::Body { feed, .. } => (feed.freshness.state, feed.freshness.reason),
        }
    }

    #[test]
    fn freshness_follows_the_row() {
        let body = Some(r#"{"account":{"id":"1"},"data":[{"id":"2"}]}"#);
        let (soon, long_ago) = (Some(TimeDelta::minutes(5)), Some(TimeDelta::minutes(-11)));
        for (row, state, reason) in [
            (row(body, None, soon), Fresh, None),
            (row(body, None, Some(TimeDelta::minutes(-1))), Fresh, None),
            (row(body, None, long_ago), Stale, Some("transient")),
            (row(body, Some("rate_limited"), soon), Stale, Some("rate_limited")),
            (row(body, Some("transient"), soon), Stale, Some("transient")),
            (row(body, Some("token_dead"), soon), Blocked, Some("token_dead")),
            (row(body, Some("not_connected"), None), Blocked, Some("not_connected")),
            (row(None, None, soon), Pending, None),
            (row(None, Some("rate_limited"), soon), Pending, None),
            (row(None, Some("transient"), soon), Blocked, Some("transient")),
            (row(None, Some("permission_lost"), soon), Blocked, Some("permission_lost")),
        ] {
            assert_eq!(freshness(&row), (state, reason.map(str::to_owned)), "{row:?}");
        }
    }

    #[test]
    fn a_good_body_is_answered_whatever_fails_now() {
        let row = row(Some(r#"{"account":{"id":"1"},"data":[{"id":"2"}]}"#), Some("token_dead"), None);
        let Answer::Body { feed, max_age: Some(15) } = of_row(&row, NOW) else { panic!("a body that may be kept") };
        assert_eq!(feed.data[0]["id"], "2");
        assert_eq!(feed.account["id"], "1");
    }

    #[test]
    fn entity_tags_compare_weakly() {
        for (header, same) in
            [("\"a\"", true), ("W/\"a\"", true), ("\"b\", \"a\"", true), ("*", true), ("\"b\"", false)]
        {
            assert_eq!(matches(header, "W/\"a\""), same, "{header}");
        }
    }
}

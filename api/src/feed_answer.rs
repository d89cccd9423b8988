//! What `/instagram` says of a feed's row: pure.

use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};
use entities::feed::{self, WaitsFor};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use worker::feed_body::{drop_ended, rfc3339};

use crate::answers::{Feed, Freshness, FreshnessState};

/// A body that was due so long ago is called stale, whatever keeps it from being fetched.
const OVERDUE: TimeDelta = TimeDelta::minutes(10);
/// Failures that pass by themselves: nobody has to act.
const PASSING: [&str; 3] = ["transient", "rate_limited", "ambiguous"];
/// Bounds of `max-age`, in seconds: long enough to spare us, short enough to be believed.
const MAX_AGE: std::ops::RangeInclusive<i64> = 15..=120;
/// For how many seconds longer an answer serves while a newer one is fetched, and while there is none to be had.
const WHILE_REVALIDATED: i64 = 600;
const WHILE_FAILING: i64 = 86_400;

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
        /// For how long it may be kept; `None`: not at all.
        keep: Option<Keep>,
    },
}

/// For how long an answer may be kept by whoever asked, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keep {
    /// As it is.
    pub max_age: i64,
    /// While a newer one is fetched.
    pub while_revalidated: i64,
    /// While none is to be had.
    pub while_failing: i64,
}

impl Keep {
    /// An answer that is new again in `due_in` and whose first address ends in `ends_in` seconds: nobody keeps an address
    /// that has ended, where a newer one can be had.
    fn new(due_in: i64, ends_in: Option<i64>) -> Self {
        let max_age = due_in.min(ends_in.unwrap_or(i64::MAX)).clamp(*MAX_AGE.start(), *MAX_AGE.end());
        let left = ends_in.map_or(i64::MAX, |ends_in| (ends_in - max_age).max(0));
        Self { max_age, while_revalidated: WHILE_REVALIDATED.min(left), while_failing: WHILE_FAILING.min(left) }
    }
}

/// Returns what a feed's row says at `now`.
pub(crate) fn of_row(feed: &feed::Model, now: DateTime<Utc>) -> Answer {
    let failure = feed.failure.as_deref();
    let Some(mut body) = feed.body.as_deref().and_then(|body| serde_json::from_str::<Value>(body).ok()) else {
        return match (failure, &feed.first_run_id) {
            (None | Some("rate_limited"), Some(run_id)) => {
                Answer::Pending { run_id: run_id.clone(), next_try_at: failure.and(feed.next_fetch_at) }
            }
            (reason, _) => nothing(feed.source, feed.key.as_str(), reason.unwrap_or("transient"), feed.next_fetch_at),
        };
    };
    let overdue = feed.next_fetch_at.is_none_or(|due| due + OVERDUE < now);
    let has_ended = feed.media_ends_at.is_some_and(|end| end <= now);
    if has_ended && failure.is_none() {
        // New ones are being fetched. Where they cannot be had, what was good stays as it was.
        drop_ended(&mut body, now);
    }
    let (state, reason) = match failure {
        None if overdue || has_ended => (FreshnessState::Stale, Some("transient")),
        None => (FreshnessState::Fresh, None),
        // It is nobody's to mend who looks at the feed.
        Some(reason) if feed.waits_for == Some(WaitsFor::Incident) => (FreshnessState::Stale, Some(reason)),
        Some(reason) if PASSING.contains(&reason) => (FreshnessState::Stale, Some(reason)),
        Some(reason) => (FreshnessState::Blocked, Some(reason)),
    };
    let seconds_to = |at: DateTime<Utc>| (at - now).num_seconds();
    let keep = Keep::new(feed.next_fetch_at.map_or(0, seconds_to), feed.media_ends_at.map(seconds_to));
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
    Answer::Body { feed: Box::new(answer), keep: Some(keep) }
}

impl Answer {
    /// Whether it holds what was once read.
    pub(crate) fn has_posts(&self) -> bool {
        matches!(self, Self::Body { keep: Some(_), .. })
    }
}

/// Returns the answer for a feed that has moved and of which there is nothing yet where it comes from now: the last good
/// body from where it came before, which says so, and why there is nothing newer. Whoever asks soon sees it move.
pub(crate) fn while_moving(answer: Answer, before: &feed::Model, now: DateTime<Utc>) -> Answer {
    let Answer::Body { feed: mut kept, keep: Some(keep) } = of_row(before, now) else { return answer };
    let (state, reason, next_try_at) = match answer {
        Answer::Pending { next_try_at, .. } => {
            let reason = if next_try_at.is_some() { "rate_limited" } else { "transient" };
            (FreshnessState::Stale, Some(reason.to_owned()), next_try_at.map(rfc3339))
        }
        Answer::Body { feed, .. } => {
            let Freshness { reason, next_try_at, .. } = feed.freshness;
            let passes = reason.as_deref().is_none_or(|reason| PASSING.contains(&reason));
            (if passes { FreshnessState::Stale } else { FreshnessState::Blocked }, reason, next_try_at)
        }
    };
    let fetched_at = kept.freshness.fetched_at.take();
    kept.freshness = Freshness { state, fetched_at, next_try_at, reason };
    let soon = Keep::new(0, None);
    let while_failing = keep.while_failing.min(soon.while_failing);
    Answer::Body { feed: kept, keep: Some(Keep { while_revalidated: 0, while_failing, ..soon }) }
}

/// Returns the answer for a key that nothing can serve.
pub(crate) fn nothing(source: feed::Source, key: &str, reason: &str, next_try_at: Option<DateTime<Utc>>) -> Answer {
    let answer = Feed {
        feed: key.to_owned(),
        source: source.as_str(),
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
    Answer::Body { feed: Box::new(answer), keep: None }
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
#[path = "feed_answer_tests.rs"]
mod tests;

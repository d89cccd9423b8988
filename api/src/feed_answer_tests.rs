//! What `/instagram` says of a feed's row, row by row.

use chrono::{DateTime, TimeDelta, Utc};
use entities::FeedKey;
use entities::feed::{self, WaitsFor};
use serde_json::json;

use super::{Answer, Keep, matches, of_row, while_moving};
use crate::answers::FreshnessState::{self, Blocked, Fresh, Pending, Stale};

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn row(body: Option<&str>, failure: Option<&str>, due_in: Option<TimeDelta>) -> feed::Model {
    feed::Model {
        id: "f".into(),
        source: feed::Source::Graph,
        key: FeedKey::parse("@powr_io").expect("a key"),
        body: body.map(str::to_owned),
        account_id: None,
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
    let Answer::Body { feed, keep: Some(Keep { max_age: 15, .. }) } = of_row(&row, NOW) else {
        panic!("a body that may be kept")
    };
    assert_eq!(feed.data[0]["id"], "2");
    assert_eq!(feed.account["id"], "1");
}

/// A feed with one picture that ended a second ago, and one that lives.
fn with_ended(failure: Option<&str>) -> feed::Model {
    let [ended, lives] = [-1, 100].map(|end| format!("https://a.cdninstagram.com/1.jpg?oe={:X}", 1_000 + end));
    let body =
        format!(r#"{{"account":null,"data":[{{"id":"1","media_url":"{ended}"}},{{"id":"2","media_url":"{lives}"}}]}}"#);
    let ends_at = DateTime::from_timestamp(999, 0);
    feed::Model { media_ends_at: ends_at, ..row(Some(&body), failure, Some(TimeDelta::hours(1))) }
}

#[test]
fn an_address_that_has_ended_is_not_served_while_a_new_one_can_be_had() {
    let now = DateTime::from_timestamp(1_000, 0).expect("a time");
    let shown = |failure| {
        let Answer::Body { feed, .. } = of_row(&with_ended(failure), now) else { panic!("a body") };
        (feed.freshness.state, [0, 1].map(|item: usize| feed.data[item]["media_url"].is_string()))
    };
    assert_eq!(shown(None), (Stale, [false, true]), "the next fetch brings a new one");
    assert_eq!(shown(Some("token_dead")), (Blocked, [true, true]), "the last good body, whatever fails");
}

#[test]
fn what_waits_for_an_incident_is_stale_whatever_the_incident_is() {
    let body = Some(r#"{"account":{"id":"1"},"data":[{"id":"2"}]}"#);
    let row = row(body, Some("permission_lost"), Some(TimeDelta::minutes(5)));
    let row = feed::Model { waits_for: Some(WaitsFor::Incident), ..row };
    assert_eq!(freshness(&row), (Stale, Some("permission_lost".to_owned())));
}

#[test]
fn a_feed_that_has_moved_shows_what_it_had_until_there_is_something_new() {
    let body = Some(r#"{"account":{"id":"1"},"data":[{"id":"2"}]}"#);
    let soon = Some(TimeDelta::minutes(5));
    let outlet = feed::Model { source: feed::Source::Outlet, ..row(body, None, soon) };
    for (new, state, reason) in [
        (row(None, None, soon), Stale, Some("transient")),
        (row(None, Some("rate_limited"), soon), Stale, Some("rate_limited")),
        (row(None, Some("transient"), soon), Stale, Some("transient")),
        (row(None, Some("permission_lost"), soon), Blocked, Some("permission_lost")),
    ] {
        let shown = while_moving(of_row(&new, NOW), &outlet, NOW);
        let Answer::Body { feed, keep: Some(Keep { max_age: 15, while_revalidated: 0, .. }) } = shown else {
            panic!("a body that is kept for a moment")
        };
        assert_eq!((feed.source, &feed.data[0]["id"]), ("outlet", &json!("2")), "{new:?}");
        assert_eq!((feed.freshness.state, feed.freshness.reason.as_deref()), (state, reason), "{new:?}");
    }
    let nowhere = while_moving(of_row(&row(None, None, soon), NOW), &row(None, None, soon), NOW);
    assert!(matches!(nowhere, Answer::Pending { .. }), "there is nothing to show");
}

#[test]
fn an_answer_is_kept_no_longer_than_its_addresses_live() {
    let kept = |due_in, ends_in| {
        let keep = Keep::new(due_in, ends_in);
        [keep.max_age, keep.while_revalidated, keep.while_failing]
    };
    assert_eq!(kept(3_600, None), [120, 600, 86_400]);
    assert_eq!(kept(3_600, Some(4 * 86_400)), [120, 600, 86_400]);
    assert_eq!(kept(3_600, Some(7_320)), [120, 600, 7_200]);
    assert_eq!(kept(3_600, Some(60)), [60, 0, 0]);
    assert_eq!(kept(-5, Some(-5)), [15, 0, 0]);
}

#[test]
fn entity_tags_compare_weakly() {
    for (header, same) in [("\"a\"", true), ("W/\"a\"", true), ("\"b\", \"a\"", true), ("*", true), ("\"b\"", false)] {
        assert_eq!(matches(header, "W/\"a\""), same, "{header}");
    }
}

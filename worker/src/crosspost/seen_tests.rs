//! What is history, what is new, and what is gone.

use chrono::{DateTime, TimeDelta, Utc};
use entities::crosspost;
use serde_json::json;

use super::{Item, Seen};

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn at(seconds: i64) -> DateTime<Utc> {
    NOW + TimeDelta::seconds(seconds)
}

/// A feed that shows media which were published at these seconds, and are called so.
fn shows(seconds: &[i64], is_all: bool) -> Seen {
    let item = |second: &i64| -> Item {
        let item = json!({"id": second.to_string(), "timestamp": at(*second)});
        serde_json::from_value(item).expect("an item")
    };
    Seen { items: seconds.iter().map(item).collect(), is_all, at: NOW }
}

fn crosspost(created_at: DateTime<Utc>) -> crosspost::Model {
    crosspost::Model {
        id: "c".into(),
        install_id: "i".into(),
        x_account_id: "x".into(),
        template: "{caption}".into(),
        link: false,
        alt_text: true,
        daily_cap: 10,
        paused: false,
        created_at,
        updated_at: created_at,
    }
}

#[test]
fn history_is_what_is_older_than_the_cross_post_to_the_second() {
    let seen = shows(&[30, 20, 10], true);
    for (created, new, old) in [(9, 3, 0), (10, 3, 0), (11, 2, 1), (31, 0, 3)] {
        let crosspost = crosspost(at(created));
        assert_eq!((seen.new_to(&crosspost).count(), seen.old_to(&crosspost).count()), (new, old), "{created}");
    }
    let undated: Item = serde_json::from_value(json!({"id": "1"})).expect("an item");
    let seen = Seen { items: vec![undated], is_all: true, at: NOW };
    assert_eq!(seen.new_to(&crosspost(at(0))).count(), 0, "nobody knows whether it is history");
}

#[test]
fn gone_is_what_would_be_shown() {
    for (seen, media, gone) in [
        (shows(&[30, 20, 10], true), 20, false),
        (shows(&[30, 10], false), 20, true),
        (shows(&[30, 20], false), 10, false),
        (shows(&[30, 20], true), 10, true),
        (shows(&[], true), 10, true),
        (shows(&[30, 10], false), 40, true),
    ] {
        assert_eq!(seen.is_gone(&media.to_string(), at(media)), gone, "{media} of {seen:?}");
    }
}

#[test]
fn what_a_feed_does_not_reach_back_to_may_have_been_missed() {
    for (seen, since, may) in [
        (shows(&[30, 20], false), 10, true),
        (shows(&[30, 20], false), 20, false),
        (shows(&[30, 20], false), 25, false),
        (shows(&[30, 20], true), 10, false),
    ] {
        assert_eq!(seen.begins_after(at(since)), may, "{since} of {seen:?}");
    }
}

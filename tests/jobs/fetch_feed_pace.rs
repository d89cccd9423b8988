//! `fetch_feed`: how soon a feed is fetched again, and that nobody is shown an address that has ended.

use chrono::{DateTime, TimeDelta, Utc};
use entities::feed;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::World;
use crate::harness::hashtags::{freshness, is};

const AVATAR: &str = "profile_picture_url";

/// How long the feed's body serves.
fn interval(feed: &feed::Model) -> TimeDelta {
    feed.next_fetch_at.expect("it is awake") - feed.fetched_at.expect("fetched")
}

/// Moves the time by steps of so many hours, has somebody look at the feed at each if `is_seen`, and has fetched what falls
/// due.
async fn live(world: &World, (steps, hours): (i32, i64), is_seen: bool) {
    for _ in 0..steps {
        world.advance(TimeDelta::hours(hours)).await;
        if is_seen {
            world.ask("w1", "@powr_io").await;
        }
        world.fetch_due().await;
    }
}

/// Every address that an answer shows, and when it ends.
fn addresses(part: &Value) -> Vec<(String, DateTime<Utc>)> {
    match part {
        Value::Array(parts) => parts.iter().flat_map(addresses).collect(),
        Value::Object(fields) => fields.values().flat_map(addresses).collect(),
        Value::String(text) => {
            let end = text.split_once("&oe=").and_then(|(_, end)| i64::from_str_radix(end, 16).ok());
            end.and_then(|end| DateTime::from_timestamp(end, 0)).map(|end| (text.clone(), end)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn a_feed_that_changed_is_fetched_after_ten_minutes_and_a_quiet_one_after_an_hour() {
    let world = World::with_feed().await;
    let first = world.feed().await;
    assert_eq!((interval(&first), first.changed_at), (TimeDelta::minutes(10), first.fetched_at));

    live(&world, (13, 1), true).await;
    let quiet = world.feed().await;
    assert_eq!((interval(&quiet), quiet.changed_at), (TimeDelta::hours(1), first.changed_at));

    world.stand_ins.post("powr_io", "news").await;
    live(&world, (2, 1), true).await;
    let busy = world.feed().await;
    assert!(busy.changed_at > quiet.fetched_at, "the post is a change");
    assert_eq!(interval(&busy), TimeDelta::minutes(10));
}

#[tokio::test]
async fn a_feed_that_nobody_looks_at_is_fetched_four_times_a_day_until_somebody_does() {
    let world = World::with_feed().await;
    live(&world, (8, 6), false).await;
    assert_eq!(interval(&world.feed().await), TimeDelta::hours(6));
    let calls = world.stand_ins.calls("/media").await.len();
    live(&world, (12, 2), false).await;
    assert_eq!(world.stand_ins.calls("/media").await.len(), calls + 4);

    live(&world, (1, 3), false).await;
    assert_eq!(freshness(&world.ask("w1", "@powr_io").await), is("fresh", ""));
    world.drain().await;

    let seen = world.feed().await;
    assert!(seen.fetched_at.expect("fetched") > world.ctx.now() - TimeDelta::minutes(1), "the look has it fetched");
    assert_eq!(interval(&seen), TimeDelta::hours(1));
}

#[tokio::test]
async fn a_demand_keeps_a_quiet_feed_at_its_pace() {
    let world = World::with_feed().await;
    world.demand_every_feed().await;

    live(&world, (6, 2), false).await;

    assert_eq!(interval(&world.feed().await), TimeDelta::minutes(10));
}

#[tokio::test]
async fn an_account_with_few_calls_is_read_as_often_as_they_last() {
    let world = World::start().await;
    // Ten minutes between fetches would take 144 calls a day.
    world.stand_ins.patch("powr_io", json!({"allowance": 48})).await;
    world.connect("powr_io", "w1").await;
    world.ask("w1", "@powr_io").await;
    world.drain().await;
    world.demand_every_feed().await;

    for _ in 0..3 * 30 {
        world.advance(TimeDelta::minutes(20)).await;
        world.fetch_due().await;
    }

    let usage = world.stand_ins.usage().await;
    assert_eq!((usage[0]["allowance"].as_i64(), usage[0]["refused"].as_i64()), (Some(48), Some(0)));
    let peak = usage[0]["peak_percent"].as_i64().expect("a number");
    assert!((50..=95).contains(&peak), "{peak} % at most: little is wasted, and nothing refused");
    let pace = interval(&world.feed().await).num_minutes();
    assert!((30..=90).contains(&pace), "{pace} minutes: 70 % of the calls, spread over the day");
}

#[tokio::test]
async fn no_address_that_has_ended_is_shown_as_long_as_meta_answers() {
    let world = World::with_feed().await;
    for (steps, hours, is_seen) in [(24, 6, false), (24, 2, true), (24, 5, false)] {
        for _ in 0..steps {
            live(&world, (1, hours), is_seen).await;
            let feed = world.feed().await;
            let body: Value = serde_json::from_str(feed.body.as_deref().expect("a body")).expect("JSON");
            let now = world.ctx.now();
            assert!(addresses(&body).iter().all(|(_, end)| *end > now), "at {now}: {feed:?}");
            assert_eq!(feed.media_ends_at, addresses(&body).iter().map(|(_, end)| *end).min());
        }
    }
    let shown = world.ask("w1", "@powr_io").await.json();
    assert!(addresses(&shown["account"]).len() == 1 && addresses(&shown["data"]).len() > 50);
}

#[tokio::test]
async fn a_feed_that_slept_shows_no_dead_address_and_is_fetched_at_once() {
    let world = World::with_feed().await;
    let before = world.ask("w1", "@powr_io").await.json();
    live(&world, (1, 1), false).await;
    world.advance(TimeDelta::days(20)).await;
    world.fetch_due().await;
    assert_eq!(world.feed().await.next_fetch_at, None, "it sleeps");

    let woken = world.ask("w1", "@powr_io").await;
    assert_eq!(freshness(&woken), is("stale", "transient"));
    let woken = woken.json();
    assert_eq!(woken["data"].as_array().map(Vec::len), before["data"].as_array().map(Vec::len));
    assert_eq!((addresses(&woken), &woken["account"][AVATAR]), (vec![], &json!(null)));
    assert_eq!(woken["data"][0]["permalink"], before["data"][0]["permalink"]);

    world.drain().await;
    let fresh = world.ask("w1", "@powr_io").await;
    assert_eq!(freshness(&fresh), is("fresh", ""));
    let picture = fresh.json()["data"][0]["media_url"].as_str().expect("an address").to_owned();
    assert_eq!(world.http.send(Method::HEAD, &picture, &[], None).await.status, 200);
}

#[tokio::test]
async fn whatever_fails_the_last_good_body_is_shown_as_it_was() {
    let world = World::with_feed().await;
    let good = world.ask("w1", "@powr_io").await.json();
    world.stand_ins.patch("powr_io", json!({"state": "deleted"})).await;

    world.advance(TimeDelta::days(7)).await;
    world.fetch_due().await;

    let shown = world.ask("w1", "@powr_io").await;
    assert_ne!(freshness(&shown).0, "fresh");
    assert_eq!((&shown.json()["data"], &shown.json()["account"]), (&good["data"], &good["account"]));
    assert_eq!(shown.json()["freshness"]["fetched_at"], good["freshness"]["fetched_at"]);
    assert!(shown.header("cache-control").ends_with("stale-if-error=0"), "{}", shown.header("cache-control"));
}

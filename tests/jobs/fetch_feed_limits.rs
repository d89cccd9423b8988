//! `fetch_feed` and Meta's limits: a closed key is not called, whoever asks; what is left is kept for those who wait; and
//! what waited leaves one by one.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use entities::throttle;
use queue::Job;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use worker::Context;
use worker::jobs::FetchFeed;
use worker::throttles::Throttles;

use crate::harness::World;
use crate::harness::hashtags::{freshness, is, tags};
use crate::harness::stand_ins::graph_error;

/// What another process of the service, or this one after a restart, knows.
fn beside(world: &World) -> Context {
    Context { throttles: Throttles::default(), ..world.ctx.clone() }
}

/// Has Meta say that so much of a user's account's allowance is used.
async fn used(world: &World, user: &str, percent: u32) {
    world.stand_ins.patch(user, json!({"usage_percent": percent})).await;
}

async fn throttle_of(world: &World, user: &str) -> Option<throttle::Model> {
    let key = format!("account:{}", world.stand_ins.account_id(user).await);
    throttle::Entity::find_by_id(key).one(&world.ctx.db.read).await.expect("read")
}

/// How often Meta was asked for anything but tokens.
async fn asked(world: &World) -> usize {
    world.stand_ins.calls("/v26.0/1").await.len() + world.stand_ins.calls("hashtag").await.len()
}

#[tokio::test]
async fn what_is_left_of_an_allowance_is_kept_for_those_who_wait() {
    let keys = [vec!["@powr_io".to_owned()], tags(0..3)].concat();
    let world = World::with_apps(&[("w1", "powr_io")], &keys).await;
    world.ask("w1", "@powr_io").await;
    world.drain().await;
    used(&world, "powr_io", 85).await;
    world.push_feed().await;
    world.drain().await;
    let before = asked(&world).await;

    world.push_feed().await;
    world.drain().await;
    assert_eq!(asked(&world).await, before, "what is shown can wait");
    assert_eq!(freshness(&world.ask("w1", "@powr_io").await), is("stale", "rate_limited"));
    let again = world.feed().await.next_fetch_at.expect("parked") - world.ctx.now();
    assert!(TimeDelta::hours(1) < again && again < TimeDelta::hours(8), "when the window has given back: {again}");

    world.ask("w1", "#tag0").await;
    world.drain().await;
    assert_eq!(freshness(&world.ask("w1", "#tag0").await), is("fresh", ""), "somebody waits");

    used(&world, "powr_io", 95).await;
    world.ask("w1", "#tag1").await;
    world.drain().await;
    let told = asked(&world).await;
    world.ask("w1", "#tag2").await;
    world.drain().await;
    assert_eq!(asked(&world).await, told, "95 % is everybody's end");
    assert_eq!(freshness(&world.ask("w1", "#tag2").await), is("pending", "rate_limited"));
    let row = throttle_of(&world, "powr_io").await.expect("kept");
    assert!(row.percent.is_some_and(|percent| (94.9..97.0).contains(&percent)), "{row:?}");

    used(&world, "powr_io", 5).await;
    world.advance(TimeDelta::hours(26)).await;
    world.fetch_due().await;
    for key in &keys {
        assert_eq!(freshness(&world.ask("w1", key).await), is("fresh", ""), "{key}");
    }
}

#[tokio::test]
async fn a_refusal_is_heard_by_all_processes_and_outlives_them() {
    let world = World::with_feed().await;
    world.stand_ins.fault("limit", json!({"path_contains": "/media"}), graph_error(400, 80002, None)).await;
    let other = beside(&world);
    let feed = FetchFeed { feed_id: world.feed().await.id };

    world.push_feed().await;
    feed.perform(&other).await.expect("parked");
    let refused = world.stand_ins.calls("/media").await.len();
    for ctx in [&world.ctx, &beside(&world), &other] {
        world.push_feed().await;
        feed.perform(ctx).await.expect("parked");
    }
    world.drain().await;

    assert_eq!(world.stand_ins.calls("/media").await.len(), refused, "one was refused, and nobody asked again");
    let row = throttle_of(&world, "powr_io").await.expect("kept");
    assert_eq!(row.reason.as_deref(), Some("80002"));
    assert!(row.closed_until.is_some_and(|until| until > world.ctx.now() + TimeDelta::minutes(50)), "{row:?}");

    world.stand_ins.mend("limit").await;
    world.advance(TimeDelta::hours(1)).await;
    world.push_feed().await;
    world.drain().await;
    assert_eq!(freshness(&world.ask("w1", "@powr_io").await), is("fresh", ""));
    assert_eq!(throttle_of(&world, "powr_io").await.expect("kept").closed_until, None, "an answer opens it");
}

#[tokio::test]
async fn minutes_beside_a_good_answer_close_an_account() {
    let world = World::with_feed().await;
    let account = world.stand_ins.account_id("powr_io").await;
    let entry = json!({"type": "instagram", "call_count": 40, "estimated_time_to_regain_access": 7});
    let headers = json!({"x-business-use-case-usage": json!({account: [entry]}).to_string()});
    let answer = json!({"answer": {"status": 200, "headers": headers, "body": r#"{"data":[{"id":"1"}]}"#}});
    world.stand_ins.fault("told", json!({"path_contains": "/media"}), answer).await;
    world.push_feed().await;
    world.drain().await;
    let calls = world.stand_ins.calls("/media").await.len();

    world.push_feed().await;
    world.drain().await;

    assert_eq!(world.stand_ins.calls("/media").await.len(), calls);
    let wait = world.feed().await.next_fetch_at.expect("parked") - world.ctx.now();
    assert!(TimeDelta::minutes(6) < wait && wait <= TimeDelta::minutes(7), "{wait}");
}

#[tokio::test]
async fn a_limit_of_the_app_stops_everybody_and_lets_them_go_one_by_one() {
    let keys = [vec!["@powr_io".to_owned(), "@natgeo".to_owned()], tags(0..25)].concat();
    let world = World::with_apps(&[("w1", "powr_io"), ("w1", "natgeo")], &keys).await;
    world.stand_ins.forget_calls().await;
    world.stand_ins.fault("app", json!({"service": "graph"}), graph_error(400, 4, None)).await;
    world.ask_all("w1", &keys).await;
    world.drain().await;
    world.settle().await;
    let calls = world.stand_ins.calls("").await.len();
    world.fetch_due().await;

    assert!(calls <= 10, "{calls} calls, and no more than ten were under way");
    assert_eq!(world.stand_ins.calls("").await.len(), calls);
    let now = world.ctx.now();
    let times: Vec<DateTime<Utc>> =
        world.feeds().await.iter().map(|feed| feed.next_fetch_at.expect("parked")).collect();
    let waits = || times.iter().map(|at| *at - now);
    assert!(waits().all(|wait| TimeDelta::minutes(59) < wait && wait < TimeDelta::minutes(62)), "{times:?}");
    let seconds: BTreeSet<i64> = waits().map(|wait| wait.num_seconds()).collect();
    assert!(seconds.len() > keys.len() / 2, "not as a herd: {seconds:?}");

    world.stand_ins.mend("app").await;
    world.advance(TimeDelta::minutes(62)).await;
    world.fetch_due().await;
    world.settle().await;
    for key in &keys {
        assert_eq!(freshness(&world.ask("w1", key).await), is("fresh", ""), "{key}");
    }
}

#[tokio::test]
async fn a_hashtag_goes_on_with_another_account_where_one_is_closed() {
    let world = World::with_apps(&[("w1", "powr_io"), ("w1", "natgeo")], &tags(0..2)).await;
    let once = json!({"times": 1, "answer": graph_error(400, 80002, None)["answer"]});
    world.stand_ins.fault("limit", json!({"path_contains": "hashtag"}), once).await;

    world.ask("w1", "#tag0").await;
    world.drain().await;
    let closed = if throttle_of(&world, "natgeo").await.is_some() { "natgeo" } else { "powr_io" };
    world.ask("w1", "#tag1").await;
    world.drain().await;

    for key in ["#tag0", "#tag1"] {
        assert_eq!(freshness(&world.ask("w1", key).await), is("fresh", ""), "{key}");
    }
    assert!(throttle_of(&world, closed).await.is_some_and(|row| row.closed_until.is_some()));
    assert_eq!(world.asked_with(closed).await, 1, "{closed} is left alone");
}

#[tokio::test]
async fn a_connection_waits_for_a_limited_app_and_says_so() {
    let world = World::with_feed().await;
    world.stand_ins.fault("app", json!({"path_contains": "/media"}), graph_error(400, 4, None)).await;
    world.push_feed().await;
    world.drain().await;
    world.stand_ins.forget_calls().await;

    let run_id = world.start_exchange("natgeo", "w1").await;
    world.drain().await;
    let calls: Vec<Value> = world.stand_ins.calls("").await;
    let state: Value = world.http.get(&format!("{}/jobs/{run_id}", world.url)).await.json();

    assert_eq!(calls, Vec::<Value>::new());
    assert_eq!(state["state"], "retrying", "{state}");
    assert!(state["next_try_at"].is_string(), "{state}");
}

//! `fetch_feed`, from the outlet.

use chrono::TimeDelta;
use entities::FeedKey;
use entities::feed::{self, Source};
use queue::Job;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::{Value, json};
use worker::jobs::FetchFeed;

use crate::harness::World;

const SEVERAL: [&str; 3] = ["@apple", "@trees", "#food"];

fn freshness(answer: &Value) -> (&str, &str) {
    let text = |field: &str| answer["freshness"][field].as_str().unwrap_or_default();
    (text("state"), text("reason"))
}

fn answers(status: u16, headers: &Value, body: &str) -> Value {
    json!({"answer": {"status": status, "headers": headers, "body": body}})
}

/// An old app whose feeds have been fetched.
async fn with_feeds(feeds: &[&str]) -> World {
    let world = World::start().await;
    world.save_old("w1", feeds).await;
    for shown in world.fetch_all("w1", feeds).await {
        assert_eq!((shown["source"].as_str(), freshness(&shown)), (Some("outlet"), ("fresh", "")), "{shown}");
    }
    world
}

/// Makes some feeds due and has them fetched.
async fn fetch_again(world: &World, which: impl Fn(&feed::Model) -> bool) {
    for row in world.feeds().await.into_iter().filter(which) {
        let feed_id = row.id.clone();
        let due = feed::ActiveModel { next_fetch_at: Set(Some(world.ctx.now())), ..row.into_active_model() };
        due.update(&world.ctx.db.write).await.expect("written");
        world.ctx.queue.push(&FetchFeed { feed_id }).await.expect("pushed");
    }
    world.drain().await;
}

async fn outlet_calls(world: &World) -> usize {
    world.stand_ins.calls("/outlet/").await.len()
}

#[tokio::test]
async fn an_old_app_s_feed_is_read_from_the_outlet_with_nobody_s_account_and_once() {
    let world = with_feeds(&["@apple"]).await;
    let feed = world.feed().await;

    world.ctx.queue.push(&FetchFeed { feed_id: feed.id.clone() }).await.expect("pushed");
    world.drain().await;

    assert_eq!((world.feed().await, feed.source), (feed.clone(), Source::Outlet), "a second run finds the work done");
    assert_eq!((outlet_calls(&world).await, world.stand_ins.calls("/v26.0").await.len()), (1, 0));
    let shown = world.ask("w1", "@apple").await.json();
    assert_eq!(shown["account"]["username"], "apple");
    let times: Vec<_> =
        shown["data"].as_array().expect("items").iter().map(|item| item["timestamp"].as_str()).collect();
    assert!(times.len() >= 12 && times.is_sorted_by(|newer, older| newer >= older));
    let run = world.run(feed.first_run_id.as_deref().expect("a run")).await;
    assert_eq!(run.result.expect("a result")["feed"], "@apple");
}

#[tokio::test]
async fn whatever_the_outlet_answers_the_good_body_stays_and_says_why_it_is_old() {
    let world = with_feeds(&["@apple"]).await;
    let good = world.ask("w1", "@apple").await.json();
    let none = json!({});
    let empty = r#"{"account":{"id":"1","media_count":7},"data":[]}"#;
    for (name, fault, shown) in [
        ("gone", answers(404, &none, "unknown"), ("blocked", "not_found")),
        ("shut", answers(401, &none, ""), ("blocked", "app_misconfigured")),
        ("empty", answers(200, &none, empty), ("stale", "ambiguous")),
        ("limited", answers(429, &json!({"retry-after": "3600"}), ""), ("stale", "rate_limited")),
    ] {
        world.stand_ins.fault(name, json!({"service": "outlet"}), fault).await;
        fetch_again(&world, |_| true).await;
        let now = world.ask("w1", "@apple").await.json();
        assert_eq!((freshness(&now), &now["data"]), (shown, &good["data"]), "{name}");
        world.stand_ins.mend(name).await;
    }
}

#[tokio::test]
async fn an_outlet_that_wants_to_be_left_alone_is_whoever_is_asked_for() {
    let world = with_feeds(&SEVERAL).await;
    let limited = answers(429, &json!({"retry-after": "3600"}), "");
    world.stand_ins.fault("limit", json!({"path_contains": "apple"}), limited).await;
    let apple = FeedKey::account("apple").expect("a key");
    fetch_again(&world, |row| row.key == apple).await;
    world.stand_ins.mend("limit").await;
    let before = outlet_calls(&world).await;

    fetch_again(&world, |_| true).await;

    assert_eq!(outlet_calls(&world).await, before, "nobody is asked for");
    let parked = world.feeds().await;
    let hour = world.ctx.now() + TimeDelta::minutes(59);
    assert!(parked.iter().all(|feed| feed.next_fetch_at > Some(hour) && feed.failures > 0), "{parked:?}");
    world.advance(TimeDelta::minutes(62)).await;
    world.live(1).await;
    for shown in world.look_at("w1", &SEVERAL).await {
        assert_eq!(freshness(&shown), ("fresh", ""), "{shown}");
    }
}

#[tokio::test]
async fn a_first_fetch_that_the_outlet_does_not_know_says_so_and_makes_no_job_per_request() {
    let world = World::start().await;
    world.save_old("w1", &["@nosuch_account"]).await;
    let pending = world.ask("w1", "@nosuch_account").await;
    world.drain().await;
    let calls = outlet_calls(&world).await;

    let shown = world.ask("w1", "@nosuch_account").await;
    world.drain().await;

    assert_eq!((pending.status, shown.status, outlet_calls(&world).await), (202, 200, calls));
    let shown = shown.json();
    assert_eq!((shown["source"].as_str(), freshness(&shown)), (Some("outlet"), ("blocked", "not_found")));
    let run = world.run(pending.json()["job_id"].as_str().expect("an id")).await;
    let error = run.error.expect("an error");
    assert_eq!((&error["class"], &error["code"]), (&json!("not_found"), &json!("not_found")));
    assert!(!error["message"].as_str().expect("words").contains("Meta"), "{error}");
}

#[tokio::test]
async fn without_an_outlet_a_feed_of_its_says_that_the_operator_has_to_act() {
    let world = with_feeds(&["@apple"]).await;
    let due = world.feed().await;
    feed::Entity::make_due(&world.ctx.db.write, std::slice::from_ref(&due.id), world.ctx.now()).await.expect("written");

    let without = worker::Context { outlet: None, ..world.ctx.clone() };
    FetchFeed { feed_id: due.id }.perform(&without).await.expect("written down");

    assert_eq!(freshness(&world.ask("w1", "@apple").await.json()), ("blocked", "app_misconfigured"));
}

//! `fetch_feed`, where the feed is a hashtag's: what is in it, and whose account it is read with.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entities::install::Status;
use futures_util::future::join_all;
use queue::Job;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::{Value, json};
use worker::jobs::FetchFeed;

use crate::harness::World;
use crate::harness::hashtags::{freshness, is};
use crate::harness::stand_ins::graph_error;

#[tokio::test]
async fn a_hashtag_is_one_feed_and_one_search_for_all_apps_and_for_ever() {
    let connections = [("w1", "powr_io"), ("w2", "powr_io"), ("w3", "natgeo")];
    let world = World::with_apps(&connections, &["#food".to_owned()]).await;
    let ask = async || join_all(connections.map(|(app, _)| world.ask(app, "#Food"))).await;

    let first: BTreeSet<String> = ask().await.iter().map(|answer| answer.json()["job_id"].to_string()).collect();
    world.drain().await;
    let body = world.ask("w3", "#food").await.json();
    let user_of_first = world.accounts_of("food").await.remove(0);

    assert_eq!((first.len(), world.searches().await), (1, 1));
    assert_eq!((body["feed"].as_str(), &body["account"]), (Some("#food"), &Value::Null));
    let items = body["data"].as_array().expect("items");
    assert_eq!(items.len(), 50);
    assert!(items.iter().all(|item| item["username"].is_null() && item["permalink"].is_string()));

    for days in [6, 8] {
        world.advance(TimeDelta::days(days)).await;
        ask().await;
        world.fetch_due().await;
        assert_eq!(freshness(&world.ask("w1", "#food").await), is("fresh", ""), "after {days} days");
    }
    let powr = world.stand_ins.account_id("powr_io").await;
    let dead = if world.accounts_of("food").await.contains(&powr) { "powr_io" } else { "natgeo" };
    world.stand_ins.patch(dead, json!({"state": "password_changed"})).await;
    world.push_feed().await;
    world.drain().await;

    assert_eq!(freshness(&world.ask("w1", "#food").await), is("fresh", ""), "the other account takes over");
    assert_eq!(world.searches().await, 1, "a known id is never asked for again");
    let taken_over: BTreeSet<String> = world.accounts_of("food").await.into_iter().collect();
    assert!(taken_over.contains(&user_of_first) && taken_over.len() == 2, "{taken_over:?}");
}

#[tokio::test]
async fn a_second_run_finds_the_work_done() {
    let world = World::with_food().await;
    let (feed, calls) = (world.feed().await, world.stand_ins.calls("_media").await.len());

    world.ctx.queue.push(&FetchFeed { feed_id: feed.id.clone() }).await.expect("pushed");
    world.drain().await;

    assert_eq!((world.feed().await, world.stand_ins.calls("_media").await.len()), (feed, calls));
}

#[tokio::test]
async fn a_hashtag_that_meta_does_not_show_is_said_once_and_counts_nothing() {
    let world = World::with_apps(&[("w1", "powr_io"), ("w2", "natgeo")], &["#banned".to_owned()]).await;
    let pending = world.ask("w1", "#banned").await;
    world.ask("w2", "#banned").await;
    world.drain().await;

    let shown = world.ask("w1", "#banned").await;

    assert_eq!((pending.status, freshness(&shown)), (202, is("blocked", "not_found")));
    let run = world.run(pending.json()["job_id"].as_str().expect("a run")).await;
    assert!(run.error.expect("an error")["message"].as_str().is_some_and(|text| text.contains("hashtag")));
    assert_eq!((world.searches().await, world.ledger().await), (1, Vec::new()));
}

#[tokio::test]
async fn a_limited_account_is_not_called_before_its_time_and_another_one_serves() {
    let world = World::with_apps(&[("w1", "powr_io")], &["#food".to_owned()]).await;
    world.stand_ins.fault("limit", json!({"path_contains": "hashtag"}), graph_error(400, 80002, None)).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    let parked = world.ask("w1", "#food").await;
    world.fetch_due().await;

    assert_eq!((parked.status, freshness(&parked)), (202, is("pending", "rate_limited")));
    assert_eq!((world.searches().await, world.ledger().await), (1, Vec::new()), "refused, so nothing was counted");
    assert!(world.feed().await.next_fetch_at.expect("parked") > world.ctx.now() + TimeDelta::minutes(30));

    world.stand_ins.mend("limit").await;
    let limited = json!({"path_contains": "hashtag", "ig_user_id": world.stand_ins.account_id("powr_io").await});
    world.stand_ins.fault("limit", limited, graph_error(400, 80002, None)).await;
    world.register("w2", &["#food"]).await;
    world.connect("natgeo", "w2").await;
    world.ask("w2", "#food").await;
    world.push_feed().await;
    world.drain().await;

    assert_eq!(freshness(&world.ask("w1", "#food").await), is("fresh", ""));
    assert_eq!(world.accounts_of("food").await, [world.stand_ins.account_id("natgeo").await]);
}

#[tokio::test]
async fn a_malformed_answer_keeps_the_good_body_and_the_ledger() {
    let world = World::with_food().await;
    let before = world.ledger().await;
    let malformed = json!({"answer": {"status": 200, "headers": {}, "body": "{\"data\": 7"}});
    world.stand_ins.fault("broken", json!({"path_contains": "_media"}), malformed).await;
    world.push_feed().await;
    for _ in 0..FetchFeed::ATTEMPTS {
        world.drain().await;
        world.advance(TimeDelta::hours(1)).await;
    }
    world.drain().await;
    let shown = world.ask("w1", "#food").await;

    assert_eq!(freshness(&shown), is("stale", "transient"));
    assert_eq!(shown.json()["data"].as_array().map(Vec::len), Some(50));
    assert_eq!(world.ledger().await, before, "an answered window stays as it began");
}

#[tokio::test]
async fn a_quiet_hashtag_shows_what_is_popular_and_an_empty_page_replaces_nothing() {
    let world = World::with_apps(&[("w1", "powr_io")], &["#quiettown".to_owned()]).await;
    world.ask("w1", "#quiettown").await;
    world.drain().await;
    let good = world.ask("w1", "#quiettown").await;
    let empty = json!({"answer": {"status": 200, "headers": {}, "body": "{\"data\": []}"}});
    world.stand_ins.fault("empty", json!({"path_contains": "_media"}), empty).await;
    world.push_feed().await;
    world.drain().await;
    let kept = world.ask("w1", "#quiettown").await;

    assert_eq!(freshness(&good), is("fresh", ""));
    assert!(good.json()["data"].as_array().is_some_and(|items| items.len() >= 30));
    assert_eq!((freshness(&kept), &kept.json()["data"]), (is("stale", "ambiguous"), &good.json()["data"]));
}

#[tokio::test]
async fn a_slip_of_the_popular_ones_costs_no_posts() {
    let world = World::with_food().await;
    let answer = |body: &str| json!({"answer": {"status": 200, "headers": {}, "body": body}});
    let one = answer(r#"{"data": [{"id": "17900000000000001"}]}"#);
    world.stand_ins.fault("recent", json!({"path_contains": "recent_media"}), one).await;
    world.stand_ins.fault("top", json!({"path_contains": "top_media"}), answer(r#"{"data": []}"#)).await;
    world.push_feed().await;
    world.drain().await;

    let shown = world.ask("w1", "#food").await;

    assert_eq!(freshness(&shown), is("stale", "ambiguous"));
    assert_eq!(shown.json()["data"].as_array().map(Vec::len), Some(50));
}

#[tokio::test]
async fn an_account_that_may_not_is_passed_over_and_a_refusal_ends_with_the_next_connection() {
    let world = World::with_apps(&[("w1", "powr_io")], &["#food".to_owned()]).await;
    let powr = json!({"path_contains": "hashtag", "ig_user_id": world.stand_ins.account_id("powr_io").await});
    world.stand_ins.fault("no", powr, graph_error(400, 10, None)).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    let refused = world.ask("w1", "#food").await;

    world.connect("natgeo", "w1").await;

    assert_eq!(freshness(&refused), is("blocked", "permission_lost"));
    assert_eq!(freshness(&world.ask("w1", "#food").await), is("fresh", ""));
    assert_eq!(world.accounts_of("food").await, [world.stand_ins.account_id("natgeo").await]);
}

#[tokio::test]
async fn an_app_that_asks_for_the_first_time_brings_its_account_along() {
    let world = World::with_apps(&[("w1", "powr_io"), ("w2", "natgeo")], &["#food".to_owned()]).await;
    world.stand_ins.patch("powr_io", json!({"state": "password_changed"})).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    assert_eq!(freshness(&world.ask("w1", "#food").await), is("blocked", "token_dead"));

    world.ask("w2", "#food").await;
    world.drain().await;

    assert_eq!(freshness(&world.ask("w1", "#food").await), is("fresh", ""));
}

#[tokio::test]
async fn without_an_active_account_of_its_apps_a_hashtag_is_not_connected() {
    let world = World::with_food().await;
    world.connect("natgeo", "w2").await;
    let installs = world.installs().await;
    let powr = installs.into_iter().find(|install| install.instagram_account == "powr_io").expect("connected");
    let mut dead = powr.into_active_model();
    dead.status = Set(Status::Dead);
    dead.update(&world.ctx.db.write).await.expect("written");

    world.push_feed().await;
    world.drain().await;

    let shown = world.ask("w1", "#food").await;
    assert_eq!(freshness(&shown), is("blocked", "not_connected"), "an account of an app that did not ask is not used");
    assert_eq!(shown.json()["data"].as_array().map(Vec::len), Some(50));
}

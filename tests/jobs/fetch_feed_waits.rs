//! `fetch_feed`, where no account serves a hashtag: what its feed waits for, what wakes it, and when that is forgotten.

use chrono::TimeDelta;
use entities::{feed_app, hashtag_refusal};
use queue::Job;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;
use worker::jobs::Sweep;

use crate::harness::World;
use crate::harness::hashtags::{freshness, is, tags};
use crate::harness::stand_ins::graph_error;

/// `powr_io`'s account is full, and `#tag30` waits for room on behalf of `w1`.
async fn with_one_waiting(connections: &[(&str, &str)]) -> (World, String) {
    let keys = tags(0..31);
    let world = World::with_apps(connections, &keys).await;
    world.ask_all("w1", &keys[..30]).await;
    world.drain().await;
    world.ask("w1", &keys[30]).await;
    world.drain().await;
    assert_eq!(freshness(&world.ask("w1", &keys[30]).await), is("pending", "rate_limited"));
    (world, keys[30].clone())
}

#[tokio::test]
async fn waiting_hashtags_have_a_date_each_and_a_returned_place_goes_to_the_next() {
    let keys = [tags(0..32), vec!["#banned".to_owned()]].concat();
    let world = World::with_apps(&[("w1", "powr_io")], &keys).await;
    world.ask("w1", &keys[0]).await;
    world.drain().await;
    world.advance(TimeDelta::days(4)).await;
    world.ask_all("w1", &keys[1..30]).await;
    world.drain().await;
    let mut dates = Vec::new();
    for key in ["#banned", "#tag30", "#tag31"] {
        world.ask("w1", key).await;
        world.drain().await;
        dates.push(world.feed_of(key).await.next_fetch_at.expect("parked"));
        world.advance(TimeDelta::minutes(1)).await;
    }
    assert!(dates[1] - dates[0] > TimeDelta::days(3), "one place frees on the first date: {dates:?}");
    assert!(dates[2] > dates[1], "{dates:?}");

    world.advance(dates[0] - world.ctx.now() + TimeDelta::seconds(1)).await;
    world.fetch_due().await;
    world.settle().await;

    assert_eq!(freshness(&world.ask("w1", "#banned").await), is("blocked", "not_found"), "it waited longest");
    assert_eq!(freshness(&world.ask("w1", "#tag30").await), is("fresh", ""), "and its place goes on");
    assert_eq!(freshness(&world.ask("w1", "#tag31").await), is("pending", "rate_limited"));
    assert_eq!(freshness(&world.ask("w1", "#tag0").await), is("stale", "rate_limited"), "who had a week gives way");
}

#[tokio::test]
async fn an_app_that_asks_for_what_waits_for_room_brings_its_account_along() {
    let (world, key) = with_one_waiting(&[("w1", "powr_io"), ("w2", "natgeo")]).await;

    world.ask("w2", &key).await;
    world.drain().await;

    assert_eq!(freshness(&world.ask("w1", &key).await), is("fresh", ""));
}

#[tokio::test]
async fn a_dead_account_with_room_is_used_once_it_is_connected_anew() {
    let keys = tags(0..31);
    let world = World::with_apps(&[("w1", "powr_io"), ("w1", "natgeo")], &keys).await;
    world.make_dead("natgeo").await;
    world.ask_all("w1", &keys[..30]).await;
    world.drain().await;
    world.ask("w1", &keys[30]).await;
    world.drain().await;
    let waiting = world.ask("w1", &keys[30]).await;

    world.connect("natgeo", "w1").await;

    assert_eq!(freshness(&waiting), is("pending", "rate_limited"));
    assert_eq!(freshness(&world.ask("w1", &keys[30]).await), is("fresh", ""));
}

#[tokio::test]
async fn a_limited_account_that_is_connected_anew_is_left_alone_and_another_one_serves() {
    let world = World::with_apps(&[("w1", "powr_io")], &["#food".to_owned()]).await;
    world.fault_of("powr_io", "hashtag", graph_error(400, 80002, None)).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    let parked = world.feed().await;

    world.connect("powr_io", "w1").await;
    let (again, asked) = (world.feed().await, world.asked_with("powr_io").await);
    world.connect("natgeo", "w1").await;

    assert_eq!((again.next_fetch_at, asked), (parked.next_fetch_at, 1), "not before its time");
    assert_eq!(freshness(&world.ask("w1", "#food").await), is("fresh", ""));
}

#[tokio::test]
async fn a_limit_of_everybody_is_waited_for_whoever_connects() {
    let world = World::with_apps(&[("w1", "powr_io")], &["#food".to_owned()]).await;
    world.stand_ins.fault("app", json!({"path_contains": "hashtag"}), graph_error(400, 4, None)).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    world.stand_ins.mend("app").await;

    world.connect("natgeo", "w1").await;

    assert_eq!(freshness(&world.ask("w1", "#food").await), is("pending", "rate_limited"));
    assert_eq!(world.searches().await, 1);
}

#[tokio::test]
async fn who_comes_back_after_two_weeks_is_an_app_that_asks_for_the_first_time() {
    let world = World::with_apps(&[("w1", "powr_io"), ("w2", "natgeo")], &["#food".to_owned()]).await;
    world.ask("w2", "#food").await;
    world.drain().await;
    world.advance(TimeDelta::days(15)).await;
    world.stand_ins.patch("powr_io", json!({"state": "password_changed"})).await;
    world.ask("w1", "#food").await;
    world.fetch_due().await;
    // The daily check of the token may begin the incident under the fetch.
    world.settle().await;
    let blocked = freshness(&world.ask("w1", "#food").await);

    world.ask("w2", "#food").await;
    world.drain().await;

    assert_eq!((blocked, freshness(&world.ask("w1", "#food").await)), (is("blocked", "token_dead"), is("fresh", "")));
}

#[tokio::test]
async fn a_connection_wakes_no_hashtag_that_its_apps_forgot_nor_one_that_meta_hides() {
    let keys = ["#food".to_owned(), "#banned".to_owned()];
    let world = World::with_apps(&[("w1", "powr_io")], &keys).await;
    world.ask("w1", "#banned").await;
    world.drain().await;
    let hidden = world.feed().await;
    world.connect("natgeo", "w1").await;
    assert_eq!(world.feed().await.next_fetch_at, hidden.next_fetch_at, "no account finds it");

    world.stand_ins.fault("no", json!({"path_contains": "hashtag"}), graph_error(400, 190, Some(460))).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    let searches = world.searches().await;
    world.advance(TimeDelta::days(15)).await;
    world.connect("powr_io", "w1").await;
    assert_eq!(world.searches().await, searches, "nobody wants it");
}

#[tokio::test]
async fn a_first_fetch_that_failed_and_then_waits_is_no_run_to_poll() {
    let world = World::with_apps(&[("w1", "powr_io")], &["#food".to_owned()]).await;
    world.fault_of("powr_io", "hashtag", graph_error(400, 190, Some(460))).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    world.fault_of("powr_io", "hashtag", graph_error(400, 80002, None)).await;
    world.connect("powr_io", "w1").await;

    let shown = world.ask("w1", "#food").await;

    assert_eq!((shown.status, freshness(&shown)), (200, is("blocked", "rate_limited")));
    assert!(shown.json()["freshness"]["next_try_at"].is_string());
}

#[tokio::test]
async fn a_wish_ends_with_the_app_s_list_and_after_two_weeks() {
    let keys = ["#food".to_owned(), "#other".to_owned()];
    let world = World::with_apps(&[("w1", "powr_io"), ("w2", "natgeo")], &keys).await;
    world.ask("w2", "#other").await;
    world.ask("w1", "#food").await;
    world.ask("w2", "#food").await;
    world.drain().await;
    let food = world.feed_of("#food").await.id;
    let wishes = async || feed_app::Entity::find().count(&world.ctx.db.read).await.expect("read");
    assert_eq!(wishes().await, 3);

    world.register("w1", &["#other"]).await;
    let unlisted = feed_app::Entity::last_request(&world.ctx.db.read, &food, "w1").await.expect("read");
    world.advance(TimeDelta::days(15)).await;
    Sweep {}.perform(&world.ctx).await.expect("swept");

    assert_eq!((unlisted, wishes().await), (None, 0));
}

#[tokio::test]
async fn a_refusal_is_forgotten_when_it_decides_nothing_any_more() {
    let world = World::with_apps(&[("w1", "powr_io")], &["#food".to_owned()]).await;
    world.fault_of("powr_io", "hashtag", graph_error(400, 190, Some(460))).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    let refusals = async || hashtag_refusal::Entity::find().count(&world.ctx.db.read).await.expect("read");
    Sweep {}.perform(&world.ctx).await.expect("swept");
    assert_eq!(refusals().await, 1);

    world.advance(TimeDelta::days(15)).await;
    Sweep {}.perform(&world.ctx).await.expect("swept");

    assert_eq!(refusals().await, 0);
}

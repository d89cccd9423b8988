//! `fetch_feed`, where the feed is a hashtag's: which accounts are tried, which are left alone, and what wakes a feed that
//! none of them serves.

use chrono::TimeDelta;
use entities::install::Status;
use entities::{feed_app, hashtag_refusal};
use queue::Job;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, PaginatorTrait};
use serde_json::{Value, json};
use worker::jobs::Sweep;

use crate::harness::World;
use crate::harness::hashtags::{freshness, is, tags};
use crate::harness::stand_ins::graph_error;

/// Two accounts of one app; `natgeo` has searched before, so that `powr_io` has more room and comes first.
async fn with_two() -> World {
    let keys = ["#food".to_owned(), "#other".to_owned()];
    let world = World::with_apps(&[("w2", "natgeo"), ("w1", "natgeo"), ("w1", "powr_io")], &keys).await;
    world.ask("w2", "#other").await;
    world.drain().await;
    world
}

async fn fault(world: &World, user: &str, path: &str, answer: Value) {
    let account = world.stand_ins.account_id(user).await;
    world.stand_ins.fault(user, json!({"path_contains": path, "ig_user_id": account}), answer).await;
}

/// How often a hashtag was asked for with a user's account.
async fn asked_with(world: &World, user: &str) -> usize {
    let account = world.stand_ins.account_id(user).await;
    let is_hashtags = |call: &Value| {
        let path = call["path"].as_str().unwrap_or_default();
        call["ig_user_id"] == account.as_str()
            && ["hashtag_search", "recent_media", "top_media"].iter().any(|edge| path.ends_with(edge))
    };
    world.stand_ins.calls("").await.iter().filter(|call| is_hashtags(call)).count()
}

async fn make_dead(world: &World, user: &str) {
    let installs = world.installs().await;
    let install = installs.into_iter().find(|install| install.instagram_account == user).expect("connected");
    let mut dead = install.into_active_model();
    dead.status = Set(Status::Dead);
    dead.update(&world.ctx.db.write).await.expect("written");
}

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
    make_dead(&world, "natgeo").await;
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
    fault(&world, "powr_io", "hashtag", graph_error(400, 80002, None)).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    let parked = world.feed().await;

    world.connect("powr_io", "w1").await;
    let (again, asked) = (world.feed().await, asked_with(&world, "powr_io").await);
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
async fn a_limit_of_a_person_is_that_of_all_their_accounts() {
    let world = with_two().await;
    world.connect("no_posts", "w3").await;
    for install in world.installs().await {
        if install.instagram_account != "quiet_ceramics" {
            let mut same = install.into_active_model();
            same.facebook_user_id = Set(Some("1".into()));
            same.update(&world.ctx.db.write).await.expect("written");
        }
    }
    let before = asked_with(&world, "natgeo").await;
    fault(&world, "powr_io", "hashtag", graph_error(400, 17, None)).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    let parked = freshness(&world.ask("w1", "#food").await);

    world.connect("no_posts", "w1").await;

    assert_eq!((parked, asked_with(&world, "natgeo").await), (is("pending", "rate_limited"), before));
    assert_eq!(freshness(&world.ask("w1", "#food").await), is("fresh", ""), "somebody else's serves");
}

#[tokio::test]
async fn an_account_whose_calls_fail_is_passed_over_at_once() {
    let world = with_two().await;
    fault(&world, "powr_io", "hashtag", json!({"drop": true})).await;

    world.ask("w1", "#food").await;
    world.drain().await;

    assert_eq!((asked_with(&world, "powr_io").await, freshness(&world.ask("w1", "#food").await)), (1, is("fresh", "")));
}

#[tokio::test]
async fn an_account_that_is_not_there_is_passed_over_and_is_not_the_hashtags_fault() {
    let world = with_two().await;
    fault(&world, "powr_io", "hashtag", graph_error(400, 803, None)).await;
    fault(&world, "natgeo", "hashtag", graph_error(400, 110, None)).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    let refused = freshness(&world.ask("w1", "#food").await);

    world.connect("no_posts", "w1").await;

    assert_eq!((refused, freshness(&world.ask("w1", "#food").await)), (is("blocked", "not_found"), is("fresh", "")));
}

#[tokio::test]
async fn a_dead_account_is_not_asked_first_each_time() {
    let world = with_two().await;
    world.stand_ins.patch("powr_io", json!({"state": "password_changed"})).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    world.advance(TimeDelta::hours(8 * 24)).await;
    world.fetch_due().await;

    let asked = asked_with(&world, "powr_io").await;
    assert_eq!((asked, freshness(&world.ask("w1", "#food").await)), (1, is("fresh", "")));
    world.connect("powr_io", "w1").await;
    make_dead(&world, "natgeo").await;
    world.advance(TimeDelta::minutes(11)).await;
    world.fetch_due().await;
    assert!(asked_with(&world, "powr_io").await > 1, "its new credential has refused nothing");
}

#[tokio::test]
async fn what_two_accounts_are_refused_alike_is_the_fault_of_our_app() {
    let world = with_two().await;
    world.connect("no_posts", "w1").await;
    let before = asked_with(&world, "no_posts").await + asked_with(&world, "natgeo").await;
    world.stand_ins.fault("ten", json!({"path_contains": "hashtag"}), graph_error(400, 10, None)).await;

    world.ask("w1", "#food").await;
    world.drain().await;

    let asked = asked_with(&world, "no_posts").await + asked_with(&world, "natgeo").await;
    assert_eq!(asked + asked_with(&world, "powr_io").await - before, 2, "the third is not asked");
    assert_eq!(freshness(&world.ask("w1", "#food").await), is("blocked", "app_misconfigured"));
}

#[tokio::test]
async fn an_account_that_came_while_the_last_one_refused_is_tried_at_once() {
    let world = World::with_apps(&[("w1", "powr_io")], &["#food".to_owned()]).await;
    world.stand_ins.patch("powr_io", json!({"state": "password_changed"})).await;
    fault(&world, "powr_io", "hashtag", json!({"hang_ms": 1_500, "applied": true})).await;
    world.ask("w1", "#food").await;

    let connect = async {
        world.stand_ins.wait_for_call("hashtag").await;
        world.start_exchange("natgeo", "w1").await
    };
    let ((), run_id) = tokio::join!(world.drain(), connect);
    world.advance(TimeDelta::seconds(2)).await;
    world.drain().await;

    assert_eq!(world.run(&run_id).await.error, None);
    assert_eq!(freshness(&world.ask("w1", "#food").await), is("fresh", ""));
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
    fault(&world, "powr_io", "hashtag", graph_error(400, 190, Some(460))).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    fault(&world, "powr_io", "hashtag", graph_error(400, 80002, None)).await;
    world.connect("powr_io", "w1").await;

    let shown = world.ask("w1", "#food").await;

    assert_eq!((shown.status, freshness(&shown)), (200, is("blocked", "rate_limited")));
    assert!(shown.json()["freshness"]["next_try_at"].is_string());
}

#[tokio::test]
async fn a_wish_ends_with_the_app_s_list_and_after_two_weeks() {
    let world = with_two().await;
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
    fault(&world, "powr_io", "hashtag", graph_error(400, 190, Some(460))).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    let refusals = async || hashtag_refusal::Entity::find().count(&world.ctx.db.read).await.expect("read");
    Sweep {}.perform(&world.ctx).await.expect("swept");
    assert_eq!(refusals().await, 1);

    world.advance(TimeDelta::days(15)).await;
    Sweep {}.perform(&world.ctx).await.expect("swept");

    assert_eq!(refusals().await, 0);
}

//! `fetch_feed`, where the feed is a hashtag's: which accounts are tried, in which order, and which are left alone.

use chrono::TimeDelta;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::json;

use crate::harness::World;
use crate::harness::hashtags::{freshness, is};
use crate::harness::stand_ins::graph_error;

/// Two accounts of one app; `natgeo` has searched before, so that `powr_io` has more room and comes first.
async fn with_two() -> World {
    let keys = ["#food".to_owned(), "#other".to_owned()];
    let world = World::with_apps(&[("w2", "natgeo"), ("w1", "natgeo"), ("w1", "powr_io")], &keys).await;
    world.ask("w2", "#other").await;
    world.drain().await;
    world
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
    let before = world.asked_with("natgeo").await;
    world.fault_of("powr_io", "hashtag", graph_error(400, 17, None)).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    let parked = freshness(&world.ask("w1", "#food").await);

    world.connect("no_posts", "w1").await;

    assert_eq!((parked, world.asked_with("natgeo").await), (is("pending", "rate_limited"), before));
    assert_eq!(freshness(&world.ask("w1", "#food").await), is("fresh", ""), "somebody else's serves");
}

#[tokio::test]
async fn an_account_whose_calls_fail_is_passed_over_at_once() {
    let world = with_two().await;
    world.fault_of("powr_io", "hashtag", json!({"drop": true})).await;

    world.ask("w1", "#food").await;
    world.drain().await;

    assert_eq!((world.asked_with("powr_io").await, freshness(&world.ask("w1", "#food").await)), (1, is("fresh", "")));
}

#[tokio::test]
async fn an_account_that_is_not_there_is_passed_over_and_is_not_the_hashtags_fault() {
    let world = with_two().await;
    world.fault_of("powr_io", "hashtag", graph_error(400, 803, None)).await;
    world.fault_of("natgeo", "hashtag", graph_error(400, 110, None)).await;
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

    let asked = world.asked_with("powr_io").await;
    assert_eq!((asked, freshness(&world.ask("w1", "#food").await)), (1, is("fresh", "")));
    world.connect("powr_io", "w1").await;
    world.make_dead("natgeo").await;
    world.advance(TimeDelta::minutes(11)).await;
    world.fetch_due().await;
    assert!(world.asked_with("powr_io").await > 1, "its new credential has refused nothing");
}

#[tokio::test]
async fn what_two_accounts_are_refused_alike_is_the_fault_of_our_app() {
    let world = with_two().await;
    world.connect("no_posts", "w1").await;
    let before = world.asked_with("no_posts").await + world.asked_with("natgeo").await;
    world.stand_ins.fault("ten", json!({"path_contains": "hashtag"}), graph_error(400, 10, None)).await;

    world.ask("w1", "#food").await;
    world.drain().await;

    let asked = world.asked_with("no_posts").await + world.asked_with("natgeo").await;
    assert_eq!(asked + world.asked_with("powr_io").await - before, 2, "the third is not asked");
    assert_eq!(freshness(&world.ask("w1", "#food").await), is("blocked", "app_misconfigured"));
}

#[tokio::test]
async fn an_account_that_came_while_the_last_one_refused_is_tried_at_once() {
    let world = World::with_apps(&[("w1", "powr_io")], &["#food".to_owned()]).await;
    world.stand_ins.patch("powr_io", json!({"state": "password_changed"})).await;
    world.fault_of("powr_io", "hashtag", json!({"hang_ms": 1_500, "applied": true})).await;
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

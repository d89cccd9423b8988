//! `scan_crossposts`: what is new is planned, once; what is history never is.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use chrono::TimeDelta;
use entities::crosspost;
use entities::crosspost_delivery::State;
use queue::Job;
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::json;
use worker::jobs::{FetchFeed, ScanCrossposts};

use crate::harness::World;

const SCAN: ScanCrossposts = ScanCrossposts { feed_id: None };

#[tokio::test]
async fn what_was_published_before_is_never_posted_and_what_comes_after_is_posted_once() {
    let world = World::start().await;
    world.stand_ins.post("powr_io", "the day before").await;
    world.advance(TimeDelta::seconds(2)).await;
    world.crosspost(json!({})).await;
    world.ten_minutes().await;
    assert_eq!(world.deliveries().await, [], "the feed is full of history");

    world.stand_ins.post("powr_io", "hello X").await;
    world.ten_minutes().await;
    SCAN.perform(&world.ctx).await.expect("again");
    world.drain().await;
    world.ten_minutes().await;

    let posts = world.stand_ins.x_posts().await;
    assert_eq!((posts.len(), &posts[0]["text"]), (1, &json!("hello X")));
    assert_eq!(world.fates().await, [(State::Posted, None)]);
}

#[tokio::test]
async fn a_feed_is_demanded_as_long_as_a_cross_post_posts_it() {
    let world = World::start().await;
    let id = world.crosspost(json!({})).await;
    assert_eq!(world.feed().await.demand_s, Some(600));
    for _ in 0..3 {
        world.advance(TimeDelta::days(13)).await;
        world.ten_minutes().await;
    }
    let feed = world.feed().await;
    let due = feed.next_fetch_at.expect("awake, though nobody has looked at it for weeks");
    assert!(due - feed.fetched_at.expect("fetched") <= TimeDelta::minutes(10), "{feed:?}");

    let url = format!("{}/v1/crossposts/{id}", world.url);
    let paused = world.http.send(reqwest::Method::PATCH, &url, &[], Some(&json!({"paused": true}))).await;
    assert_eq!(paused.status, 200, "{}", paused.text);
    SCAN.perform(&world.ctx).await.expect("looked");
    assert_eq!(world.feed().await.demand_s, None);
}

#[tokio::test]
async fn a_name_that_went_to_another_account_is_not_posted() {
    let world = World::start().await;
    world.crosspost(json!({})).await;
    world.stand_ins.post("powr_io", "mine").await;
    let feed = world.feed().await;
    let body =
        feed.body.clone().expect("fetched").replace(&world.stand_ins.account_id("powr_io").await, "17841400000000000");
    let stolen = entities::feed::ActiveModel { body: sea_orm::ActiveValue::Set(Some(body)), ..feed.into() };
    entities::feed::Entity::update(stolen).exec(&world.ctx.db.write).await.expect("written");

    SCAN.perform(&world.ctx).await.expect("looked");
    world.drain().await;

    assert_eq!(world.deliveries().await, []);
}

#[tokio::test]
async fn one_that_is_gone_or_disconnected_posts_nothing_within_a_tick() {
    let world = World::start().await;
    world.crosspost(json!({})).await;
    let install = world.installs().await.remove(0);
    let url = format!("{}/v1/apps/w1/installs/{}", world.url, install.id);
    world.stand_ins.post("powr_io", "too late").await;
    let parted = world.http.send(reqwest::Method::DELETE, &url, &[], None).await;
    assert_eq!(parted.status, 204, "{}", parted.text);

    world.ten_minutes().await;

    assert!(world.stand_ins.x_posts().await.is_empty());
    assert_eq!(entities::crosspost::Entity::find().all(&world.ctx.db.read).await.expect("read"), [], "forgotten too");
    ScanCrossposts { feed_id: Some("gone".into()) }.perform(&world.ctx).await.expect("a feed that is gone");
}

#[tokio::test]
async fn more_than_a_feed_shows_is_planned_all_the_same_and_posted_from_the_oldest_on() {
    let world = World::start().await;
    world.crosspost(json!({"options": {"daily_cap": 2}})).await;
    world.advance(TimeDelta::seconds(2)).await;
    for caption in ["first", "second", "third"] {
        world.stand_ins.publish_picture(caption).await;
        world.advance(TimeDelta::seconds(1)).await;
    }
    let flood = world.flood().await;

    world.ten_minutes().await;

    assert_eq!(world.deliveries().await.len(), flood + 3, "all that was published, and no history");
    let posts = world.stand_ins.x_posts().await;
    assert_eq!(posts.iter().map(|post| &post["text"]).collect::<Vec<_>>(), ["first", "second"]);
}

#[tokio::test]
async fn nothing_is_planned_behind_the_end_of_a_cross_post() {
    let world = World::start().await;
    let mut id = world.crosspost(json!({})).await;
    let url = format!("{}/v1/crossposts", world.url);
    let made = world.http.get(&format!("{url}/{id}")).await.json();
    let wish = json!({"install_id": made["install_id"], "x_account_id": made["x_account_id"]});
    for waits in 0..40 {
        world.stand_ins.publish_picture("late").await;
        world.advance(TimeDelta::minutes(10)).await;
        FetchFeed { feed_id: world.feed().await.id }.perform(&world.ctx).await.expect("fetched");
        let mut scan = pin!(SCAN.perform(&world.ctx));
        let (mut left, mut done) = (waits, None);
        poll_fn(|context| match scan.as_mut().poll(context) {
            Poll::Ready(outcome) => {
                done = Some(outcome);
                Poll::Ready(())
            }
            Poll::Pending if left == 0 => Poll::Ready(()),
            Poll::Pending => {
                left -= 1;
                Poll::Pending
            }
        })
        .await;
        let deleting = async {
            if waits % 2 == 0 {
                let deleted = world.http.send(Method::DELETE, &format!("{url}/{id}"), &[], None).await;
                assert_eq!(deleted.status, 204, "{}", deleted.text);
            } else {
                // As it goes with an account that is forgotten.
                let tx = world.ctx.db.begin().await.expect("begun");
                let install_id = wish["install_id"].as_str().expect("an id");
                crosspost::Entity::forget_of_install(&tx, install_id).await.expect("deleted");
                tx.commit().await.expect("committed");
            }
        };
        let scanning = async {
            match done {
                Some(outcome) => outcome,
                None => scan.await,
            }
        };
        let ((), scanned) = tokio::join!(deleting, scanning);
        scanned.expect("it ends well");

        assert_eq!(world.fates().await, [], "after {waits} waits");
        let again = world.http.post_json(&url, &wish).await.json();
        again["id"].as_str().expect("an id").clone_into(&mut id);
    }
}

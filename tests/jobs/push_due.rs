//! `push_due`: what the rows say is due comes back into the queue, whatever the queue had lost.

use chrono::TimeDelta;
use entities::{FeedKey, feed, new_id};
use worker::exchange::{AppRef, Credential, Request};
use worker::jobs::{ExchangeToken, PushDue};

use crate::harness::World;

async fn scan(world: &World) {
    world.ctx.queue.push(&PushDue {}).await.expect("pushed");
    world.drain().await;
}

#[tokio::test]
async fn a_run_whose_push_was_lost_ends_after_the_next_scan() {
    let world = World::start().await;
    let token = world.stand_ins.mint("powr_io").await;
    let app = AppRef { app_id: "w1".into(), user: "owner".into(), app_type: String::new() };
    let request = Request { app, page_id: None, credential: Credential::Short(token.into()) };
    let run_id = new_id();
    ExchangeToken::start(&world.ctx.db, &world.ctx.keyring, run_id.clone(), request, world.ctx.now())
        .await
        .expect("written");

    scan(&world).await;
    scan(&world).await;

    assert_eq!(world.run(&run_id).await.error, None);
    assert_eq!(world.installs().await[0].generation, 1, "pushed twice, connected once");
}

#[tokio::test]
async fn a_due_feed_is_fetched_and_one_that_nobody_wants_sleeps() {
    let world = World::with_feed().await;
    world.advance(TimeDelta::minutes(11)).await;
    scan(&world).await;
    let fetched = world.stand_ins.calls("/media").await.len();

    world.advance(TimeDelta::days(15)).await;
    scan(&world).await;
    let asleep = world.stand_ins.calls("/media").await.len();
    let first_answer = world.ask("w1", "@powr_io").await;
    world.drain().await;

    assert_eq!((fetched, asleep), (2, 2));
    assert_eq!(first_answer.status, 200, "whoever asks is answered with the last good body");
    assert_eq!(world.stand_ins.calls("/media").await.len(), 3, "and the feed is awake");
}

#[tokio::test]
async fn more_due_feeds_than_a_page_are_all_pushed() {
    let world = World::start().await;
    let tx = world.ctx.db.begin().await.expect("a transaction");
    for number in 0..501 {
        let key = FeedKey::account(&format!("a{number}")).expect("a key");
        let ids = (new_id(), new_id());
        let now = world.ctx.now();
        feed::Entity::insert_due(&tx, feed::Source::Graph, &key, (&ids.0, &ids.1), now).await.expect("written");
    }
    tx.commit().await.expect("committed");

    scan(&world).await;

    let feeds = world.feeds().await;
    assert_eq!(feeds.len(), 501);
    assert!(feeds.iter().all(|feed| feed.failure.as_deref() == Some("not_connected")));
}

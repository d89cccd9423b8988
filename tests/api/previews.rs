//! `GET /instagram` as it is asked beside an answer: what is only tried in the settings, and what is noted behind it.

use chrono::TimeDelta;
use entities::{feed, feed_app};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, EntityTrait};

use crate::harness::World;
use crate::harness::hashtags::{freshness, is};

/// One app with one account, which lists nothing.
async fn world() -> World {
    World::with_apps(&[("w1", "powr_io")], &[]).await
}

async fn preview(world: &World, key: &str) -> u16 {
    let answer = world.http.get(&format!("{}&is_settings=true", world.feed_url("w1", key))).await;
    world.drain().await;
    answer.status
}

async fn fetches(world: &World) -> usize {
    world.stand_ins.calls("recent_media").await.len()
}

#[tokio::test]
async fn a_hashtag_that_is_only_tried_is_fetched_once_and_sleeps() {
    let world = world().await;

    let (first, shown) = (preview(&world, "#food").await, preview(&world, "#food").await);
    for _ in 0..3 {
        world.advance(TimeDelta::minutes(11)).await;
        world.fetch_due().await;
    }
    let asleep = fetches(&world).await;
    preview(&world, "#food").await;
    let tried_again = fetches(&world).await;

    assert_eq!((first, shown), (202, 200));
    assert_eq!((asleep, tried_again), (1, 2), "a look fetches, and time does not");
    assert_eq!(world.ask("w1", "#food").await.code(), "feed_not_registered");
}

#[tokio::test]
async fn a_hashtag_that_is_tried_and_then_listed_stays_awake() {
    let world = world().await;
    preview(&world, "#food").await;
    world.register("w1", &["#food"]).await;
    world.ask("w1", "#food").await;
    preview(&world, "#food").await;

    for _ in 0..3 {
        world.advance(TimeDelta::minutes(11)).await;
        world.fetch_due().await;
    }

    assert_eq!(fetches(&world).await, 4);
    let wish = feed_app::Entity::find().one(&world.ctx.db.read).await.expect("read").expect("a wish");
    assert!(wish.last_requested_at + TimeDelta::hours(1) > world.ctx.now());
}

#[tokio::test]
async fn a_note_that_cannot_be_made_spoils_no_answer() {
    let world = World::with_food().await;
    world.ctx.db.write.execute_unprepared("DROP TABLE feed_apps").await.expect("gone");
    world.advance(TimeDelta::hours(2)).await;

    let answer = world.ask("w1", "#food").await;

    assert_eq!((answer.status, freshness(&answer).0), (200, "stale".to_owned()), "{}", answer.text);
}

#[tokio::test]
async fn at_the_turn_of_the_hour_one_of_many_notes_the_request() {
    let world = World::with_feed().await;
    world.advance(TimeDelta::hours(2)).await;
    let (now, id) = (world.ctx.now(), world.feed().await.id);

    let all = join_all((0..50).map(|_| world.ask("w1", "@powr_io"))).await;
    let noted = world.feed().await.last_requested_at;
    let again = feed::Entity::note_request(&world.ctx.db.write, &id, now, now - TimeDelta::hours(1)).await;

    assert!(all.iter().all(|answer| freshness(answer) == is("stale", "transient")));
    assert!(noted >= now && !again.expect("written"), "whoever comes second has nothing to note");
    assert_eq!(world.feed().await.last_requested_at, noted);
}

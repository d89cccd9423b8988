//! `crosspost_media`: each media is on X once, in order, with its files; or the ledger says what it waits for.

use chrono::TimeDelta;
use entities::crosspost_delivery::State;
use entities::incident;
use queue::{Death, Job};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use worker::jobs::{CrosspostMedia, TellOperator};

use crate::harness::World;

/// Plans what is published, but lets nothing go to X.
async fn planned(world: &World, media: &[Value]) {
    for each in media {
        world.stand_ins.publish(each).await;
        world.advance(TimeDelta::seconds(2)).await;
    }
    world.ten_minutes().await;
}

fn picture(caption: &str) -> Value {
    json!({"user": "powr_io", "media_type": "IMAGE", "caption": caption, "alt_text": "a square"})
}

async fn texts(world: &World) -> Vec<String> {
    let posts = world.stand_ins.x_posts().await;
    posts.iter().map(|post| post["text"].as_str().expect("a text").to_owned()).collect()
}

#[tokio::test]
async fn pictures_albums_and_videos_go_in_order_with_their_files_and_descriptions() {
    let world = World::start().await;
    let id = world.crosspost(json!({"template": "{caption} (by {username})"})).await;
    let album = json!({"user": "powr_io", "media_type": "CAROUSEL_ALBUM", "caption": "an album", "children": 6});
    let film = json!({"user": "powr_io", "media_type": "VIDEO", "caption": "a film"});
    let mute = json!({"user": "powr_io", "media_type": "VIDEO", "caption": "others' music", "without_media_url": true});
    planned(&world, &[picture("one"), album, film, mute, picture("two")]).await;
    for _ in 0..4 {
        // X looks at the film.
        world.later(TimeDelta::seconds(5)).await;
    }

    let posts = world.stand_ins.x_posts().await;
    let by = |text: &str| format!("{text} (by powr_io)");
    assert_eq!(texts(&world).await, [by("one"), by("an album"), by("a film"), by("two")]);
    let shown: Vec<_> = posts.iter().map(|post| post["media"].as_array().expect("media").len()).collect();
    assert_eq!(shown, [1, 4, 1, 1]);
    assert_eq!((&posts[0]["media"][0]["type"], &posts[2]["media"][0]["type"]), (&json!("photo"), &json!("video")));
    assert_eq!(posts[0]["media"][0]["alt_text"], "a square");
    let skipped = (State::Skipped, Some("without_file".to_owned()));
    let posted = || (State::Posted, None);
    assert_eq!(world.fates().await, [posted(), posted(), posted(), skipped, posted()]);

    world.stand_ins.forget_calls().await;
    CrosspostMedia { crosspost_id: id }.perform(&world.ctx).await.expect("a second time");
    CrosspostMedia { crosspost_id: "gone".into() }.perform(&world.ctx).await.expect("nothing");
    assert!(world.stand_ins.calls("/x/").await.is_empty());
}

#[tokio::test]
async fn an_answer_that_is_lost_is_found_out_and_nothing_is_posted_twice() {
    for (applied, asked) in [(true, 1), (false, 2)] {
        let world = World::start().await;
        world.crosspost(json!({})).await;
        let lost = json!({"drop": true, "applied": applied, "times": 1});
        world.stand_ins.fault("lost", json!({"path_contains": "/2/tweets", "method": "POST"}), lost).await;
        planned(&world, &[picture("once")]).await;
        assert_eq!(world.deliveries().await[0].state, State::Unknown);

        world.later(TimeDelta::seconds(31)).await;

        assert_eq!(texts(&world).await, ["once"], "applied: {applied}");
        let row = world.deliveries().await.remove(0);
        assert_eq!((row.state, row.attempts, row.x_post_id.is_some()), (State::Posted, asked, true));
    }
}

#[tokio::test]
async fn a_row_that_a_crash_left_is_looked_into_before_anything_is_posted() {
    let world = World::start().await;
    let id = world.crosspost(json!({})).await;
    // The worker dies between X's answer and the commit.
    world
        .stand_ins
        .fault(
            "hang",
            json!({"path_contains": "/2/tweets", "method": "POST"}),
            json!({"hang_ms": 60_000, "applied": true, "times": 1}),
        )
        .await;
    world.stand_ins.publish(&picture("once")).await;
    world.advance(TimeDelta::minutes(10)).await;
    let feed_id = world.feed().await.id;
    worker::jobs::FetchFeed { feed_id: feed_id.clone() }.perform(&world.ctx).await.expect("fetched");
    worker::jobs::ScanCrossposts { feed_id: Some(feed_id) }.perform(&world.ctx).await.expect("planned");
    let job = CrosspostMedia { crosspost_id: id.clone() };
    tokio::select! {
        _ = job.perform(&world.ctx) => panic!("it hangs"),
        () = world.stand_ins.wait_for_calls("/2/tweets", 1) => {}
    }
    assert_eq!(world.deliveries().await[0].state, State::Posting);

    world.later(TimeDelta::seconds(31)).await;
    world.ten_minutes().await;

    assert_eq!(texts(&world).await, ["once"]);
    assert_eq!(world.fates().await, [(State::Posted, None)]);
}

#[tokio::test]
async fn a_duplicate_is_there_unless_it_is_another_media_s() {
    let world = World::start().await;
    world.crosspost(json!({})).await;
    world.stand_ins.change_x("", json!({"duplicates": "text"})).await;
    planned(&world, &[picture("good morning"), picture("good morning"), picture("good night")]).await;
    let skipped = (State::Skipped, Some("same_text".to_owned()));
    assert_eq!(world.fates().await, [(State::Posted, None), skipped, (State::Posted, None)]);
    assert_eq!(texts(&world).await, ["good morning", "good night"]);
}

#[tokio::test]
async fn what_was_deleted_is_not_posted() {
    let world = World::start().await;
    let id = world.crosspost(json!({"options": {"daily_cap": 1}})).await;
    planned(&world, &[picture("first"), picture("second"), picture("third")]).await;
    assert_eq!(texts(&world).await, ["first"], "the cap holds the others back");
    let second = world.deliveries().await[1].media_id.clone();
    world.stand_ins.unpublish(&second).await;
    world.ten_minutes().await;
    assert_eq!(world.fates().await[1].0, State::Skipped, "it is known at once, whatever it waits for");

    world.advance(TimeDelta::days(1)).await;
    world.ten_minutes().await;
    // The access to X was renewed first.
    world.later(TimeDelta::seconds(5)).await;

    assert_eq!(texts(&world).await, ["first", "third"]);
    assert_eq!(world.fates().await[1], (State::Skipped, Some("deleted".to_owned())));
    let preview = world.http.get(&format!("{}/v1/crossposts/{id}/preview", world.url)).await.json();
    assert_eq!(preview["waits_for"], "daily_cap", "{preview}");
}

#[tokio::test]
async fn what_no_database_keeps_is_posted_without_it_and_a_job_that_dies_is_told() {
    let world = World::start().await;
    let id = world.crosspost(json!({})).await;
    planned(&world, &[picture("before\0after")]).await;
    world.later(TimeDelta::seconds(5)).await;
    assert_eq!(texts(&world).await, ["beforeafter"]);

    world.stand_ins.change_x("", json!({"credits": 0})).await;
    planned(&world, &[picture("one that kills its workers")]).await;
    CrosspostMedia { crosspost_id: id }.on_dead(&world.ctx, &Death::WorkerDied).await.expect("put off");
    let open = incident::Entity::find().all(&world.ctx.db.read).await.expect("read");
    assert!(open.iter().any(|open| open.class == "transient" && open.closed_at.is_none()), "{open:?}");
}

#[tokio::test]
async fn out_of_credits_stops_the_account_and_is_told_once() {
    let world = World::start().await;
    world.crosspost(json!({})).await;
    world.stand_ins.change_x("", json!({"credits": 0})).await;
    planned(&world, &[picture("one"), picture("two")]).await;
    for _ in 0..3 {
        world.ten_minutes().await;
    }
    assert!(world.stand_ins.calls("/2/tweets").await.len() <= 1, "a stopped account is not called");
    TellOperator {}.perform(&world.ctx).await.expect("told");
    let told = world.stand_ins.alerts().await;
    assert_eq!(told.len(), 1, "{told:?}");

    world.stand_ins.change_x("", json!({"credits": null})).await;
    world.advance(TimeDelta::hours(6)).await;
    world.ten_minutes().await;
    // The access to X was renewed first.
    world.later(TimeDelta::seconds(5)).await;

    assert_eq!(texts(&world).await, ["one", "two"]);
}

#[tokio::test]
async fn a_limit_is_waited_for_and_what_x_answers_amiss_is_tried_again() {
    let world = World::start().await;
    world.crosspost(json!({})).await;
    let limited =
        json!({"answer": {"status": 429, "headers": {"content-type": "application/json"}, "body": "{}"}, "times": 1});
    world.stand_ins.fault("limited", json!({"path_contains": "/2/tweets", "method": "POST"}), limited).await;
    planned(&world, &[picture("one")]).await;
    assert_eq!(world.deliveries().await[0].state, State::Uploaded);
    let nonsense = json!({"answer": {"status": 200, "headers": {"content-type": "application/json"}, "body": "{\"data\":7}"}, "times": 1});
    world.stand_ins.fault("nonsense", json!({"path_contains": "/media/upload"}), nonsense).await;
    world.stand_ins.publish(&picture("two")).await;

    for _ in 0..4 {
        world.ten_minutes().await;
    }

    assert_eq!(texts(&world).await, ["one", "two"]);
}

//! `crosspost_media` when days lie between: what a feed does not show any more, what X keeps to itself, what it forbids.

use chrono::TimeDelta;
use entities::crosspost_delivery::State;
use entities::x_account::{self, ACCESS_TOKEN, Stopped};
use entities::{incident, seal::Keyring};
use queue::{Decision, Job};
use reqwest::Method;
use sea_orm::EntityTrait;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use worker::Context;
use worker::jobs::{CrosspostMedia, ScanCrossposts};

use crate::harness::World;

async fn texts(world: &World) -> Vec<String> {
    let posts = world.stand_ins.x_posts().await;
    posts.iter().map(|post| post["text"].as_str().expect("a text").to_owned()).collect()
}

/// Publishes these, one a second.
async fn publish(world: &World, captions: &[&str]) {
    for caption in captions {
        world.stand_ins.publish_picture(caption).await;
        world.advance(TimeDelta::seconds(1)).await;
    }
}

/// So many times so many hours pass, with all that comes back at their end.
async fn each(world: &World, hours: i64, times: usize) {
    for _ in 0..times {
        world.advance(TimeDelta::minutes(60 * hours - 9)).await;
        world.ten_minutes().await;
        // The access to X is renewed first.
        world.later(TimeDelta::seconds(5)).await;
    }
}

fn refusal(status: u16) -> Value {
    let body = json!({"title": "Forbidden", "status": status, "detail": "not this one"}).to_string();
    json!({"answer": {"status": status, "headers": {"content-type": "application/json"}, "body": body}})
}

async fn x_refuses(world: &World, path: &str, status: u16, times: u32) {
    let mut answer = refusal(status);
    answer["times"] = times.into();
    world.stand_ins.fault("refusal", json!({"path_contains": path, "method": "POST"}), answer).await;
}

async fn incidents(world: &World) -> Vec<incident::Model> {
    incident::Entity::all_open(&world.ctx.db.read).await.expect("read")
}

#[tokio::test]
async fn what_has_left_the_newest_is_read_by_itself_and_not_posted_if_it_is_gone() {
    let world = World::start().await;
    world.crosspost(json!({"options": {"daily_cap": 1}})).await;
    publish(&world, &["first", "second", "third"]).await;
    world.ten_minutes().await;
    let rows = world.deliveries().await;
    world.flood().await;
    world.stand_ins.unpublish(&rows[1].media_id).await;
    // By then the addresses that were planned have ended.
    for _ in 0..10 {
        world.advance(TimeDelta::hours(12)).await;
        world.stand_ins.forget_calls().await;
        world.ten_minutes().await;
        world.later(TimeDelta::seconds(5)).await;
        if world.deliveries().await[2].ended_at.is_some() {
            break;
        }
    }

    assert_eq!(world.fates().await[1], (State::Skipped, Some("deleted".to_owned())));
    assert_eq!(texts(&world).await, ["first", "third"]);
    assert!(!world.stand_ins.calls(&rows[2].media_id).await.is_empty(), "it was read by itself");
}

#[tokio::test]
async fn one_that_meta_cannot_show_by_itself_holds_up_no_other() {
    let world = World::start().await;
    world.crosspost(json!({"options": {"daily_cap": 1}})).await;
    publish(&world, &["first", "second", "third"]).await;
    world.ten_minutes().await;
    let rows = world.deliveries().await;
    world.flood().await;
    let broken = json!({"answer": {"status": 500, "headers": {}, "body": "{\"error\":{\"code\":2}}"}});
    world.stand_ins.fault("broken", json!({"path_contains": rows[1].media_id}), broken).await;
    world.advance(TimeDelta::days(1)).await;
    each(&world, 2, 26).await;

    let second = &world.deliveries().await[1];
    assert!(second.ended_at.is_some() && second.failures >= 8, "{second:?}");
    assert!(texts(&world).await.contains(&"third".to_owned()), "{:?}", texts(&world).await);
    assert!(incidents(&world).await.iter().all(|open| open.x_account_id.is_none()), "it is no trouble of X's");
}

#[tokio::test]
async fn an_answer_that_was_lost_is_found_out_however_long_x_keeps_silent() {
    let world = World::start().await;
    world.crosspost(json!({})).await;
    let post = json!({"path_contains": "/2/tweets", "method": "POST"});
    world.stand_ins.fault("lost", post, json!({"drop": true, "applied": true, "times": 1})).await;
    let silent = json!({"answer": {"status": 503, "headers": {}, "body": ""}});
    world.stand_ins.fault("silent", json!({"path_contains": "/tweets", "method": "GET"}), silent).await;
    world.stand_ins.publish_picture("once").await;
    world.ten_minutes().await;
    each(&world, 3, 10).await;
    assert_eq!(world.fates().await, [(State::Unknown, None)]);
    assert!(!incidents(&world).await.is_empty(), "the operator knows");

    world.stand_ins.mend("silent").await;
    each(&world, 1, 2).await;

    assert_eq!(world.fates().await, [(State::Posted, None)]);
    assert_eq!(texts(&world).await, ["once"]);
}

#[tokio::test]
async fn a_post_that_x_does_not_let_us_look_for_is_left_open_and_the_next_has_its_turn() {
    let world = World::start().await;
    world.crosspost(json!({})).await;
    let post = json!({"path_contains": "/2/tweets", "method": "POST"});
    world.stand_ins.fault("lost", post, json!({"drop": true, "applied": true, "times": 1})).await;
    let mut forbidden = refusal(403);
    forbidden["times"] = Value::Null;
    world.stand_ins.fault("forbidden", json!({"path_contains": "/tweets", "method": "GET"}), forbidden).await;
    publish(&world, &["one", "two"]).await;
    world.ten_minutes().await;
    each(&world, 2, 15).await;

    assert_eq!(world.fates().await, [(State::Unknown, Some("no_answer".to_owned())), (State::Posted, None)]);
    let account = x_account::Entity::find().one(&world.ctx.db.read).await.expect("read").expect("an account");
    assert_eq!(account.stopped_for, None);
}

#[tokio::test]
async fn a_post_is_found_behind_all_that_its_person_has_posted_since() {
    let world = World::start().await;
    world.crosspost(json!({})).await;
    world.stand_ins.change_x("/users/powr_io", json!({"posts_allowed": 1_000})).await;
    let post = json!({"path_contains": "/2/tweets", "method": "POST"});
    world.stand_ins.fault("lost", post, json!({"drop": true, "applied": true, "times": 1})).await;
    world.stand_ins.publish_picture("once").await;
    world.ten_minutes().await;
    world.advance(TimeDelta::minutes(6)).await;
    let account = x_account::Entity::find().one(&world.ctx.db.read).await.expect("read").expect("an account");
    let sealed = account.access_token.as_ref().expect("a token");
    let token = world.ctx.keyring.open(ACCESS_TOKEN.place(&account.id), sealed).expect("it opens");
    let bearer = format!("Bearer {}", token.expose_secret());
    for number in 0..101 {
        let url = format!("{}/x/2/tweets", world.stand_ins.url);
        let said = json!({"text": format!("said {number}")});
        let posted = world.http.send(Method::POST, &url, &[("authorization", &bearer)], Some(&said)).await;
        assert_eq!(posted.status, 201, "{}", posted.text);
    }

    world.later(TimeDelta::seconds(31)).await;

    let row = world.deliveries().await.remove(0);
    assert_eq!((row.state, row.attempts, row.x_post_id.is_some()), (State::Posted, 1, true));
}

#[tokio::test]
async fn what_x_forbids_for_three_days_is_given_up_and_the_next_has_its_turn() {
    for path in ["/2/tweets", "/media/upload"] {
        let world = World::start().await;
        world.crosspost(json!({})).await;
        x_refuses(&world, path, 403, 12).await;
        publish(&world, &["forbidden", "fine"]).await;
        world.ten_minutes().await;
        each(&world, 6, 10).await;
        assert_eq!(texts(&world).await, Vec::<String>::new(), "{path}: X is asked for two days and a half");
        each(&world, 6, 2).await;

        assert_eq!(world.fates().await, [(State::Failed, Some("refused".to_owned())), (State::Posted, None)], "{path}");
        assert_eq!((texts(&world).await, world.deliveries().await[0].forbidden), (vec!["fine".to_owned()], 11));
    }
}

#[tokio::test]
async fn days_without_credits_are_no_word_of_x_s_about_a_media() {
    let world = World::start().await;
    world.crosspost(json!({})).await;
    x_refuses(&world, "/2/tweets", 402, 14).await;
    world.stand_ins.publish_picture("one").await;
    world.ten_minutes().await;
    each(&world, 6, 13).await;
    assert_eq!(world.deliveries().await[0].attempts, 14);
    x_refuses(&world, "/2/tweets", 403, 1).await;
    each(&world, 6, 1).await;
    assert_eq!(world.deliveries().await[0].ended_at, None);
    each(&world, 6, 1).await;

    assert_eq!(texts(&world).await, ["one"]);
}

#[tokio::test]
async fn whoever_connects_again_is_not_held_up_by_what_x_forbade_before() {
    let world = World::start().await;
    world.crosspost(json!({})).await;
    x_refuses(&world, "/2/tweets", 403, 1).await;
    world.stand_ins.publish_picture("one").await;
    world.ten_minutes().await;
    let account = async || x_account::Entity::find().one(&world.ctx.db.read).await.expect("read").expect("an account");
    assert_eq!(account().await.stopped_for, Some(Stopped::Forbidden));

    world.connect_on_x("powr_io", "w1").await;
    world.ten_minutes().await;

    assert_eq!((account().await.stopped_for, texts(&world).await), (None, vec!["one".to_owned()]));
}

#[tokio::test]
async fn a_stop_that_came_after_a_post_was_asked_for_is_not_lifted_by_it() {
    let world = World::start().await;
    let id = world.crosspost(json!({})).await;
    let post = json!({"path_contains": "/2/tweets", "method": "POST"});
    world.stand_ins.fault("slow", post, json!({"hang_ms": 1_000, "applied": true, "times": 1})).await;
    world.stand_ins.publish_picture("slow").await;
    world.advance(TimeDelta::minutes(10)).await;
    let feed_id = world.feed().await.id;
    worker::jobs::FetchFeed { feed_id: feed_id.clone() }.perform(&world.ctx).await.expect("fetched");
    ScanCrossposts { feed_id: Some(feed_id) }.perform(&world.ctx).await.expect("planned");
    let (ctx, job) = (world.ctx.clone(), CrosspostMedia { crosspost_id: id });
    let posting = tokio::spawn(async move { job.perform(&ctx).await });
    world.stand_ins.wait_for_calls("/2/tweets", 1).await;
    let account = x_account::Entity::find().one(&world.ctx.db.read).await.expect("read").expect("an account");
    let (now, db) = (world.ctx.now(), &world.ctx.db.write);
    let until = now + TimeDelta::hours(6) + TimeDelta::seconds(1);
    x_account::Entity::stop(db, &account.id, Stopped::Credits, until, now).await.expect("written");
    posting.await.expect("no panic").expect("it ends well");

    let account = x_account::Entity::find().one(&world.ctx.db.read).await.expect("read").expect("an account");
    assert_eq!((world.fates().await, account.stopped_for), (vec![(State::Posted, None)], Some(Stopped::Credits)));
}

#[tokio::test]
async fn a_picture_goes_without_its_words_where_x_does_not_take_them_and_says_what_is_wanted_by_then() {
    let world = World::start().await;
    let id = world.crosspost(json!({})).await;
    let refused = json!({"answer": {"status": 400, "headers": {}, "body": "{\"title\":\"Invalid Request\"}"}});
    world.stand_ins.fault("words", json!({"path_contains": "/media/metadata"}), refused).await;
    x_refuses(&world, "/2/tweets", 429, 1).await;
    world.stand_ins.publish_picture("one").await;
    world.ten_minutes().await;
    assert_eq!(world.deliveries().await[0].state, State::Uploaded, "it waits for a limit");
    let url = format!("{}/v1/crossposts/{id}", world.url);
    let preview = world.http.get(&format!("{url}/preview")).await.json();
    assert_eq!((&preview["waits_for"], preview["waits_until"].is_string()), (&json!("x_limit"), true), "{preview}");
    world.http.send(Method::PATCH, &url, &[], Some(&json!({"template": "new: {caption}"}))).await;

    for _ in 0..3 {
        world.ten_minutes().await;
    }

    assert_eq!(texts(&world).await, ["new: one"]);
}

#[tokio::test]
async fn a_file_that_cannot_be_had_is_no_trouble_of_x_s() {
    let world = World::start().await;
    world.crosspost(json!({})).await;
    let gone = json!({"answer": {"status": 403, "headers": {}, "body": ""}});
    world.stand_ins.fault("file", json!({"service": "cdn"}), gone).await;
    world.stand_ins.publish_picture("one").await;
    world.ten_minutes().await;
    each(&world, 1, 8).await;

    assert_eq!(world.fates().await, [(State::Skipped, Some("without_file".to_owned()))]);
    assert!(incidents(&world).await.is_empty(), "{:?}", incidents(&world).await);
}

#[tokio::test]
async fn a_key_that_is_missing_is_waited_for_and_nothing_is_asked_meanwhile() {
    let world = World::start().await;
    let id = world.crosspost(json!({})).await;
    world.stand_ins.publish_picture("one").await;
    world.stand_ins.fault("held", json!({"path_contains": "/media/upload"}), json!({"drop": true})).await;
    world.ten_minutes().await;
    world.stand_ins.mend("held").await;
    world.advance(TimeDelta::hours(3)).await;
    worker::jobs::FetchFeed { feed_id: world.feed().await.id }.perform(&world.ctx).await.expect("fetched");
    let keyring = Keyring::parse(&Keyring::generate("other")).expect("a key");
    let ctx = Context { keyring, ..world.ctx.clone() };
    let before = x_account::Entity::find().one(&ctx.db.read).await.expect("read").expect("an account");

    let outcome = CrosspostMedia { crosspost_id: id }.perform(&ctx).await.expect_err("it waits");

    let after = x_account::Entity::find().one(&ctx.db.read).await.expect("read").expect("an account");
    assert!(matches!(outcome.decision(), Decision::RetryAfter(wait) if wait.as_secs() >= 60), "{outcome:?}");
    assert_eq!(before.refresh_due_at, after.refresh_due_at);
}

//! `forget_installs`.

use chrono::TimeDelta;
use entities::deletion::{self, Kind};
use entities::email_delivery::State;
use entities::feed::Source;
use entities::{
    app_install, connect_link, diagnosis, email_delivery, feed_app, hashtag_search, incident, incident_install,
    job_run, throttle,
};
use queue::{Death, Job};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, PaginatorTrait};
use serde_json::json;
use worker::jobs::{CheckToken, FetchFeed, ForgetInstalls, PushDue, SendExpiryEmail, Subject};

use crate::harness::{World, within_reason};

async fn wish(world: &World, kind: Kind, id: &str) -> ForgetInstalls {
    let secret = sandbox::DEFAULT_APP_SECRET.to_owned().into();
    let subject = Subject { kind, id: id.to_owned() };
    let now = world.ctx.now();
    subject.ask(&world.ctx.db.write, Some(&secret), now, now).await.expect("written")
}

/// The app-scoped id of the person who connected the only install.
async fn person(world: &World) -> String {
    world.installs().await[0].facebook_user_id.clone().expect("a person")
}

async fn look(world: &World, code: &str) -> deletion::Model {
    deletion::Entity::find_by_id(code).one(&world.ctx.db.read).await.expect("read").expect("a tombstone")
}

#[tokio::test]
async fn nothing_is_left_but_a_tombstone_that_names_nobody() {
    let world = World::with_feed().await;
    world.register("w1", &["#food"]).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    let (person, install) = (person(&world).await, world.installs().await.remove(0));
    let db = &world.ctx.db.read;
    assert!(hashtag_search::Entity::find().count(db).await.expect("read") > 0);

    let job = wish(&world, Kind::Person, &person).await;
    for _ in 0..2 {
        job.perform(&world.ctx).await.expect("forgotten");
    }

    assert!(world.installs().await.is_empty());
    assert!(world.feeds().await.iter().all(|feed| feed.key.as_str() == "#food"), "a hashtag is nobody's");
    assert_eq!(app_install::Entity::find().count(db).await.expect("read"), 0);
    assert_eq!(hashtag_search::Entity::find().count(db).await.expect("read"), 0);
    assert_eq!(feed_app::Entity::find().count(db).await.expect("read"), 1, "the app still wants the hashtag");
    for run in job_run::Entity::find().all(db).await.expect("read") {
        let told = format!("{:?}{:?}", run.result, run.error);
        assert!(!told.contains("powr_io") && !told.contains(&install.page_id), "{told}");
    }
    let tombstone = look(&world, &job.code).await;
    assert_eq!((tombstone.installs, tombstone.feeds, tombstone.hashes.0.len()), (1, 1, 3));
    assert_eq!((tombstone.subject, tombstone.due_at), (None, None));
    assert!(tombstone.done_at.is_some_and(|at| at >= tombstone.requested_at));
}

#[tokio::test]
async fn a_call_that_comes_home_later_brings_nothing_back() {
    let world = World::with_feed().await;
    world.stand_ins.patch("powr_io", json!({"usage_percent": 70})).await;
    world.push_feed().await;
    world.drain().await;
    let throttles = async || throttle::Entity::find().all(&world.ctx.db.read).await.expect("read");
    let of_people = async || throttles().await.into_iter().filter(|row| row.key != "app").count();
    assert!(of_people().await > 0, "there is something to forget: {:?}", throttles().await);
    let job = wish(&world, Kind::Person, &person(&world).await).await;
    world.stand_ins.forget_calls().await;
    world.stand_ins.patch("powr_io", json!({"usage_percent": 90})).await;
    world.stand_ins.fault("slow", json!({"path_contains": "/media"}), json!({"hang_ms": 800})).await;
    world.push_feed().await;
    let fetch = FetchFeed { feed_id: world.feed().await.id };

    let (fetched, ()) = tokio::join!(fetch.perform(&world.ctx), async {
        world.stand_ins.wait_for_call("/media").await;
        job.perform(&world.ctx).await.expect("forgotten");
    });

    fetched.expect("there is nothing left to do");
    assert_eq!(of_people().await, 0, "{:?}", throttles().await);
    assert!(world.feeds().await.is_empty() && world.installs().await.is_empty());
    world.stand_ins.mend("slow").await;
    world.connect("powr_io", "w1").await;
    assert_eq!(world.ask("w1", "@powr_io").await.status, 202);
    world.drain().await;
    assert!(of_people().await > 0, "who comes back is counted again: {:?}", throttles().await);
}

#[tokio::test]
async fn a_check_that_comes_home_later_leaves_no_doubt_behind() {
    let world = World::start().await;
    let install = world.connect_of("powr_io", "w1", "ann@example.com").await;
    let job = wish(&world, Kind::Person, &person(&world).await).await;
    world.stand_ins.patch("powr_io", json!({"state": "password_changed"})).await;
    world.advance(TimeDelta::days(1)).await;
    world.stand_ins.forget_calls().await;
    world.stand_ins.fault("slow", json!({"path_contains": "/debug_token"}), json!({"hang_ms": 800})).await;
    let check = CheckToken { install_id: install.id };

    let (checked, ()) = tokio::join!(check.perform(&world.ctx), async {
        world.stand_ins.wait_for_call("/debug_token").await;
        job.perform(&world.ctx).await.expect("forgotten");
    });

    checked.expect("there is nothing left to look into");
    let db = &world.ctx.db.read;
    assert_eq!(diagnosis::Entity::find().all(db).await.expect("read"), []);
    assert_eq!(incident::Entity::find().all(db).await.expect("read"), []);
    assert_eq!(incident_install::Entity::find().all(db).await.expect("read"), []);
}

#[tokio::test]
async fn a_letter_that_was_about_to_be_written_is_not() {
    let world = World::start().await;
    world.connect_of("powr_io", "w1", "ann@example.com").await;
    let install = world.connect_of("powr_io", "w2", "bob@example.com").await;
    world.ends_in(&install.id, 3).await;
    let job = wish(&world, Kind::Person, &person(&world).await).await;
    let (tell, db) = (SendExpiryEmail { install_id: install.id }, &world.ctx.db.read);
    let letters = async || email_delivery::Entity::find().all(db).await.expect("read");
    let is_sent = |letter: &email_delivery::Model| letter.state == State::Sending;
    let slow = json!({"service": "smtp", "path_contains": "/smtp/message/ann"});
    world.stand_ins.fault("slow", slow, json!({"hang_ms": 800})).await;

    // While the first is handed over, the second is not written yet.
    let (told, ()) = tokio::join!(tell.perform(&world.ctx), async {
        within_reason(async { while !letters().await.iter().any(is_sent) {} }).await;
        job.perform(&world.ctx).await.expect("forgotten");
    });

    told.expect("there is nobody left to be told");
    assert_eq!(letters().await, []);
    assert_eq!(connect_link::Entity::find().all(db).await.expect("read"), []);
    assert!(world.mails_to("bob@example.com").await.is_empty());
}

#[tokio::test]
async fn what_the_outlet_told_of_the_account_goes_with_the_person_and_stays_for_other_apps() {
    let world = World::with_feed().await;
    let mut told = world.feed().await.into_active_model();
    told.id = Set(entities::new_id());
    told.source = Set(Source::Outlet);
    told.insert(&world.ctx.db.write).await.expect("written");
    let install = world.installs().await.remove(0);
    let sources = async || world.feeds().await.iter().map(|feed| feed.source).collect::<Vec<_>>();

    app_install::Entity::delete_many().exec(&world.ctx.db.write).await.expect("parted");
    wish(&world, Kind::Install, &install.id).await.perform(&world.ctx).await.expect("forgotten");
    assert_eq!(sources().await, [Source::Outlet]);

    world.connect("powr_io", "w1").await;
    let person = person(&world).await;
    wish(&world, Kind::Person, &person).await.perform(&world.ctx).await.expect("forgotten");
    assert_eq!(sources().await, []);
}

#[tokio::test]
async fn what_somebody_else_connected_meanwhile_is_left_alone() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    world.connect("natgeo", "w1").await;

    let job = wish(&world, Kind::Person, "1").await;
    job.perform(&world.ctx).await.expect("nothing to forget");

    assert_eq!(world.installs().await.iter().filter(|install| install.page_token.is_some()).count(), 2);
    assert!(look(&world, &job.code).await.done_at.is_some());
}

#[tokio::test]
async fn an_install_that_an_app_uses_again_is_kept() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    let id = world.installs().await.remove(0).id;

    let job = wish(&world, Kind::Install, &id).await;
    job.perform(&world.ctx).await.expect("looked at");

    assert!(world.installs().await[0].page_token.is_some());
}

#[tokio::test]
async fn a_wish_whose_push_was_lost_is_fulfilled_after_the_next_scan() {
    let world = World::with_feed().await;
    let job = wish(&world, Kind::Person, &person(&world).await).await;

    world.ctx.queue.push(&PushDue {}).await.expect("pushed");
    world.drain().await;

    assert!(world.installs().await.is_empty() && look(&world, &job.code).await.done_at.is_some());
}

#[tokio::test]
async fn a_wish_whose_job_died_is_tried_again_in_an_hour() {
    let world = World::with_feed().await;
    let job = wish(&world, Kind::Person, &person(&world).await).await;
    job.on_dead(&world.ctx, &Death::WorkerDied).await.expect("written");
    world.ctx.queue.push(&PushDue {}).await.expect("pushed");
    world.drain().await;
    assert_eq!(world.installs().await.len(), 1, "not yet");

    world.advance(TimeDelta::minutes(61)).await;
    world.ctx.queue.push(&PushDue {}).await.expect("pushed");
    world.drain().await;

    assert!(world.installs().await.is_empty());
}

#[tokio::test]
async fn who_comes_back_and_wants_to_be_forgotten_again_is() {
    let world = World::with_feed().await;
    let person = person(&world).await;
    let first = wish(&world, Kind::Person, &person).await;
    first.perform(&world.ctx).await.expect("forgotten");
    assert_eq!(world.connect("powr_io", "w1").await.error, None);

    let second = wish(&world, Kind::Person, &person).await;
    second.perform(&world.ctx).await.expect("forgotten");

    assert_eq!((first.code, look(&world, &second.code).await.installs), (second.code, 2));
    assert!(world.installs().await.is_empty());
}

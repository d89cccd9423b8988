//! An account that was renamed: whatever hung on its old name goes along, or goes.

use chrono::TimeDelta;
use entities::deletion;
use entities::deletion::Kind;
use entities::feed::{self, Source};
use entities::job_run::{self, State};
use migration::{Migrator, MigratorTrait};
use queue::Job;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::json;
use worker::jobs::{ExchangeToken, FetchFeed, Subject};

use crate::harness::World;
use crate::harness::hashtags::{freshness, is};

const NEW: &str = "powr.new";

impl World {
    /// Has `powr_io` renamed, and its account read again with its feed, as once a day.
    async fn rename_and_notice(&self) {
        self.stand_ins.rename("powr_io", NEW).await;
        self.advance(TimeDelta::hours(25)).await;
        self.push_feed().await;
        self.drain().await;
        assert_eq!(self.installs().await[0].instagram_account, NEW);
    }

    /// All that is kept of feeds and runs, as one text.
    async fn feeds_and_runs(&self) -> String {
        let db = &self.ctx.db.read;
        let runs = job_run::Entity::find().all(db).await.expect("read");
        format!("{:?}{runs:?}", feed::Entity::find().all(db).await.expect("read"))
    }
}

#[tokio::test]
async fn what_was_shown_under_the_old_name_goes_with_the_name() {
    let world = World::with_feed().await;
    assert!(world.feeds_and_runs().await.contains("@powr_io"));

    world.rename_and_notice().await;

    let left = world.feeds_and_runs().await;
    assert!(!left.contains("@powr_io"), "{left}");
}

#[tokio::test]
async fn a_reconnect_under_the_new_name_takes_the_old_one_along_too() {
    let world = World::with_feed().await;
    world.stand_ins.rename("powr_io", NEW).await;

    let run = world.connect("powr_io", "w1").await;

    assert_eq!(run.result.expect("connected")["instagram_account"], NEW);
    let left = world.feeds_and_runs().await;
    assert!(!left.contains("@powr_io"), "{left}");
}

#[tokio::test]
async fn who_is_forgotten_behind_a_new_name_leaves_nothing_under_the_old_one() {
    let world = World::with_feed().await;
    world.rename_and_notice().await;
    assert_eq!(world.ask("w1", "@powr.new").await.status, 202);
    world.drain().await;
    let person = world.installs().await.remove(0).facebook_user_id.expect("a person");
    let (secret, now) = (sandbox::DEFAULT_APP_SECRET.to_owned().into(), world.ctx.now());
    let subject = Subject { kind: Kind::Person, id: person };
    let wish = subject.ask(&world.ctx.db.write, Some(&secret), now, now).await.expect("kept");

    wish.perform(&world.ctx).await.expect("forgotten");

    assert_eq!(world.feeds().await, []);
    let tombstone = deletion::Entity::find_by_id(wish.code).one(&world.ctx.db.read).await.expect("read");
    assert!(tombstone.is_some_and(|tombstone| tombstone.done_at.is_some()));
}

/// Its posts are found by whose they are, wherever they stand: here those that the outlet told.
#[tokio::test]
async fn what_the_outlet_told_under_the_old_name_is_forgotten_with_the_person() {
    let world = World::with_feed().await;
    let account = world.stand_ins.account_id("powr_io").await;
    world.save_old("old", &["@powr_io"]).await;
    let told = json!({"account": {"id": account, "username": "powr_io"}, "data": [{"id": "1"}]}).to_string();
    let answer = json!({"answer": {"status": 200, "headers": {}, "body": told}});
    world.stand_ins.fault("told", json!({"service": "outlet"}), answer).await;
    assert_eq!(world.ask("old", "@powr_io").await.status, 202);
    world.drain().await;
    world.stand_ins.rename("powr_io", NEW).await;
    world.connect("powr_io", "w1").await;
    assert_eq!(world.feed().await.source, Source::Outlet, "its app is shown what the outlet shows");
    let person = world.installs().await.remove(0).facebook_user_id.expect("a person");
    let (secret, now) = (sandbox::DEFAULT_APP_SECRET.to_owned().into(), world.ctx.now());
    let wish = Subject { kind: Kind::Person, id: person }.ask(&world.ctx.db.write, Some(&secret), now, now).await;

    wish.expect("kept").perform(&world.ctx).await.expect("forgotten");

    assert_eq!(world.feeds().await, []);
}

#[tokio::test]
async fn who_asks_for_the_old_name_is_told_that_nobody_serves_it() {
    let world = World::with_feed().await;
    world.register("w1", &["@powr_io"]).await;
    world.rename_and_notice().await;

    let asked = world.ask("w1", "@powr_io").await;

    assert_eq!((asked.status, freshness(&asked)), (200, is("blocked", "not_connected")));
    assert_eq!(asked.json()["data"], json!([]));
    assert_eq!(world.feeds().await, [], "no row, no job");
}

#[tokio::test]
async fn whoever_waits_for_the_first_posts_under_the_old_name_is_told_the_end() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    let asked = world.ask("w1", "@powr_io").await;
    let run_id = asked.json()["job_id"].as_str().expect("a run").to_owned();
    world.stand_ins.rename("powr_io", NEW).await;
    world.advance(TimeDelta::hours(25)).await;

    world.drain().await;

    let run = world.run(&run_id).await;
    assert_eq!((run.state, run.error.expect("an error")["code"].as_str()), (State::Failed, Some("not_connected")));
    assert_eq!(world.feeds().await, []);
}

#[tokio::test]
async fn whoever_bears_the_old_name_next_is_never_shown_the_posts_of_who_bore_it() {
    let world = World::with_feed().await;
    world.register("w1", &["@powr_io"]).await;
    // Nobody has noticed yet that `powr_io` is called otherwise by now.
    world.stand_ins.rename("natgeo", "powr_io").await;
    world.connect("natgeo", "w2").await;

    let first = world.ask("w2", "@powr_io").await;
    assert_eq!(first.status, 202, "{}", first.text);
    world.drain().await;

    let natgeo = world.stand_ins.account_id("natgeo").await;
    let shown = world.ask("w2", "@powr_io").await.json();
    assert_eq!((&shown["account"]["id"], &shown["data"][0]["id"]), (&json!(natgeo), &json!("17900000000000001")));

    // Then it is noticed: what the name shows by now is another's, and stays.
    world.stand_ins.rename("powr_io", NEW).await;
    world.connect("powr_io", "w1").await;
    assert_eq!(world.ask("w2", "@powr_io").await.json()["data"], shown["data"]);
}

#[tokio::test]
async fn posts_that_come_home_when_the_name_is_another_s_are_not_kept_as_that_one_s() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    assert_eq!(world.ask("w1", "@powr_io").await.status, 202);
    world.stand_ins.rename("natgeo", "powr_io").await;
    let run_id = world.start_exchange("natgeo", "w2").await;
    world.stand_ins.fault("slow", json!({"path_contains": "/media"}), json!({"hang_ms": 800})).await;
    let fetch = FetchFeed { feed_id: world.feed().await.id };

    let (fetched, ()) = tokio::join!(fetch.perform(&world.ctx), async {
        world.stand_ins.wait_for_call("/media").await;
        ExchangeToken { run_id: run_id.clone() }.perform(&world.ctx).await.expect("connected");
    });
    assert!(fetched.is_err(), "it begins anew");
    world.stand_ins.mend("slow").await;
    fetch.perform(&world.ctx).await.expect("fetched");

    assert_eq!(world.run(&run_id).await.error, None);
    let natgeo = world.stand_ins.account_id("natgeo").await;
    assert_eq!(world.ask("w2", "@powr_io").await.json()["account"]["id"], natgeo);
}

/// What was there before it was kept whose posts a feed holds.
#[tokio::test]
async fn what_was_left_behind_under_old_names_went_when_that_was_looked_at_first() {
    let world = World::with_feed().await;
    world.register("w1", &["#food"]).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    let body = world.feeds().await.into_iter().find_map(|feed| feed.body.filter(|_| feed.key.as_str() == "@powr_io"));
    let (db, account) = (&world.ctx.db.write, world.stand_ins.account_id("powr_io").await);
    let migrations = Migrator::migrations();
    let place = migrations.iter().position(|migration| migration.name().ends_with("keep_whose_posts_feeds_hold"));
    let later = u32::try_from(migrations.len() - place.expect("it is there")).expect("few");
    Migrator::down(db, Some(later)).await.expect("down");
    for (id, source, key) in [("left", "graph", "@before"), ("told", "outlet", "@before")] {
        let columns = "body, fetched_at, last_requested_at, failures, created_at, updated_at";
        let copy = format!(
            "INSERT INTO feeds (id, source, key, {columns}) \
             SELECT '{id}', '{source}', '{key}', {columns} FROM feeds WHERE key = '@powr_io' AND source = 'graph'"
        );
        db.execute_unprepared(&copy).await.expect(&copy);
    }
    db.execute_unprepared("UPDATE job_runs SET subject = 'left' WHERE kind = 'fetch_feed' AND result IS NOT NULL")
        .await
        .expect("written");

    Migrator::up(db, None).await.expect("up");

    let mut left = world.feeds().await;
    left.sort_by(|one, other| one.key.cmp(&other.key));
    let left: Vec<_> = left.iter().map(|feed| (feed.key.as_str(), feed.source, feed.account_id.clone())).collect();
    let account = Some(account);
    assert_eq!(
        left,
        [
            ("#food", Source::Graph, None),
            ("@before", Source::Outlet, account.clone()),
            ("@powr_io", Source::Graph, account)
        ]
    );
    assert_eq!(
        world.feeds().await.into_iter().find_map(|feed| feed.body.filter(|_| feed.key.as_str() == "@powr_io")),
        body
    );
    assert!(!world.feeds_and_runs().await.contains("\"left\""), "nor is there what a run told of it");
}

#[tokio::test]
async fn a_fetch_that_runs_twice_finds_its_row_gone() {
    let world = World::with_feed().await;
    let job = FetchFeed { feed_id: world.feed().await.id };
    world.rename_and_notice().await;

    job.perform(&world.ctx).await.expect("nothing is left to do");

    assert_eq!(world.feeds().await, []);
}

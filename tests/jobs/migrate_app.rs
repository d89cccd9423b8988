//! `migrate_app`: which feeds have moved follows from what is connected, whatever happens in between.

use chrono::TimeDelta;
use entities::app;
use entities::deletion::Kind;
use queue::{Death, Job};
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::json;
use worker::exchange::Credential;
use worker::jobs::{ExchangeToken, MigrateApp, PushDue, Subject};

use crate::harness::World;

const FEEDS: [&str; 5] = ["#food", "@powr_io", "@natgeo", "@apple", "@trees"];

/// An old app with the five feeds, to whose user the move is open.
async fn offered() -> World {
    let world = World::start().await;
    world.roll_out().await;
    world.save_old("w1", &FEEDS).await;
    world
}

/// Connects an account, and leaves what follows from it undone.
async fn connect_only(world: &World, user: &str) {
    let run_id = world.start_exchange(user, "w1").await;
    ExchangeToken { run_id: run_id.clone() }.perform(&world.ctx).await.expect("done");
    assert_eq!(world.run(&run_id).await.error, None);
}

async fn disconnect(world: &World, account: &str) {
    let installs = world.installs().await;
    let install = installs.iter().find(|install| install.instagram_account == account).expect("connected");
    let url = format!("{}/v1/apps/w1/installs/{}", world.url, install.id);
    assert_eq!(world.http.send(Method::DELETE, &url, &[], None).await.status, 204);
}

impl World {
    async fn app(&self, app_id: &str) -> app::Model {
        app::Entity::find_by_id(app_id).one(&self.ctx.db.read).await.expect("read").expect("an app")
    }

    /// What an app's row says of its move: the value (a date is `date`) and the list. Nothing is due any more.
    async fn moved(&self, app_id: &str) -> (Option<&'static str>, Vec<String>) {
        let app = self.app(app_id).await;
        assert_eq!(app.migrate_due_at, None);
        let value = app.instagram_graph_api_migrated_at.map(|value| if value == "never" { "never" } else { "date" });
        (value, app.instagram_not_migrated_feeds.0)
    }
}

fn date(list: &[&str]) -> (Option<&'static str>, Vec<String>) {
    (Some("date"), list.iter().map(|key| (*key).to_owned()).collect())
}

#[tokio::test]
async fn an_account_that_is_connected_moves_with_the_hashtags_and_a_later_one_follows() {
    let world = offered().await;
    assert_eq!(world.moved("w1").await, (Some("never"), vec![]));

    world.connect("powr_io", "w1").await;
    assert_eq!(world.moved("w1").await, date(&["@natgeo", "@apple", "@trees"]));
    let first = world.app("w1").await;
    world.connect("natgeo", "w1").await;

    assert_eq!(world.moved("w1").await, date(&["@apple", "@trees"]));
    let then = world.app("w1").await.instagram_graph_api_migrated_at;
    assert_eq!(then, first.instagram_graph_api_migrated_at, "the date is that of the first time");
}

#[tokio::test]
async fn what_takes_no_part_is_not_touched() {
    let world = World::start().await;
    world.save_old("outside", &FEEDS).await;
    world.roll_out().await;
    world.register("new", &FEEDS).await;

    for app_id in ["outside", "new", "unheard_of"] {
        world.connect("powr_io", app_id).await;
        assert_eq!(world.moved(app_id).await, (None, vec![]), "{app_id}");
    }
}

#[tokio::test]
async fn it_runs_twice_late_or_for_nobody_and_changes_nothing() {
    let world = offered().await;
    connect_only(&world, "powr_io").await;
    let due_at = world.app("w1").await.migrate_due_at.expect("due");
    let job = MigrateApp { app_id: "w1".into(), due_at };

    job.perform(&world.ctx).await.expect("done");
    let first = world.app("w1").await;
    world.drain().await;
    job.perform(&world.ctx).await.expect("done again");
    MigrateApp { app_id: "gone".into(), due_at }.perform(&world.ctx).await.expect("nothing to do");

    assert_eq!(first.instagram_not_migrated_feeds.0, ["@natgeo", "@apple", "@trees"]);
    assert_eq!(world.app("w1").await, first);
}

#[tokio::test]
async fn a_push_that_was_lost_is_made_up_for_and_a_death_is_not_the_end() {
    let world = offered().await;
    connect_only(&world, "powr_io").await;
    let due_at = world.app("w1").await.migrate_due_at.expect("due");
    let job = MigrateApp { app_id: "w1".into(), due_at };

    job.on_dead(&world.ctx, &Death::WorkerDied).await.expect("noted");
    let postponed = world.app("w1").await.migrate_due_at.expect("due");
    assert!(postponed > due_at, "it leaves the queue, and comes back");
    world.advance(postponed - due_at).await;
    PushDue {}.perform(&world.ctx).await.expect("pushed");
    world.drain().await;

    assert_eq!(world.moved("w1").await, date(&["@natgeo", "@apple", "@trees"]));
}

#[tokio::test]
async fn what_happens_between_the_connection_and_the_job_counts() {
    let world = offered().await;
    connect_only(&world, "powr_io").await;
    world.save_old("w1", &["@powr_io", "@apple", "@new", "#new"]).await;
    world.drain().await;
    assert_eq!(world.moved("w1").await, date(&["@apple", "@new"]));

    connect_only(&world, "natgeo").await;
    let back = world.http.send(Method::DELETE, &format!("{}/v1/apps/w1/migration", world.url), &[], None).await;
    assert_eq!(back.status, 200, "{}", back.text);
    world.drain().await;
    assert_eq!(world.moved("w1").await, (Some("never"), vec![]), "taken back, and not made again behind that");

    connect_only(&world, "natgeo").await;
    disconnect(&world, "powr_io").await;
    disconnect(&world, "natgeo").await;
    world.drain().await;
    assert_eq!(world.moved("w1").await, (Some("never"), vec![]), "nothing is connected any more");
}

#[tokio::test]
async fn an_account_that_goes_is_on_the_list_again_until_it_comes_back() {
    let world = offered().await;
    world.connect("powr_io", "w1").await;
    world.connect("natgeo", "w1").await;

    disconnect(&world, "natgeo").await;
    world.drain().await;
    assert_eq!(world.moved("w1").await, date(&["@natgeo", "@apple", "@trees"]));

    // Whoever connected it wants it forgotten.
    let person = world.installs().await.remove(0).facebook_user_id.expect("known");
    let (subject, now) = (Subject { kind: Kind::Person, id: person }, world.ctx.now());
    let secret = sandbox::DEFAULT_APP_SECRET.to_owned().into();
    let wish = subject.ask(&world.ctx.db.write, Some(&secret), now, now).await.expect("kept");
    wish.perform(&world.ctx).await.expect("forgotten");
    PushDue {}.perform(&world.ctx).await.expect("pushed");
    world.drain().await;
    assert_eq!(world.moved("w1").await, date(&["@powr_io", "@natgeo", "@apple", "@trees"]));

    world.connect("powr_io", "w1").await;
    assert_eq!(world.moved("w1").await, date(&["@natgeo", "@apple", "@trees"]));
}

#[tokio::test]
async fn an_account_that_was_renamed_moves_under_its_new_name_in_all_the_apps_that_show_it() {
    let world = offered().await;
    world.save_old("w2", &FEEDS).await;
    for app_id in ["w1", "w2"] {
        world.connect("powr_io", app_id).await;
        world.save_old(app_id, &["@powr_io", "@powr.new", "@powr.newer"]).await;
        assert_eq!(world.moved(app_id).await, date(&["@powr.new", "@powr.newer"]), "connected by its old name");
    }
    world.ask("w1", "@powr_io").await;
    world.drain().await;

    // It is noticed when the account is read again, as once a day.
    world.stand_ins.rename("powr_io", "powr.new").await;
    world.advance(TimeDelta::hours(25)).await;
    world.ask("w1", "@powr_io").await;
    world.drain().await;
    for app_id in ["w1", "w2"] {
        assert_eq!(world.moved(app_id).await, date(&["@powr_io", "@powr.newer"]), "{app_id}");
    }

    // Or by a new connection, of one of them.
    world.stand_ins.rename("powr_io", "powr.newer").await;
    world.connect("powr_io", "w2").await;
    for app_id in ["w1", "w2"] {
        assert_eq!(world.moved(app_id).await, date(&["@powr_io", "@powr.new"]), "{app_id}");
    }
}

/// A hundred apps. To each of them two accounts are connected at one moment, while it is saved with one feed more.
#[tokio::test]
async fn two_accounts_connected_at_one_moment_a_hundred_times_leave_the_right_list() {
    let world = World::start().await;
    world.roll_out().await;
    let apps: Vec<_> = (0..100).map(|number| format!("w{number}")).collect();
    let tokens = [world.stand_ins.mint("powr_io").await, world.stand_ins.mint("natgeo").await];
    for app_id in &apps {
        world.save_old(app_id, &FEEDS).await;
        for token in &tokens {
            world.start_exchange_of(Credential::Short(token.clone().into()), app_id).await;
        }
    }

    let save = async {
        for app_id in &apps {
            let feeds = json!(["@new", "#food", "@powr_io", "@natgeo", "@apple", "@trees"]);
            let url = format!("{}/v1/apps/{app_id}", world.url);
            let saved = world.http.put_json(&url, &json!({"user": "owner", "feeds": feeds})).await;
            assert_eq!(saved.status, 200, "{}", saved.text);
        }
    };
    tokio::join!(world.drain(), save);
    world.drain().await;

    for app_id in &apps {
        assert_eq!(world.moved(app_id).await, date(&["@new", "@apple", "@trees"]), "{app_id}");
    }
}

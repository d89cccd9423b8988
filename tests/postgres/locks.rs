//! What SQLite's one writer keeps apart, locks keep apart here.

use chrono::TimeDelta;
use entities::app::{self, Concerned, NEVER};
use entities::deletion::Kind;
use entities::feed::{self, Source};
use entities::{FeedKey, app_install};
use futures_util::future::join_all;
use queue::Job;
use reqwest::Method;
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait};
use serde_json::json;
use worker::jobs::{ExchangeToken, PushDue, Subject};
use worker::migrating::Kept;

use crate::harness::World;

/// A refusal of the old credential is held up between its look at the credential and its commit; meanwhile the account is
/// connected anew. Whoever comes first, the new credential's feed is not left alone for an hour.
#[tokio::test]
async fn a_reconnect_waits_for_a_refusal_that_is_being_written_and_undoes_it() {
    let world = World::with_feed().await;
    let feed = world.feed().await;
    let run_id = world.start_exchange("powr_io", "w2").await;
    let refusal = world.ctx.db.begin().await.expect("a transaction");
    feed::Entity::lock(&refusal, &feed.id).await.expect("locked");

    let refuse = async {
        world.postgres().wait_for_a_blocked_one().await;
        let (now, next) = (world.ctx.now(), world.ctx.now() + TimeDelta::hours(1));
        feed::Entity::refuse(&refusal, &feed.id, "token_dead", now, next).await.expect("written");
        refusal.commit().await.expect("committed");
    };
    tokio::join!(world.drain(), refuse);

    assert_eq!(world.run(&run_id).await.error, None);
    assert_eq!(world.feed().await.failure, None, "it was fetched again with the new credential");
}

/// An exchange has the app's row and has not committed yet: the job that an earlier one made due waits, and sees both.
#[tokio::test]
async fn an_account_that_is_being_connected_is_waited_for_by_the_move_of_its_app() {
    let world = World::start().await;
    world.roll_out().await;
    world.save_old("w1", &["#food", "@powr_io", "@natgeo", "@apple"]).await;
    world.connect("natgeo", "w2").await;
    let natgeo = world.installs().await.remove(0).id;
    let run_id = world.start_exchange("powr_io", "w1").await;
    ExchangeToken { run_id }.perform(&world.ctx).await.expect("connected");
    let (exchange, now) = (world.ctx.db.begin().await.expect("a transaction"), world.ctx.now());
    app::Entity::owe_migration(&exchange, "w1", Concerned::Offered, now).await.expect("written");
    app_install::Entity::join(&exchange, "w1", &natgeo, now).await.expect("written");

    let commit = async {
        world.postgres().wait_for_a_blocked_one().await;
        exchange.commit().await.expect("committed");
    };
    tokio::join!(world.drain(), commit);

    let app = app::Entity::find_by_id("w1").one(&world.ctx.db.read).await.expect("read").expect("an app");
    assert_eq!((app.instagram_not_migrated_feeds.0, app.migrate_due_at), (vec!["@apple".to_owned()], None));
}

/// An app to which an account is connected, whose move is being made and not committed yet: it saw the account.
async fn moving() -> (World, DatabaseTransaction) {
    let world = World::start().await;
    world.roll_out().await;
    world.save_old("w1", &["@powr_io", "@natgeo"]).await;
    let run_id = world.start_exchange("powr_io", "w1").await;
    ExchangeToken { run_id }.perform(&world.ctx).await.expect("connected");
    let (tx, now) = (world.ctx.db.begin().await.expect("a transaction"), world.ctx.now());
    let app = app::Entity::lock(&tx, "w1").await.expect("locked").expect("an app");
    let kept = Kept::when_connected(&world.ctx.migrating, &app, &["powr_io".to_owned()], now).expect("a move");
    let date = kept.migrated_at.as_deref();
    app::Entity::keep_migration(&tx, "w1", date, &kept.not_migrated_feeds, now).await.expect("written");
    (world, tx)
}

async fn not_migrated(world: &World) -> Vec<String> {
    PushDue {}.perform(&world.ctx).await.expect("pushed");
    world.drain().await;
    let app = app::Entity::find_by_id("w1").one(&world.ctx.db.read).await.expect("read").expect("an app");
    assert!(app.instagram_graph_api_migrated_at.is_some_and(|at| at != NEVER), "it has moved");
    app.instagram_not_migrated_feeds.0
}

#[tokio::test]
async fn who_disconnects_the_account_of_an_app_that_is_just_moving_waits_for_the_move() {
    let (world, moves) = moving().await;
    let install = world.installs().await.remove(0);
    let url = format!("{}/v1/apps/w1/installs/{}", world.url, install.id);

    let (gone, ()) = tokio::join!(world.http.send(Method::DELETE, &url, &[], None), async {
        world.postgres().wait_for_a_blocked_one().await;
        moves.commit().await.expect("committed");
    });

    assert_eq!(gone.status, 204);
    assert_eq!(not_migrated(&world).await, ["@powr_io", "@natgeo"]);
}

#[tokio::test]
async fn who_forgets_the_account_of_an_app_that_is_just_moving_waits_for_the_move() {
    let (world, moves) = moving().await;
    let person = world.installs().await.remove(0).facebook_user_id.expect("a person");
    let (secret, now) = (sandbox::DEFAULT_APP_SECRET.to_owned().into(), world.ctx.now());
    let subject = Subject { kind: Kind::Person, id: person };
    let wish = subject.ask(&world.ctx.db.write, Some(&secret), now, now).await.expect("kept");

    let (forgotten, ()) = tokio::join!(wish.perform(&world.ctx), async {
        world.postgres().wait_for_a_blocked_one().await;
        moves.commit().await.expect("committed");
    });

    forgotten.expect("forgotten");
    assert_eq!(not_migrated(&world).await, ["@powr_io", "@natgeo"]);
}

#[tokio::test]
async fn twenty_registrations_of_one_app_at_once_are_one_row() {
    let world = World::start().await;
    let url = format!("{}/v1/apps/w1", world.url);
    let body = json!({"user": "owner", "feeds": ["@powr_io"]});

    let answers = join_all((0..20).map(|_| world.http.put_json(&url, &body))).await;

    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let known = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((made, known), (1, 19));
    assert_eq!(entities::app::Entity::find().count(&world.ctx.db.read).await.expect("read"), 1);
}

#[tokio::test]
async fn a_time_that_was_written_is_due_when_it_is_read() {
    let world = World::start().await;
    let key = FeedKey::account("powr_io").expect("a key");
    for _ in 0..100 {
        // Nanoseconds here, microseconds there: what is due now must not be due a moment later.
        let now = world.ctx.now();
        feed::Entity::insert_due(&world.ctx.db.write, Source::Graph, &key, ("f", "r"), now).await.expect("written");
        let due = feed::Entity::due(&world.ctx.db.read, now, now, None, 1).await.expect("read");
        assert!(world.feed().await.next_fetch_at.is_some_and(|due| due <= now));
        assert_eq!(due.into_iter().map(|(_, id)| id).collect::<Vec<_>>(), ["f"]);
        world.ctx.db.write.execute_unprepared("DELETE FROM feeds").await.expect("deleted");
    }
}

//! The daily look at a great many connections: it costs what is due, however many there are.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use entities::install::{self, Status};
use entities::{Db, StringList, app, app_install, new_id};
use queue::Job;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel};
use worker::jobs::{ScanExpiringInstalls, SendExpiryEmail};

use crate::harness::{World, plan};

/// When those end that are close to their end.
const NEAR: TimeDelta = TimeDelta::days(3);
const FAR: TimeDelta = TimeDelta::days(50);

/// Makes an account's install by its row, with an owner who can be told.
pub(crate) async fn install(db: &Db, account: &str, now: DateTime<Utc>) -> install::Model {
    let row = install::Model {
        id: new_id(),
        instagram_account: account.into(),
        instagram_business_account_id: account.into(),
        page_id: "2".into(),
        page_name: "Page".into(),
        facebook_user_id: None,
        user_token: None,
        user_token_expires_at: None,
        page_token: None,
        token_expires_at: None,
        data_access_expires_at: Some(now + FAR),
        ends_estimated: false,
        checked_at: now,
        killed: None,
        killed_at: None,
        scopes: StringList::default(),
        profile: None,
        profile_read_at: None,
        status: Status::Active,
        generation: 1,
        first_verify_email_sent_at: None,
        second_verify_email_sent_at: None,
        created_at: now,
        updated_at: now,
    };
    let db = &db.write;
    app::Entity::register(db, "w0", "owner", "socialFeed", now).await.expect("written");
    let app = app::Entity::find_by_id("w0").one(db).await.expect("read").expect("an app");
    let owner = app::Model { owner_email: Some("ann@example.com".into()), ..app };
    owner.into_active_model().reset_all().update(db).await.expect("written");
    let made = row.into_active_model().reset_all().insert(db).await.expect("written");
    app_install::Entity::join(db, "w0", &made.id, now).await.expect("written");
    made
}

/// So many are made by one statement.
const BIT: usize = 50_000;
/// How many installs an app has.
const PER_APP: usize = 10;

/// Makes `count` installs, of which one in `one_in` is close to its end.
pub(crate) async fn install_many(db: &Db, now: DateTime<Utc>, count: usize, one_in: usize) {
    let from = install(db, "account", now).await.id;
    let db = &db.write;
    let is_sqlite = db.get_database_backend() == DbBackend::Sqlite;
    let id = if is_sqlite { "printf('%032x', i)" } else { "lpad(to_hex(i), 32, '0')" };
    let kind = if is_sqlite { "" } else { "::timestamptz" };
    let timestamp = |at: DateTime<Utc>| format!("'{}'{kind}", at.to_rfc3339());
    let end = format!("CASE WHEN i % {one_in} = 0 THEN {} ELSE {} END", timestamp(now + NEAR), timestamp(now + FAR));
    let apps = count.div_ceil(PER_APP);
    let same = "\"user\", type, owner_email, allowed_origins, feeds, saved_before, instagram_not_migrated_feeds, \
                created_at, updated_at";
    let columns = "page_id, page_name, scopes, status, generation, ends_estimated, checked_at, created_at, updated_at";
    // Bit by bit: PostgreSQL lets no statement of ours run for long.
    for first in (1..=count).step_by(BIT) {
        let last = count.min(first + BIT - 1);
        let numbers = format!(
            "WITH RECURSIVE numbers(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM numbers WHERE i < {last}) SELECT"
        );
        let owners = format!(
            "INSERT INTO apps (app_id, {same}) {numbers} 'w' || i, {same} FROM numbers, apps \
             WHERE app_id = 'w0' AND i <= {apps}"
        );
        let installs = format!(
            "INSERT INTO instagram_installs (id, instagram_account, instagram_business_account_id, \
             data_access_expires_at, {columns}) {numbers} {id}, 'account', {id}, {end}, {columns} \
             FROM numbers, instagram_installs WHERE instagram_installs.id = '{from}'"
        );
        let uses = format!(
            "INSERT INTO instagram_apps (app_id, install_id, created_at) \
             {numbers} 'w' || (1 + (i - 1) / {PER_APP}), {id}, {} FROM numbers",
            timestamp(now)
        );
        for statement in [owners.as_str(), installs.as_str(), uses.as_str()] {
            db.execute_unprepared(statement).await.expect(statement);
        }
    }
    db.execute_unprepared("ANALYZE").await.expect("counted");
}

/// How the database looks for the two sorts of pages, in the midst of them.
pub(crate) async fn plans(db: &Db, now: DateTime<Utc>) -> [String; 2] {
    let span = (now, now + TimeDelta::days(10));
    let middle = (now + NEAR, "0".repeat(32));
    let near = install::Entity::near_end_page(span, Some(&middle), 500);
    let killed = install::Entity::killed_page(Some(&middle), 500);
    [plan(db, &near).await, plan(db, &killed).await]
}

#[tokio::test]
async fn the_daily_look_reads_what_is_due_from_an_index() {
    let world = World::start().await;
    let (ctx, began) = (&world.ctx, Instant::now());
    install_many(&ctx.db, ctx.now(), 20_000, 50).await;

    ScanExpiringInstalls {}.perform(ctx).await.expect("scanned");

    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    let span = (ctx.now(), ctx.owners.soon(ctx.now()));
    let due = install::Entity::near_end(&ctx.db.read, span, None, 500).await.expect("read");
    assert_eq!(due.len(), 400);
    for (_, id) in &due {
        assert!(ctx.queue.find::<SendExpiryEmail>(id).await.expect("found").is_some(), "{id}");
    }
    for (plan, index) in plans(&ctx.db, ctx.now()).await.iter().zip(["ends_at", "killed_at"]) {
        assert!(plan.contains(&format!("instagram_installs_{index}")), "{plan}");
        // PostgreSQL may sort the little that the index gave it.
        assert!(!plan.contains("Seq Scan on instagram_installs") && !plan.contains("B-TREE"), "{plan}");
    }
}

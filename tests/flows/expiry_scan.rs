//! The daily look at a great many connections: it costs what is due, however many there are.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use entities::install;
use queue::Job;
use sea_orm::{ConnectionTrait, DbBackend, QueryTrait, Statement};
use worker::jobs::ScanExpiringInstalls;

use crate::harness::World;

/// What a look has cost.
pub(crate) struct Cost {
    /// How long the rows took to be found and pushed.
    pub took: Duration,
    /// How the database looks for a page in the midst of them.
    pub plan: String,
    /// How many jobs there were.
    pub pushed: usize,
}

/// Makes `count` installs of one app, of which one in `one_in` is close to its end.
async fn install_many(world: &World, count: usize, one_in: usize) {
    let first = world.connect_of("powr_io", "w0", "ann@example.com").await;
    let now = world.ctx.now();
    let (near, far) = (now + TimeDelta::days(3), now + TimeDelta::days(50));
    let (db, from) = (&world.ctx.db.write, first.id);
    let id = match db.get_database_backend() {
        DbBackend::Sqlite => "printf('%032x', i)",
        _ => "lpad(to_hex(i), 32, '0')",
    };
    let (near, far) = (near.to_rfc3339(), far.to_rfc3339());
    let timestamp = |text: &str| match db.get_database_backend() {
        DbBackend::Sqlite => format!("'{text}'"),
        _ => format!("'{text}'::timestamptz"),
    };
    let end = format!("CASE WHEN i % {one_in} = 0 THEN {} ELSE {} END", timestamp(&near), timestamp(&far));
    let numbers =
        format!("WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {count}) SELECT");
    let columns = "page_id, page_name, scopes, status, generation, ends_estimated, checked_at, created_at, updated_at";
    let installs = format!(
        "INSERT INTO instagram_installs (id, instagram_account, instagram_business_account_id, data_access_expires_at, \
         {columns}) {numbers} {id}, 'account', {id}, {end}, {columns} FROM numbers, instagram_installs \
         WHERE instagram_installs.id = '{from}'"
    );
    let uses = format!(
        "INSERT INTO instagram_apps (app_id, install_id, created_at) {numbers} 'w0', {id}, {} FROM numbers",
        timestamp(&now.to_rfc3339())
    );
    for statement in [installs.as_str(), uses.as_str(), "ANALYZE"] {
        db.execute_unprepared(statement).await.expect(statement);
    }
}

/// Looks through `count` installs, of which one in `one_in` is due.
pub(crate) async fn look_through(world: &World, count: usize, one_in: usize) -> Cost {
    install_many(world, count, one_in).await;
    let began = Instant::now();
    ScanExpiringInstalls {}.perform(&world.ctx).await.expect("scanned");
    let took = began.elapsed();
    let (db, now) = (&world.ctx.db.read, world.ctx.now());
    let span = (now, world.ctx.owners.soon(now));
    let (mut after, mut pushed) = (None, 0);
    loop {
        let page = install::Entity::near_end(db, span, after.as_ref(), 500).await.expect("read");
        for (_, id) in &page {
            pushed +=
                usize::from(world.ctx.queue.find::<worker::jobs::SendExpiryEmail>(id).await.expect("found").is_some());
        }
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
    }
    let middle = (now + TimeDelta::days(3), "0".repeat(32));
    let page = install::Entity::near_end_page(span, Some(&middle), 500).build(db.get_database_backend()).to_string();
    let explain = match db.get_database_backend() {
        DbBackend::Sqlite => "EXPLAIN QUERY PLAN",
        _ => "EXPLAIN",
    };
    let plan = Statement::from_string(db.get_database_backend(), format!("{explain} {page}"));
    let lines = db.query_all_raw(plan).await.expect("explained");
    let column = if explain == "EXPLAIN" { "QUERY PLAN" } else { "detail" };
    let lines: Vec<String> = lines.iter().map(|line| line.try_get("", column).expect("a line")).collect();
    Cost { took, plan: lines.join("\n"), pushed }
}

#[tokio::test]
async fn the_daily_look_reads_what_is_due_from_an_index() {
    let world = World::start().await;

    let cost = look_through(&world, 20_000, 50).await;

    assert_eq!(cost.pushed, 400);
    assert!(cost.plan.contains("instagram_installs_ends_at"), "{}", cost.plan);
    assert!(!cost.plan.contains("Sort") && !cost.plan.contains("B-TREE"), "no sorting: {}", cost.plan);
    assert!(cost.took < Duration::from_secs(30), "{:?}", cost.took);
}

//! What is asked while SQLite's one writer waits is asked of an index, however much there is.

use chrono::{DateTime, Utc};
use entities::job_run::{self, State};
use entities::{Db, feed_app};
use sea_orm::{ConnectionTrait, DbBackend};

use crate::harness::{World, plan};

/// Makes many feeds, apps that want ten each, and many runs that have ended: of each app ten, and of each feed one.
async fn fill(db: &Db, now: DateTime<Utc>) {
    let db = &db.write;
    let is_sqlite = db.get_database_backend() == DbBackend::Sqlite;
    let kind = if is_sqlite { "" } else { "::timestamptz" };
    let now = format!("'{}'{kind}", now.to_rfc3339());
    let numbers = "WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 10000) SELECT";
    let state = "CASE WHEN i % 2 = 0 THEN 'done' ELSE 'failed' END";
    for statement in [
        format!(
            "INSERT INTO feeds (id, source, key, last_requested_at, failures, created_at, updated_at) \
             {numbers} 'f' || i, 'graph', '#tag' || i, {now}, 0, {now}, {now} FROM numbers"
        ),
        format!(
            "INSERT INTO job_runs (id, kind, subject, app_id, state, attempts, created_at, updated_at, finished_at) \
             {numbers} 'r' || i, 'fetch_feed', 'f' || i, 'w' || (i / 10), {state}, 1, {now}, {now}, {now} FROM numbers"
        ),
        format!(
            "INSERT INTO apps (app_id, \"user\", type, allowed_origins, feeds, saved_before, \
             instagram_not_migrated_feeds, created_at, updated_at) \
             {numbers} 'w' || i, 'owner', '', '[]', '[]', FALSE, '[]', {now}, {now} FROM numbers"
        ),
        format!(
            "INSERT INTO feed_apps (feed_id, app_id, last_requested_at) \
             {numbers} 'f' || i, 'w' || (1 + i / 10), {now} FROM numbers"
        ),
    ] {
        db.execute_unprepared(&statement).await.expect("written");
    }
    if !is_sqlite {
        // The server counts by itself; nobody has SQLite count.
        db.execute_unprepared("ANALYZE").await.expect("counted");
    }
}

#[tokio::test]
async fn who_saves_or_goes_is_found_without_reading_all_feeds_and_all_runs() {
    let world = World::start().await;
    let db = &world.ctx.db;
    fill(db, world.ctx.now()).await;
    let listed: Vec<String> = (0..50).map(|number| format!("#tag{number}")).collect();

    let failed = job_run::Entity::of_app("w1", State::Failed);
    for (plan, index) in [
        (plan(db, &feed_app::Entity::unlisted("w1", &listed)).await, "feed_apps_app_id"),
        (plan(db, &job_run::Entity::ended_of_apps("i1")).await, "job_runs_app_id_state"),
        (plan(db, &job_run::Entity::ended_of_app("w1")).await, "job_runs_app_id_state"),
        (plan(db, &failed).await, "job_runs_app_id_state"),
        (plan(db, &job_run::Entity::about(["i1", "f1"])).await, "job_runs_subject"),
    ] {
        let scans = ["SCAN feeds", "SCAN job_runs", "Seq Scan on feeds", "Seq Scan on job_runs"];
        assert!(scans.iter().all(|scan| !plan.contains(scan)) && plan.contains(index), "{plan}");
    }
}

//! What is asked while SQLite's one writer waits is asked of an index, however much there is.

use chrono::{DateTime, Utc};
use entities::{Db, feed_app, job_run};
use sea_orm::{ConnectionTrait, DbBackend};

use crate::harness::{World, plan};

/// Makes many feeds, and many runs that have ended: of each app ten, and of each feed one.
async fn fill(db: &Db, now: DateTime<Utc>) {
    let db = &db.write;
    let kind = if db.get_database_backend() == DbBackend::Sqlite { "" } else { "::timestamptz" };
    let now = format!("'{}'{kind}", now.to_rfc3339());
    let numbers = "WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 10000) SELECT";
    for statement in [
        format!(
            "INSERT INTO feeds (id, source, key, last_requested_at, failures, created_at, updated_at) \
             {numbers} 'f' || i, 'graph', '#tag' || i, {now}, 0, {now}, {now} FROM numbers"
        ),
        format!(
            "INSERT INTO job_runs (id, kind, subject, app_id, state, attempts, created_at, updated_at, finished_at) \
             {numbers} 'r' || i, 'fetch_feed', 'f' || i, 'w' || (i / 10), 'done', 1, {now}, {now}, {now} FROM numbers"
        ),
        "ANALYZE".to_owned(),
    ] {
        db.execute_unprepared(&statement).await.expect("written");
    }
}

#[tokio::test]
async fn who_saves_or_goes_is_found_without_reading_all_feeds_and_all_runs() {
    let world = World::start().await;
    let db = &world.ctx.db;
    fill(db, world.ctx.now()).await;
    let listed: Vec<String> = (0..50).map(|number| format!("#tag{number}")).collect();

    let unlisted = feed_app::Entity::unlisted("w1", &listed);
    let of_apps = job_run::Entity::ended_of_apps("i1");
    let about = job_run::Entity::about(["i1", "f1"]);
    let of_app = job_run::Entity::ended_of_app("w1");

    for plan in [plan(db, &unlisted).await, plan(db, &of_apps).await, plan(db, &about).await, plan(db, &of_app).await] {
        let scans = ["SCAN feeds", "SCAN job_runs", "Seq Scan on feeds", "Seq Scan on job_runs"];
        assert!(scans.iter().all(|scan| !plan.contains(scan)), "{plan}");
    }
}

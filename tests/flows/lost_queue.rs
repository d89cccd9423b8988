//! The queue is lost while 500 feeds are due and 20 exchanges pending: all of them end within two ticks.

use chrono::{TimeDelta, Utc};
use entities::feed::{self, Source};
use entities::job_run::State;
use entities::{Db, FeedKey, job_run, new_id};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::harness::Service;

const FEEDS: usize = 500;
const EXCHANGES: usize = 20;

async fn db_of(service: &Service) -> Db {
    Db::connect(&format!("sqlite://{}", service.data().join("feedkeeper.db").display())).await.expect("a database")
}

/// Makes 500 feeds due, in the rows alone.
async fn make_feeds_due(db: &Db) {
    let tx = db.begin().await.expect("a transaction");
    #[expect(
        clippy::disallowed_methods,
        reason = "the rows of another process, whose clock stands at the system's time"
    )]
    let now = Utc::now() - TimeDelta::seconds(1);
    for number in 0..FEEDS {
        let key = FeedKey::account(&format!("feed{number}")).expect("a key");
        feed::Entity::insert_due(&tx, Source::Graph, &key, (&new_id(), &new_id()), now).await.expect("written");
    }
    tx.commit().await.expect("committed");
}

/// Asks for 20 exchanges that cannot end yet.
async fn start_exchanges(service: &Service) -> Vec<String> {
    let away = json!({"answer": {"status": 503, "headers": {}, "body": ""}});
    service.stand_ins.fault("away", json!({"path_contains": "debug_token"}), away).await;
    let mut runs = Vec::new();
    for number in 0..EXCHANGES {
        runs.push(service.exchange(if number % 2 == 0 { "powr_io" } else { "natgeo" }, &format!("w{number}")).await);
    }
    runs
}

async fn all_end_within_two_ticks(service: &Service, db: &Db, runs: &[String]) {
    service.stand_ins.mend("away").await;
    for _ in 0..2 {
        service.stand_ins.advance(60).await;
    }
    let unread = feed::Entity::find().filter(feed::Column::Failure.is_null()).filter(feed::Column::Body.is_null());
    assert_eq!(unread.count(&db.read).await.expect("read"), 0, "every due feed was looked at");
    let pending = job_run::Entity::find().filter(job_run::Column::State.eq(State::Pending));
    assert_eq!(pending.count(&db.read).await.expect("read"), 0, "every exchange has ended");
    for run_id in runs {
        assert_eq!(service.end_of(run_id).await["state"], "done");
    }
}

#[tokio::test]
async fn the_queues_file_is_deleted_while_the_service_is_stopped() {
    let mut service = Service::start().await;
    let runs = start_exchanges(&service).await;
    let db = db_of(&service).await;
    make_feeds_due(&db).await;
    service.kill().await;
    for file in ["queue.db", "queue.db-wal", "queue.db-shm"] {
        let _ = std::fs::remove_file(service.data().join(file));
    }

    service.restart().await;

    all_end_within_two_ticks(&service, &db, &runs).await;
}

#[tokio::test]
async fn the_queues_rows_are_deleted_while_the_service_runs() {
    let service = Service::start().await;
    let runs = start_exchanges(&service).await;
    let db = db_of(&service).await;
    make_feeds_due(&db).await;
    let queue = Db::connect(&format!("sqlite://{}", service.data().join("queue.db").display())).await.expect("a queue");

    queue.write.execute_unprepared("DELETE FROM jobs").await.expect("deleted");

    all_end_within_two_ticks(&service, &db, &runs).await;
}

#[tokio::test]
async fn a_queue_that_cannot_be_reached_is_no_reason_to_refuse() {
    let service = Service::start().await;
    let files = ["queue.db", "queue.db-wal", "queue.db-shm"].map(|file| service.data().join(file));
    for file in &files {
        let _ = std::fs::remove_file(file);
    }
    std::fs::create_dir(&files[0]).expect("no file can be there now");

    let run_id = service.exchange("powr_io", "w1").await;
    let meanwhile = service.http.get(&format!("{}/jobs/{run_id}", service.url)).await.json();
    let ready = service.http.get(&format!("{}/readyz", service.url)).await;
    std::fs::remove_dir(&files[0]).expect("removed");
    service.stand_ins.advance(60).await;
    service.stand_ins.advance(60).await;

    assert_eq!(meanwhile["state"], "queued");
    assert_eq!((ready.status, ready.json()["parts"]["queue"]["status"].as_str()), (503, Some("down")));
    assert_eq!(service.end_of(&run_id).await["state"], "done");
}

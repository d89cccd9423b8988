//! The connection breaks behind the deed: what was done is neither called refused nor done twice.

use entities::job_run::State;
use entities::{Db, DbOptions, app_install};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;
use tempfile::TempDir;
use worker::exchange::Credential;
use worker::jobs::PushDue;

use crate::harness::lossy::Lossy;
use crate::harness::{Postgres, World};

/// A world behind a line that can lose answers.
async fn world() -> (World, Lossy) {
    let postgres = Postgres::start().await.expect("run tests/run, which starts a PostgreSQL");
    let line = Lossy::before(&postgres).await;
    let options = DbOptions { connections: 3, ..DbOptions::default() };
    let db = Db::connect_with(&line.url, options).await.expect("a database");
    (World::start_on(db, Some(postgres), TempDir::new().expect("a folder")).await, line)
}

/// The next look at what is due, and the one behind it.
async fn two_ticks(world: &World) {
    for _ in 0..2 {
        world.advance(chrono::TimeDelta::minutes(1)).await;
        world.ctx.queue.push(&PushDue {}).await.expect("pushed");
        world.drain().await;
    }
}

#[tokio::test]
async fn a_connection_whose_commit_was_not_answered_is_made_once() {
    let (world, line) = world().await;
    let run_id = world.start_exchange("powr_io", "w1").await;

    line.lose_the_answer_to("COMMIT");
    world.drain().await;
    assert!(!line.is_armed(), "an answer was lost");
    two_ticks(&world).await;

    let run = world.run(&run_id).await;
    assert_eq!((run.state, run.error, run.attempts), (State::Done, None, 1));
    assert_eq!(world.installs().await[0].generation, 1);
    assert_eq!(app_install::Entity::find().count(&world.ctx.db.read).await.expect("read"), 1);
}

#[tokio::test]
async fn an_exchange_that_was_written_is_not_refused() {
    let (world, line) = world().await;
    let token = world.stand_ins.mint("powr_io").await;

    line.lose_the_answer_to("COMMIT");
    let run_id = world.start_exchange_of(Credential::Short(token.into()), "w1").await;
    assert!(!line.is_armed(), "an answer was lost");
    world.drain().await;

    assert_eq!(world.run(&run_id).await.state, State::Done);
}

#[tokio::test]
async fn a_choice_that_was_taken_is_not_called_late() {
    let (world, line) = world().await;
    let run = world.connect("two_pages", "w1").await;
    let page_id = run.error.expect("a choice")["pages"][0]["id"].clone();

    line.lose_the_answer_to("UPDATE \"job_runs\" SET \"state\"");
    let choice = json!({"page_id": page_id});
    let taken = world.http.post_json(&format!("{}/jobs/{}/page", world.url, run.id), &choice).await;
    assert!(!line.is_armed(), "an answer was lost");
    world.drain().await;

    assert_eq!(taken.status, 202, "{}", taken.text);
    assert_eq!(world.run(&run.id).await.result.expect("connected")["page"]["id"], page_id);
}

#[tokio::test]
async fn a_body_whose_commit_was_not_answered_is_fetched_once() {
    let (world, line) = world().await;
    world.connect("powr_io", "w1").await;
    world.ask("w1", "@powr_io").await;

    line.lose_the_answer_to("COMMIT");
    world.drain().await;
    assert!(!line.is_armed(), "an answer was lost");
    two_ticks(&world).await;

    assert_eq!(world.ask("w1", "@powr_io").await.json()["freshness"]["state"], "fresh");
    assert_eq!(world.stand_ins.calls("/media").await.len(), 1);
}

#[tokio::test]
async fn what_a_code_gave_waits_for_the_database_to_come_back() {
    let (world, line) = world().await;
    let redirect_uri = format!("{}/users/oauth", world.url);
    let code = world.stand_ins.code("powr_io", &redirect_uri).await;
    let run_id = world.start_exchange_of(Credential::Code { code: code.into(), redirect_uri }, "w1").await;
    let late = json!({"hang_ms": 400, "applied": true, "times": 1});
    world.stand_ins.fault("late", json!({"path_contains": "oauth/access_token"}), late).await;

    let outage = async {
        world.stand_ins.wait_for_call("oauth/access_token").await;
        line.cut(true);
        world.postgres().break_connections().await;
        line.wait_for_refused(3).await;
        line.cut(false);
    };
    tokio::join!(world.drain(), outage);

    assert_eq!(world.run(&run_id).await.error, None);
}

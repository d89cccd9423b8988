//! `exchange_x_code`: from the code of X's consent page to an account with a pair of tokens.

use chrono::TimeDelta;
use entities::job_run::{self, State};
use entities::x_account::{self, ACCESS_TOKEN, REFRESH_TOKEN, Status};
use queue::Job;
use sea_orm::EntityTrait;
use secrecy::ExposeSecret;
use serde_json::json;
use worker::exchange::AppRef;
use worker::jobs::{ExchangeXCode, PushDue, XRequest};

use crate::harness::World;

/// Starts connecting with a fresh code; returns the run.
async fn start(world: &World, user: &str, app_id: &str) -> String {
    let (redirect_uri, verifier) = (format!("{}/x/callback", world.url), "v".repeat(43));
    let code = world.stand_ins.x_code(user, &redirect_uri, &verifier).await.into();
    let app = AppRef { app_id: app_id.into(), user: "owner".into(), app_type: String::new() };
    let request = XRequest { app, code, redirect_uri, verifier: verifier.into() };
    let (run_id, ctx) = (entities::new_id(), &world.ctx);
    let job = ExchangeXCode::start(&ctx.db, &ctx.keyring, run_id.clone(), request, ctx.now()).await;
    ctx.queue.push(&job.expect("written").expect("new")).await.expect("pushed");
    run_id
}

async fn accounts(world: &World) -> Vec<x_account::Model> {
    x_account::Entity::find().all(&world.ctx.db.read).await.expect("read")
}

async fn end(world: &World, run_id: &str) -> job_run::Model {
    world.drain().await;
    world.run(run_id).await
}

#[tokio::test]
async fn a_code_becomes_an_account_whose_pair_is_sealed_and_a_second_connection_replaces_it() {
    let world = World::start().await;
    let run_id = start(&world, "powr_io", "w1").await;
    let run = end(&world, &run_id).await;

    assert_eq!((run.state, run.input), (State::Done, None), "{:?}", run.error);
    let [first] = &accounts(&world).await[..] else { panic!("one account") };
    assert_eq!((first.username.as_str(), first.status, first.generation), ("powr_io", Status::Active, 1));
    assert_eq!(first.refresh_due_at, Some(first.access_ends_at - TimeDelta::hours(1)));
    for (column, sealed) in [(ACCESS_TOKEN, &first.access_token), (REFRESH_TOKEN, &first.refresh_token)] {
        let opened = world.ctx.keyring.open(column.place(&first.id), sealed.as_ref().expect("a token"));
        assert!(!opened.expect("it opens in its place").expose_secret().is_empty());
    }

    // It runs twice, as after a crash behind its commit.
    ExchangeXCode { run_id }.perform(&world.ctx).await.expect("nothing is left to do");
    assert_eq!(&accounts(&world).await[..], std::slice::from_ref(first));

    let run_id = start(&world, "powr_io", "w2").await;
    assert_eq!(end(&world, &run_id).await.state, State::Done);
    let [second] = &accounts(&world).await[..] else { panic!("still one account") };
    assert_eq!((&second.id, second.generation, second.pair_number), (&first.id, 2, 2));
    assert_ne!(second.refresh_token, first.refresh_token);
}

#[tokio::test]
async fn a_code_that_is_late_or_whose_answer_was_lost_asks_for_another_click() {
    let world = World::start().await;
    let late = start(&world, "powr_io", "w1").await;
    world.advance(TimeDelta::seconds(31)).await;
    assert_eq!(end(&world, &late).await.error.expect("refused")["code"], "code_expired");

    let lost = json!({"drop": true, "applied": true, "times": 1});
    world.stand_ins.fault("lost", json!({"service": "x", "path_contains": "/oauth2/token"}), lost).await;
    let run_id = start(&world, "powr_io", "w1").await;
    world.drain().await;
    world.advance(TimeDelta::seconds(10)).await;
    assert_eq!(end(&world, &run_id).await.error.expect("refused")["code"], "code_expired");
    assert!(accounts(&world).await.is_empty());
}

#[tokio::test]
async fn what_the_code_gave_outlives_a_failure_behind_it() {
    let world = World::start().await;
    let limit = json!({"answer": {"status": 429, "headers": {"x-rate-limit-reset": "1"}, "body": "{}"}, "times": 1});
    world.stand_ins.fault("limit", json!({"service": "x", "path_contains": "/users/me"}), limit).await;
    let malformed = json!({"answer": {"status": 200, "headers": {}, "body": "<html>"}, "times": 1});
    let run_id = start(&world, "powr_io", "w1").await;
    world.drain().await;
    world.stand_ins.fault("malformed", json!({"service": "x", "path_contains": "/users/me"}), malformed).await;

    // The queue is lost, too: the row says that there is work.
    for _ in 0..3 {
        world.advance(TimeDelta::minutes(1)).await;
        PushDue {}.perform(&world.ctx).await.expect("pushed");
        world.drain().await;
    }

    let run = world.run(&run_id).await;
    assert_eq!(run.state, State::Done, "{:?}", run.error);
    assert_eq!(world.stand_ins.calls("/2/oauth2/token").await.len(), 1, "the code was used once");
    assert_eq!(world.stand_ins.calls("/2/users/me").await.len(), 3);
}

#[tokio::test]
async fn what_trying_again_does_not_mend_is_told_at_once() {
    let world = World::start().await;
    for (path, status, body, code) in [
        ("/users/me", 403, json!({"title": "Forbidden", "detail": "locked", "type": "about:blank"}), "permission_lost"),
        ("/oauth2/token", 401, json!({"error": "unauthorized_client"}), "app_misconfigured"),
        ("/oauth2/token", 200, json!({"access_token": "a", "scope": "tweet.read"}), "missing_scopes"),
    ] {
        let answer = json!({"answer": {"status": status, "headers": {}, "body": body.to_string()}, "times": 1});
        world.stand_ins.fault("no", json!({"service": "x", "path_contains": path}), answer).await;
        let run_id = start(&world, "powr_io", "w1").await;
        let run = end(&world, &run_id).await;
        assert_eq!(run.error.expect("refused")["code"], code);
        assert_eq!((run.state, run.input), (State::Failed, None), "what it was given is wiped");
    }
    assert!(accounts(&world).await.is_empty());
}

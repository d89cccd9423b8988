//! Connections to the database break, or none is to be had: work waits and goes on, routes say 503.

use chrono::TimeDelta;
use entities::app_install;
use entities::job_run::State;
use futures_util::future::join_all;
use queue::Job;
use reqwest::Method;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;
use worker::jobs::ExchangeToken;

use crate::harness::World;

/// Lets what waits for its next try have it, until nothing is left of these runs.
async fn all_end(world: &World, runs: &[String]) {
    for _ in 0..ExchangeToken::ATTEMPTS * 10 {
        world.drain().await;
        let ended = join_all(runs.iter().map(|run_id| world.run(run_id))).await;
        if ended.iter().all(|run| run.state != State::Pending) {
            return;
        }
        world.advance(TimeDelta::seconds(2)).await;
    }
    panic!("a run is stuck");
}

#[tokio::test]
async fn connections_that_broke_between_two_jobs_are_replaced() {
    let world = World::with_feed().await;

    assert!(world.postgres().break_connections().await > 0);
    world.push_feed().await;
    assert!(world.postgres().break_connections().await > 0);
    world.drain().await;
    assert!(world.postgres().break_connections().await > 0);

    assert_eq!(world.ask("w1", "@powr_io").await.json()["freshness"]["state"], "fresh");
    assert_eq!(world.stand_ins.calls("/media").await.len(), 2);
}

#[tokio::test]
async fn an_exchange_does_not_notice_that_connections_break_while_it_asks_meta() {
    let world = World::start().await;
    for path in ["oauth/access_token", "debug_token", "me/accounts", "1784"] {
        let late = json!({"hang_ms": 400, "applied": true, "times": 1});
        world.stand_ins.fault("late", json!({"path_contains": path}), late).await;
        let calls = world.stand_ins.calls(path).await.len();
        let run_id = world.start_exchange("powr_io", "w1").await;

        let breaks = async {
            world.stand_ins.wait_for_calls(path, calls + 1).await;
            world.postgres().break_connections().await
        };
        let ((), broken) = tokio::join!(world.drain(), breaks);
        all_end(&world, std::slice::from_ref(&run_id)).await;

        let run = world.run(&run_id).await;
        assert!(broken > 0, "{path}");
        assert_eq!((run.error, run.attempts), (None, 1), "{path}");
    }
    assert_eq!(world.installs().await.len(), 1);
}

#[tokio::test]
async fn a_fetch_does_not_notice_either() {
    let world = World::with_feed().await;
    world.stand_ins.fault("late", json!({"path_contains": "/media"}), json!({"hang_ms": 400, "applied": true})).await;
    world.push_feed().await;

    let breaks = async {
        world.stand_ins.wait_for_calls("/media", 2).await;
        world.postgres().break_connections().await
    };
    let ((), broken) = tokio::join!(world.drain(), breaks);

    assert!(broken > 0);
    assert_eq!(world.ask("w1", "@powr_io").await.json()["freshness"]["state"], "fresh");
}

#[tokio::test]
async fn exchanges_end_well_while_connections_break_again_and_again() {
    let world = World::start().await;
    let mut runs = Vec::new();
    for number in 0..20 {
        runs.push(world.start_exchange(["powr_io", "natgeo"][number % 2], &format!("w{number}")).await);
    }

    let breaks = async {
        world.stand_ins.wait_for_call("debug_token").await;
        let mut broken = Vec::new();
        for _ in 0..15 {
            broken.push(world.postgres().break_connections().await);
        }
        broken
    };
    let ((), broken) = tokio::join!(world.drain(), breaks);
    all_end(&world, &runs).await;

    assert!(broken[0] > 0 && broken[1..].iter().sum::<usize>() > 0, "runs were at work, and went on: {broken:?}");

    for run_id in &runs {
        let run = world.run(run_id).await;
        assert_eq!((run.state, run.error), (State::Done, None), "after {} attempts", run.attempts);
    }
    assert_eq!(world.installs().await.len(), 2);
    assert_eq!(app_install::Entity::find().count(&world.ctx.db.read).await.expect("read"), 20);
}

#[tokio::test]
async fn while_no_connection_is_to_be_had_routes_say_so_and_work_burns_no_attempt() {
    let world = World::with_feed().await;
    let run_id = world.start_exchange("natgeo", "w1").await;
    world.postgres().admit(false).await;

    let (w1, run) = (format!("{}/v1/apps/w1", world.url), format!("{}/jobs/{run_id}", world.url));
    let feed = world.feed_url("w1", "@powr_io");
    let exchange = format!("{}/instagram/oauth?token=EAAx&appId=w1&user=owner&app_type=x", world.url);
    let body = json!({"user": "owner"});
    for (method, url, body) in [
        (Method::GET, &feed, None),
        (Method::GET, &run, None),
        (Method::PUT, &w1, Some(&body)),
        (Method::POST, &exchange, None),
    ] {
        let answer = world.http.send(method, url, &[], body).await;
        assert_eq!(answer.status, 503, "{url}: {}", answer.text);
        assert_ne!(answer.header("retry-after"), "", "{url}");
    }
    for _ in 0..ExchangeToken::ATTEMPTS * 2 {
        world.drain().await;
        world.advance(TimeDelta::seconds(30)).await;
    }
    world.postgres().admit(true).await;
    all_end(&world, std::slice::from_ref(&run_id)).await;

    let run = world.run(&run_id).await;
    assert_eq!((run.state, run.attempts), (State::Done, 1));
    assert_eq!(world.ask("w1", "@powr_io").await.status, 200);
}

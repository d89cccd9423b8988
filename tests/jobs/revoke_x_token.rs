//! `revoke_x_token`: tokens that are to serve no more are told to X, and then kept by nobody.

use chrono::TimeDelta;
use entities::job_run::{self, State};
use queue::Job;
use reqwest::Method;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use worker::jobs::{PushDue, RevokeXToken};

use crate::harness::World;

async fn run(world: &World) -> job_run::Model {
    let of = job_run::Entity::find().filter(job_run::Column::Kind.eq(RevokeXToken::NAME));
    of.one(&world.ctx.db.read).await.expect("read").expect("a run")
}

async fn take_away(world: &World) {
    let id = world.connect_on_x("powr_io", "w1").await;
    let gone = world.http.send(Method::DELETE, &format!("{}/v1/x-accounts/{id}", world.url), &[], None).await;
    assert_eq!(gone.status, 204);
}

#[tokio::test]
async fn x_is_told_as_soon_as_it_can_be_reached_and_nothing_is_kept_behind_it() {
    let world = World::start().await;
    world.stand_ins.fault("down", json!({"service": "x", "path_contains": "/revoke"}), json!({"drop": true})).await;
    take_away(&world).await;
    world.drain().await;
    assert!(run(&world).await.input.is_some(), "they wait, sealed");

    world.stand_ins.mend("down").await;
    world.advance(TimeDelta::minutes(2)).await;
    PushDue {}.perform(&world.ctx).await.expect("pushed");
    world.drain().await;

    let ended = run(&world).await;
    assert_eq!((ended.state, ended.input), (State::Done, None));
    assert_eq!(world.stand_ins.families().await[0]["state"], "revoked");
    let told = world.stand_ins.calls("/revoke").await.len();
    RevokeXToken { run_id: ended.id }.perform(&world.ctx).await.expect("nothing is left to do");
    assert_eq!(world.stand_ins.calls("/revoke").await.len(), told, "it runs twice, and tells once");
}

#[tokio::test]
async fn where_x_cannot_be_told_for_a_day_they_are_kept_no_longer() {
    let world = World::start().await;
    let refused = json!({"answer": {"status": 401, "headers": {}, "body": "{\"error\":\"invalid_client\"}"}});
    world.stand_ins.fault("no", json!({"service": "x", "path_contains": "/revoke"}), refused).await;
    take_away(&world).await;
    world.drain().await;

    let ended = run(&world).await;
    assert_eq!((ended.state, ended.input), (State::Failed, None));
}

//! `refresh_x_token`: one turn at renewing a pair, and what is left where it broke off. The stand-in judges: a refresh token
//! that comes twice ends all that came from the consent.

use chrono::TimeDelta;
use entities::incident;
use entities::x_account::{self, Ended, Status};
use queue::{Decision, Job};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use worker::jobs::{RefreshXToken, RefreshXTokens, TellOperator};

use crate::harness::World;

/// A world with an account on X whose pair is due.
async fn due() -> (World, String) {
    let world = World::start().await;
    let id = world.connect_on_x("powr_io", "w1").await;
    world.advance(TimeDelta::minutes(61)).await;
    world.stand_ins.forget_calls().await;
    (world, id)
}

async fn refresh(world: &World, id: &str) {
    RefreshXToken { x_account_id: id.to_owned() }.perform(&world.ctx).await.expect("it ends well");
}

/// Moves the time to when it is tried again, and tries.
async fn again(world: &World, id: &str) {
    let due = world.x_account(id).await.refresh_due_at.expect("it is tried again");
    world.advance(due - world.ctx.now() + TimeDelta::seconds(1)).await;
    refresh(world, id).await;
}

async fn fault(world: &World, mut fault: Value) {
    fault["times"] = json!(1);
    world.stand_ins.fault("broken", json!({"service": "x", "path_contains": "/oauth2/token"}), fault).await;
}

fn answer(status: u16, body: &Value) -> Value {
    json!({"answer": {"status": status, "headers": {}, "body": body.to_string()}})
}

async fn calls(world: &World) -> usize {
    world.stand_ins.calls("/2/oauth2/token").await.len()
}

/// What befell the account's row, as a process that ended in the middle of its turn leaves it.
async fn leave_a_turn(world: &World, id: &str, seconds_ago: i64) {
    let row = world.x_account(id).await;
    let number = row.turn_number + 1;
    let mut row = row.into_active_model();
    let wall = world.ctx.clock.now() - world.ctx.clock.offset();
    row.refreshing_since = Set(Some(wall - TimeDelta::seconds(seconds_ago)));
    row.turn_number = Set(number);
    row.update(&world.ctx.db.write).await.expect("written");
}

async fn incidents(world: &World) -> Vec<incident::Model> {
    incident::Entity::all_open(&world.ctx.db.read).await.expect("read")
}

#[tokio::test]
async fn a_pair_that_is_due_is_renewed_once_however_often_it_is_asked_for() {
    let (world, id) = due().await;
    let before = world.x_account(&id).await;

    refresh(&world, &id).await;
    refresh(&world, &id).await;

    let after = world.x_account(&id).await;
    assert_eq!((calls(&world).await, after.pair_number), (1, before.pair_number + 1));
    assert!(after.refresh_token != before.refresh_token && after.access_ends_at > before.access_ends_at);
    assert_eq!(
        (after.refreshing_since, after.refresh_due_at),
        (None, Some(after.access_ends_at - TimeDelta::hours(1)))
    );
    refresh(&world, &entities::new_id()).await;
    assert_eq!(calls(&world).await, 1, "an account that is gone asks nobody");
}

#[tokio::test]
async fn two_who_renew_the_same_pair_ask_once() {
    let (world, id) = due().await;
    let (one, other) = (world.ctx.clone(), world.ctx.clone());
    let job = RefreshXToken { x_account_id: id.clone() };

    let (first, second) = tokio::join!(job.perform(&one), job.perform(&other));

    let waiting = [first, second].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert!(waiting.len() <= 1 && waiting.iter().all(|error| matches!(error.decision(), Decision::RetryAfter(_))));
    assert_eq!((calls(&world).await, world.stand_ins.lost_families().await.len()), (1, 0));
    assert_eq!(world.x_account(&id).await.pair_number, 2);
}

#[tokio::test]
async fn a_turn_that_was_left_is_waited_for_and_then_the_token_is_tried_once_more() {
    let (world, id) = due().await;
    leave_a_turn(&world, &id, 5).await;
    let waits =
        RefreshXToken { x_account_id: id.clone() }.perform(&world.ctx).await.expect_err("somebody may be in it");
    assert!(matches!(waits.decision(), Decision::RetryAfter(_)), "no attempt is burnt");
    assert_eq!(calls(&world).await, 0);

    leave_a_turn(&world, &id, 31).await;
    refresh(&world, &id).await;

    let account = world.x_account(&id).await;
    assert_eq!(
        (account.status, account.unanswered, calls(&world).await),
        (Status::Active, 0, 1),
        "X had never seen it"
    );
}

#[tokio::test]
async fn an_answer_that_was_lost_costs_the_account_only_when_x_had_taken_the_token() {
    let (world, id) = due().await;
    // X never saw the first one.
    fault(&world, json!({"drop": true})).await;
    refresh(&world, &id).await;
    let account = world.x_account(&id).await;
    assert_eq!((account.status, account.unanswered), (Status::Active, 1));
    again(&world, &id).await;
    assert_eq!(world.x_account(&id).await.pair_number, 2, "so the second one brings the pair");

    // X took it, and nobody heard so.
    world.advance(TimeDelta::minutes(61)).await;
    fault(&world, json!({"drop": true, "applied": true})).await;
    refresh(&world, &id).await;
    again(&world, &id).await;
    assert_eq!(world.x_account(&id).await.status, Status::Active, "one word of X's is not believed yet");
    again(&world, &id).await;

    let dead = world.x_account(&id).await;
    assert_eq!((dead.status, dead.ended, dead.refresh_due_at), (Status::Dead, Some(Ended::Lost), None));
    assert_eq!((dead.access_token, dead.refresh_token), (None, None), "what serves nobody is not kept");
    TellOperator {}.perform(&world.ctx).await.expect("told");
    TellOperator {}.perform(&world.ctx).await.expect("and no more");
    let alerts = world.stand_ins.alerts().await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert!(alerts[0].contains("@powr_io") && alerts[0].contains("connect the account again"), "{alerts:?}");
    let shown = world.http.get(&format!("{}/v1/x-accounts/{id}", world.url)).await.json();
    assert_eq!((&shown["state"], &shown["last_error"]["class"]), (&json!("dead"), &json!("token_dead")));

    // Connected again, it serves, and the operator hears so.
    assert_eq!(world.connect_on_x("powr_io", "w1").await, id);
    assert_eq!(world.x_account(&id).await.status, Status::Active);
    TellOperator {}.perform(&world.ctx).await.expect("told");
    let alerts = world.stand_ins.alerts().await;
    assert!(alerts.len() == 2 && alerts[1].starts_with("Over after"), "{alerts:?}");
}

#[tokio::test]
async fn a_slip_of_x_s_is_not_believed_and_a_second_clear_word_is() {
    let (world, id) = due().await;
    let invalid = json!({"error": "invalid_request", "error_description": "Value passed for the token was invalid."});
    fault(&world, answer(400, &invalid)).await;
    refresh(&world, &id).await;
    again(&world, &id).await;
    let account = world.x_account(&id).await;
    assert_eq!((account.pair_number, account.refused, account.failures), (2, 0, 0), "it was a slip");

    world.advance(TimeDelta::minutes(61)).await;
    for _ in 0..2 {
        fault(&world, answer(400, &invalid)).await;
        if world.x_account(&id).await.failures == 0 { refresh(&world, &id).await } else { again(&world, &id).await }
    }
    assert_eq!(world.x_account(&id).await.ended, Some(Ended::Refused));
}

#[tokio::test]
async fn what_passes_is_waited_out_and_what_is_our_app_s_is_nobody_s_end() {
    let (world, id) = due().await;
    let malformed = json!({"answer": {"status": 200, "headers": {}, "body": "<html>"}});
    let reset = (world.ctx.now() + TimeDelta::minutes(7)).timestamp().to_string();
    let limit = json!({"answer": {"status": 429, "headers": {"x-rate-limit-reset": reset}, "body": "{}"}});
    fault(&world, answer(503, &json!({}))).await;
    refresh(&world, &id).await;
    fault(&world, malformed).await;
    again(&world, &id).await;
    fault(&world, limit).await;
    again(&world, &id).await;
    let asked = calls(&world).await;
    let mut limited = world.x_account(&id).await.into_active_model();
    limited.refresh_due_at = Set(Some(world.ctx.now()));
    limited.update(&world.ctx.db.write).await.expect("written");
    refresh(&world, &id).await;
    assert_eq!(calls(&world).await, asked, "a limited key is not called");
    assert!(incidents(&world).await.is_empty(), "the access lives on meanwhile");

    world
        .stand_ins
        .fault("app", json!({"service": "x", "path_contains": "/oauth2/token"}), {
            answer(401, &json!({"error": "unauthorized_client"}))
        })
        .await;
    for _ in 0..12 {
        again(&world, &id).await;
    }
    let account = world.x_account(&id).await;
    assert_eq!((account.status, account.last_failure.as_deref()), (Status::Active, Some("app_misconfigured")));
    let [open] = &incidents(&world).await[..] else { panic!("one incident") };
    assert_eq!((open.scope, open.class.as_str()), (incident::Scope::App, "app_misconfigured"));
    world.stand_ins.mend("app").await;
    again(&world, &id).await;
    assert!(incidents(&world).await.is_empty() && world.x_account(&id).await.failures == 0, "it is over by itself");
}

#[tokio::test]
async fn an_odd_answer_behind_a_day_of_silence_ends_nothing_and_eight_over_a_day_do() {
    let (world, id) = due().await;
    let odd = answer(404, &json!({"title": "Not Found"}));
    fault(&world, answer(503, &json!({}))).await;
    refresh(&world, &id).await;
    for _ in 1..150 {
        fault(&world, answer(503, &json!({}))).await;
        again(&world, &id).await;
    }
    fault(&world, odd.clone()).await;
    again(&world, &id).await;
    let account = world.x_account(&id).await;
    assert_eq!((account.status, account.unexplained, account.failures), (Status::Active, 1, 151));

    for _ in 0..150 {
        fault(&world, odd.clone()).await;
        again(&world, &id).await;
        if world.x_account(&id).await.status == Status::Dead {
            break;
        }
    }
    let account = world.x_account(&id).await;
    let since = account.unexplained_since.expect("since when");
    assert_eq!((account.status, account.updated_at - since >= TimeDelta::days(1)), (Status::Dead, true));
}

#[tokio::test]
async fn a_silence_is_over_when_nobody_meets_it_any_more() {
    let (world, id) = due().await;
    let other = world.connect_on_x("natgeo", "w1").await;
    let token = json!({"service": "x", "path_contains": "/oauth2/token"});
    world.stand_ins.fault("silent", token, answer(503, &json!({}))).await;
    world.advance(TimeDelta::hours(3)).await;
    refresh(&world, &id).await;
    refresh(&world, &other).await;
    assert_eq!(incidents(&world).await.len(), 1, "one for both");

    world.stand_ins.mend("silent").await;
    again(&world, &id).await;
    assert_eq!(incidents(&world).await.len(), 1, "it lasts for the other");
    again(&world, &other).await;
    assert!(incidents(&world).await.is_empty(), "{:?}", incidents(&world).await);
}

#[tokio::test]
async fn a_pair_that_comes_when_the_account_is_gone_is_revoked_too() {
    let (world, id) = due().await;
    let slow = json!({"hang_ms": 1_500, "applied": true, "times": 1});
    world.stand_ins.fault("slow", json!({"service": "x", "path_contains": "/oauth2/token"}), slow).await;
    let (ctx, job) = (world.ctx.clone(), RefreshXToken { x_account_id: id.clone() });
    let renewing = tokio::spawn(async move { job.perform(&ctx).await });
    world.stand_ins.wait_for_call("/2/oauth2/token").await;

    let gone = world.http.send(reqwest::Method::DELETE, &format!("{}/v1/x-accounts/{id}", world.url), &[], None).await;
    assert_eq!(gone.status, 204);
    renewing.await.expect("no panic").expect("it ends well");
    world.drain().await;

    assert!(x_account::Entity::find().all(&world.ctx.db.read).await.expect("read").is_empty());
    assert_eq!(world.stand_ins.calls("/2/oauth2/revoke").await.len(), 4, "the pair that it had, and the one that came");
}

#[tokio::test]
async fn a_token_that_does_not_open_is_left_alone_for_an_hour() {
    let (world, id) = due().await;
    let mut row = world.x_account(&id).await.into_active_model();
    row.refresh_token = Set(world.x_account(&id).await.access_token);
    row.update(&world.ctx.db.write).await.expect("written");

    RefreshXTokens {}.perform(&world.ctx).await.expect("pushed");
    world.drain().await;

    let account = world.x_account(&id).await;
    assert_eq!((account.failures, account.refresh_due_at > Some(world.ctx.now() + TimeDelta::minutes(59))), (1, true));
    assert_eq!(calls(&world).await, 0, "and nobody was asked");
}

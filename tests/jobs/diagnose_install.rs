//! `diagnose_install`: what is found out about an install that Meta refuses, and what follows.

use chrono::TimeDelta;
use entities::diagnosis;
use entities::install::Status;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use worker::jobs::PushDue;

use crate::harness::World;
use crate::harness::stand_ins::graph_error;

/// Fetches the only feed, and has diagnosed what that raises.
async fn fetch(world: &World) {
    world.push_feed().await;
    world.drain().await;
}

/// What is due after some minutes is done.
async fn wait(world: &World, minutes: i64) {
    world.advance(TimeDelta::minutes(minutes)).await;
    world.ctx.queue.push(&PushDue {}).await.expect("pushed");
    world.drain().await;
}

async fn row(world: &World) -> Option<diagnosis::Model> {
    let rows = diagnosis::Entity::find().all(&world.ctx.db.read).await.expect("read");
    assert!(rows.len() <= 1, "one of each install");
    rows.into_iter().next()
}

async fn verdict(world: &World) -> Value {
    row(world).await.and_then(|row| row.verdict).unwrap_or_default()
}

async fn all_answers(world: &World) {
    world.stand_ins.patch("powr_io", json!({"state": "ok", "scopes": null})).await;
}

#[tokio::test]
async fn each_cause_of_100_33_and_a_withdrawn_scope_are_named() {
    for (change, word, who) in [
        (json!({"state": "page_unlinked"}), "page_unlinked", "owner"),
        (json!({"state": "page_not_granted"}), "page_not_granted", "owner"),
        (json!({"state": "suspended"}), "account_gone", "owner"),
        (json!({"state": "other_app"}), "wrong_app", "operator"),
        (json!({"scopes": ["pages_show_list", "pages_read_engagement"]}), "scope_withdrawn", "owner"),
    ] {
        let world = World::with_feed().await;
        world.stand_ins.patch("powr_io", change.clone()).await;

        fetch(&world).await;

        let verdict = verdict(&world).await;
        assert_eq!((&verdict["word"], &verdict["who_acts"]), (&json!(word), &json!(who)), "{change}: {verdict}");
        assert_eq!(world.installs().await[0].status, Status::Active, "{change}: a live token is never called dead");
    }
}

#[tokio::test]
async fn an_id_that_the_page_does_not_carry_and_another_person_s_token_are_named() {
    for word in ["wrong_account", "wrong_person"] {
        let world = World::with_feed().await;
        let mut install = world.installs().await.remove(0).into_active_model();
        match word {
            "wrong_account" => install.instagram_business_account_id = Set("17841400000000000".into()),
            _ => install.facebook_user_id = Set(Some("7".into())),
        }
        install.update(&world.ctx.db.write).await.expect("written");
        let refused = graph_error(400, 100, Some(33));
        world.stand_ins.fault("refused", json!({"path_contains": "/178414"}), refused).await;

        fetch(&world).await;

        assert_eq!(verdict(&world).await["word"], word);
    }
}

#[tokio::test]
async fn a_dead_token_is_called_dead_when_it_is_dead_still_some_minutes_later() {
    let world = World::with_feed().await;
    world.stand_ins.patch("powr_io", json!({"state": "password_changed"})).await;

    fetch(&world).await;
    assert!(row(&world).await.is_some_and(|row| row.verdict.is_none() && row.diagnose_at.is_some()), "not yet");
    assert_eq!(world.installs().await[0].status, Status::Active);
    wait(&world, 5).await;

    let verdict = verdict(&world).await;
    assert_eq!((&verdict["word"], &verdict["subcode"]), (&json!("token_dead"), &json!(460)), "{verdict}");
    assert!(verdict["summary"].as_str().is_some_and(|summary| summary.contains("password")), "{verdict}");
    assert_eq!(world.installs().await[0].status, Status::Dead);
    let calls = world.stand_ins.calls("/media").await.len();
    fetch(&world).await;
    assert_eq!(world.feed().await.failure.as_deref(), Some("token_dead"));
    assert_eq!(world.stand_ins.calls("/media").await.len(), calls, "a dead token is not used");
    assert_eq!(world.ask("w1", "@powr_io").await.status, 200, "the last good body is served");
}

#[tokio::test]
async fn a_190_that_passes_kills_nothing() {
    let world = World::with_feed().await;
    let refused = graph_error(400, 190, None);
    world.stand_ins.fault("refused", json!({"path_contains": "/media"}), refused).await;
    fetch(&world).await;
    world.stand_ins.mend("refused").await;

    wait(&world, 5).await;

    assert_eq!(verdict(&world).await["word"], "healthy");
    assert_eq!(world.installs().await[0].status, Status::Active);
    assert_eq!(world.feed().await.failure, None, "and the feed is fetched at once");
}

#[tokio::test]
async fn a_token_that_debug_token_calls_valid_is_not_dead_however_often_it_is_refused() {
    let world = World::with_feed().await;
    let refused = graph_error(400, 190, Some(467));
    world.stand_ins.fault("refused", json!({"path_contains": "/1784"}), refused).await;
    fetch(&world).await;

    for _ in 0..3 {
        wait(&world, 10).await;
    }

    assert_eq!(verdict(&world).await["word"], "meta_side");
    assert_eq!(world.installs().await[0].status, Status::Active);
}

#[tokio::test]
async fn one_account_that_is_told_10_learns_what_was_ruled_out_and_what_remains() {
    let world = World::with_feed().await;
    world.stand_ins.fault("refused", json!({"path_contains": "/1784"}), graph_error(400, 10, None)).await;

    fetch(&world).await;

    let verdict = verdict(&world).await;
    assert_eq!((&verdict["word"], &verdict["who_acts"]), (&json!("unknown"), &json!("operator")));
    assert_eq!((&verdict["code"], &verdict["fbtrace_id"]), (&json!(10), &json!("Atest")));
    for (field, says) in [
        ("ruled_out", "dead token"),
        ("ruled_out", "withdrawn permission"),
        ("ruled_out", "carries the account"),
        ("remains", "config_id"),
        ("remains", "one account cannot tell the app from Meta"),
    ] {
        assert!(verdict[field].to_string().contains(says), "{says}: {verdict}");
    }
    assert!(!verdict.to_string().contains("EAA"));
}

#[tokio::test]
async fn the_same_failure_is_looked_into_once_and_another_one_anew() {
    let world = World::with_feed().await;
    world.stand_ins.patch("powr_io", json!({"state": "page_unlinked"})).await;
    fetch(&world).await;
    world.stand_ins.forget_calls().await;

    fetch(&world).await;
    assert_eq!(world.stand_ins.calls("debug_token").await.len(), 0, "its verdict holds");
    world.stand_ins.patch("powr_io", json!({"state": "personal"})).await;
    fetch(&world).await;

    assert_eq!(verdict(&world).await["word"], "account_changed");
    assert_eq!(world.stand_ins.calls("debug_token").await.len(), 1);
}

#[tokio::test]
async fn a_new_credential_is_not_judged_by_the_old_one_s_doubt() {
    let world = World::with_feed().await;
    world.stand_ins.patch("powr_io", json!({"state": "password_changed"})).await;
    fetch(&world).await;
    all_answers(&world).await;
    world.connect("powr_io", "w1").await;
    world.stand_ins.forget_calls().await;

    wait(&world, 6).await;

    assert_eq!(world.stand_ins.calls("debug_token").await.len(), 0);
    assert_eq!(world.installs().await[0].status, Status::Active);
    assert!(row(&world).await.is_some_and(|row| row.diagnose_at.is_none() && row.verdict.is_none()));
}

#[tokio::test]
async fn meta_s_silence_is_no_evidence_and_the_diagnosis_is_made_later() {
    let world = World::with_feed().await;
    world.stand_ins.patch("powr_io", json!({"state": "suspended"})).await;
    let away = graph_error(503, 2, None);
    world.stand_ins.fault("away", json!({"path_contains": "debug_token"}), away).await;
    fetch(&world).await;
    assert_eq!(verdict(&world).await, Value::Null);

    world.stand_ins.mend("away").await;
    for _ in 0..8 {
        wait(&world, 10).await;
    }

    assert_eq!(verdict(&world).await["word"], "account_gone");
}

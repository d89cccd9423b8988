//! `send_expiry_email`: one mail to each owner, whatever the mail server does, and what is written down of it.

use chrono::TimeDelta;
use entities::email_delivery::{self, State};
use entities::incident;
use entities::install::{self, Killed};
use queue::{Decision, Job};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use worker::jobs::SendExpiryEmail;

use super::tell_operator::begin;
use crate::harness::World;

/// A world in which one connection ends in three days, and its owner's address is known.
async fn world() -> (World, String) {
    let world = World::start().await;
    let install = world.connect_of("powr_io", "w1", "ann@example.com").await;
    world.ends_in(&install.id, 3).await;
    (world, install.id)
}

async fn smtp_says(world: &World, step: &str, answer: Value) {
    world.stand_ins.fault("smtp", json!({"service": "smtp", "path_contains": step}), answer).await;
}

fn says(status: u16) -> Value {
    json!({"answer": {"status": status, "headers": {}, "body": "not now"}})
}

async fn ledger(world: &World) -> email_delivery::Model {
    let mut rows = email_delivery::Entity::find().all(&world.ctx.db.read).await.expect("read");
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

#[tokio::test]
async fn each_owner_gets_one_mail_with_the_sites_that_depend_on_it() {
    let (world, id) = world().await;
    for (app_id, email) in [("w2", "ANN@example.com"), ("w3", "bob@example.com")] {
        world.register_of(app_id, email).await;
        assert_eq!(world.connect("powr_io", app_id).await.error, None);
    }
    world.ends_in(&id, 3).await;

    world.scan().await;

    let sent = State::Sent;
    let told = [("expiring", "ann@example.com".into(), sent), ("expiring", "bob@example.com".into(), sent)];
    assert_eq!(world.told().await, told);
    let mails = world.stand_ins.mails().await;
    assert_eq!(mails.len(), 2);
    let text = |mail: &Value| mail["text"].as_str().unwrap_or_default().to_owned();
    let shows = |text: &str, apps: &[&str]| apps.iter().all(|app| text.contains(&format!("socialFeed {app}")));
    let (ann, bob) = (text(&mails[0]), text(&mails[1]));
    assert!(shows(&ann, &["w1", "w2"]) && !shows(&ann, &["w3"]), "{ann}");
    assert!(shows(&bob, &["w3"]) && !shows(&bob, &["w1"]), "{bob}");
    assert!(ann.contains(&format!("{}/connect/", world.url)), "{ann}");
    assert!(world.told_at(&id).await.0.is_some());
}

#[tokio::test]
async fn what_the_server_does_not_take_now_it_gets_later_and_once() {
    for (step, status) in [("connect", 421), ("rcpt", 450), ("rcpt", 452), ("data", 421), ("message", 452)] {
        let (world, id) = world().await;
        smtp_says(&world, step, says(status)).await;
        world.scan().await;
        let planned = ledger(&world).await;
        assert_eq!((planned.state, planned.attempts), (State::Planned, 1), "{step} {status}");
        assert!(planned.failure.is_some() && world.told_at(&id).await.0.is_none(), "{step} {status}");

        world.stand_ins.mend("smtp").await;
        world.advance(TimeDelta::minutes(11)).await;
        world.drain().await;
        world.scan().await;

        let sent = ledger(&world).await;
        assert_eq!((sent.state, sent.attempts, sent.failure), (State::Sent, 2, None), "{step} {status}");
        let mails = world.mails_to("ann@example.com").await;
        assert_eq!(mails.len(), 1, "{step} {status}");
        let name = format!("<{}@example.com>", planned.message_id);
        assert_eq!(mails[0]["message_id"], json!(name), "its name is its row's");
    }
}

#[tokio::test]
async fn an_address_that_is_refused_is_recorded_and_shown_and_another_one_is_written_to() {
    let (world, id) = world().await;
    smtp_says(&world, "rcpt", says(550)).await;
    world.scan().await;
    world.stand_ins.mend("smtp").await;
    world.scan().await;
    assert_eq!(world.told().await, [("expiring", "ann@example.com".into(), State::Refused)], "it is not tried again");
    let shown = world.http.get(&format!("{}/v1/installs/{id}", world.url)).await.json();
    let mail = &shown["undelivered"][0];
    assert_eq!((&mail["recipient"], &mail["state"]), (&json!("ann@example.com"), &json!("refused")), "{shown}");
    assert!(mail["reason"].as_str().is_some_and(|reason| reason.contains("550")), "{shown}");

    world.register_of("w1", "new@example.com").await;
    world.scan().await;

    assert_eq!(world.mails_to("new@example.com").await.len(), 1);
    assert!(world.told_at(&id).await.0.is_some());
}

#[tokio::test]
async fn a_mail_whose_fate_nobody_knows_is_recorded_and_not_sent_again() {
    for is_taken in [true, false] {
        let (world, id) = world().await;
        smtp_says(&world, "message", json!({"drop": true, "applied": is_taken})).await;

        world.scan().await;
        world.stand_ins.mend("smtp").await;
        world.scan().await;

        let row = ledger(&world).await;
        assert_eq!((row.state, row.attempts, row.failure.is_some()), (State::Unknown, 1, true));
        assert_eq!(world.mails_to("ann@example.com").await.len(), usize::from(is_taken));
        assert!(world.told_at(&id).await.0.is_some(), "as told as can be");
    }
}

#[tokio::test]
async fn a_server_that_is_slow_at_every_step_gets_one_copy() {
    let (world, id) = world().await;
    smtp_says(&world, "", json!({"hang_ms": 100})).await;

    world.scan().await;

    let row = ledger(&world).await;
    assert_eq!((row.state, row.attempts), (State::Sent, 1));
    assert_eq!(world.mails_to("ann@example.com").await.len(), 1);
    assert!(world.told_at(&id).await.0.is_some());
}

#[tokio::test]
async fn what_a_crash_left_behind_is_unknown_and_not_sent_again() {
    let (world, id) = world().await;
    smtp_says(&world, "rcpt", says(450)).await;
    world.scan().await;
    world.stand_ins.mend("smtp").await;
    // The process ends between the commit before the text and the one behind it.
    let taken = ledger(&world).await;
    assert!(email_delivery::Entity::take(&world.ctx.db.write, &taken.id, world.ctx.now()).await.expect("written"));

    world.advance(TimeDelta::minutes(11)).await;
    world.drain().await;

    let row = ledger(&world).await;
    assert_eq!((row.state, row.failure.is_some()), (State::Unknown, true));
    assert!(world.mails_to("ann@example.com").await.is_empty());
    assert!(world.told_at(&id).await.0.is_some());
}

#[tokio::test]
async fn what_a_crash_left_behind_is_unknown_though_nothing_is_due_any_more() {
    let (world, id) = world().await;
    smtp_says(&world, "rcpt", says(450)).await;
    world.scan().await;
    world.stand_ins.mend("smtp").await;
    let taken = ledger(&world).await;
    assert!(email_delivery::Entity::take(&world.ctx.db.write, &taken.id, world.ctx.now()).await.expect("written"));
    assert_eq!(world.connect("powr_io", "w1").await.error, None);

    SendExpiryEmail { install_id: id.clone() }.perform(&world.ctx).await.expect("nothing to tell");

    assert_eq!(ledger(&world).await.state, State::Unknown);
    assert_eq!(world.told_at(&id).await, (None, None), "that was another credential");
}

#[tokio::test]
async fn the_owner_is_who_it_is_when_the_mail_is_sent() {
    let (world, id) = world().await;
    smtp_says(&world, "rcpt", says(450)).await;
    world.scan().await;
    world.stand_ins.mend("smtp").await;
    // The address is edited before the server takes the mail to the old one, and a site comes with another before the end.
    world.register_of("w1", "abe@example.com").await;
    world.scan().await;
    world.advance(TimeDelta::minutes(11)).await;
    world.drain().await;
    assert_eq!(world.told().await, [("expiring", "abe@example.com".into(), State::Sent)]);
    assert!(world.told_at(&id).await.0.is_some(), "all who can be told have been");

    world.register_of("w2", "bob@example.com").await;
    assert_eq!(world.connect("powr_io", "w2").await.error, None);
    let mut told = world.install(&id).await.into_active_model();
    told.first_verify_email_sent_at = Set(Some(world.ctx.now()));
    told.update(&world.ctx.db.write).await.expect("written");
    world.ends_in(&id, -1).await;
    world.scan().await;

    let all = [("expired", "abe@example.com"), ("expired", "bob@example.com"), ("expiring", "abe@example.com")];
    assert_eq!(world.told().await, all.map(|(stage, email)| (stage, email.to_owned(), State::Sent)));
}

#[tokio::test]
async fn nobody_is_told_twice_that_it_is_over() {
    let (world, id) = world().await;
    world.register_of("w2", "bob@example.com").await;
    assert_eq!(world.connect("powr_io", "w2").await.error, None);
    install::Entity::kill(&world.ctx.db.write, &id, Killed::Password, world.ctx.now()).await.expect("written");
    smtp_says(&world, "rcpt/bob", says(450)).await;
    world.scan().await;
    world.stand_ins.mend("smtp").await;
    assert_eq!(world.told_at(&id).await.1, None, "not all have been told");

    // Before the server takes the mail to Bob, the end comes.
    world.ends_in(&id, -1).await;
    world.advance(TimeDelta::minutes(11)).await;
    world.drain().await;
    world.scan().await;

    assert_eq!((world.mails_to("ann@example.com").await.len(), world.mails_to("bob@example.com").await.len()), (1, 1));
    assert!(world.told_at(&id).await.1.is_some());
}

/// Begins an incident of everybody's that is not over soon.
async fn everybody_waits(world: &World) -> String {
    let id = begin(world, None).await;
    let row = incident::Entity::find_by_id(&id).one(&world.ctx.db.read).await.expect("read").expect("open");
    let mut row = row.into_active_model();
    row.everybody_waits = Set(true);
    row.next_probe_at = Set(Some(world.ctx.now() + TimeDelta::days(90)));
    row.update(&world.ctx.db.write).await.expect("written");
    id
}

#[tokio::test]
async fn an_incident_of_everybodys_delays_that_it_was_killed_but_not_that_it_is_over() {
    let (world, id) = world().await;
    world.ends_in(&id, 30).await;
    install::Entity::kill(&world.ctx.db.write, &id, Killed::Invalidated, world.ctx.now()).await.expect("written");
    everybody_waits(&world).await;
    let job = SendExpiryEmail { install_id: id.clone() };

    let delayed = job.perform(&world.ctx).await.expect_err("it waits");

    assert!(matches!(delayed.decision(), Decision::RetryAfter(_)), "{delayed:?}");
    assert!(world.told().await.is_empty());
    world.ends_in(&id, -1).await;
    job.perform(&world.ctx).await.expect("an end is a fact");
    assert_eq!(world.told().await, [("expired", "ann@example.com".into(), State::Sent)]);
}

#[tokio::test]
async fn an_incident_that_outlasts_the_job_loses_no_mail() {
    let (world, id) = world().await;
    world.ends_in(&id, 30).await;
    install::Entity::kill(&world.ctx.db.write, &id, Killed::Password, world.ctx.now()).await.expect("written");
    let incident = everybody_waits(&world).await;
    for _ in 0..8 {
        world.scan().await;
        world.advance(TimeDelta::hours(12)).await;
    }
    assert!(world.told().await.is_empty());
    assert!(incident::Entity::close(&world.ctx.db.write, &incident, world.ctx.now()).await.expect("written"));

    world.scan().await;
    world.scan().await;

    assert_eq!(world.told().await, [("killed", "ann@example.com".into(), State::Sent)]);
    assert_eq!(world.mails_to("ann@example.com").await.len(), 1);
}

#[tokio::test]
async fn who_has_connected_anew_is_not_told_what_is_over() {
    let (world, id) = world().await;
    smtp_says(&world, "rcpt", says(450)).await;
    world.scan().await;
    world.stand_ins.mend("smtp").await;

    assert_eq!(world.connect("powr_io", "w1").await.error, None);
    world.advance(TimeDelta::minutes(11)).await;
    world.drain().await;

    assert!(world.mails_to("ann@example.com").await.is_empty());
    assert_eq!(world.told_at(&id).await, (None, None));
}

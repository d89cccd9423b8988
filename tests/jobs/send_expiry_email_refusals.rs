//! `send_expiry_email`: mails that the server refuses for good, because of us or because of the address.

use chrono::TimeDelta;
use entities::email_delivery::{self, MOST_REFUSALS, State};
use sea_orm::EntityTrait;
use serde_json::json;

use crate::harness::World;

/// A world in which one connection ends in nine days, by Meta's word, and its owner's address is known.
async fn world() -> (World, String) {
    let world = World::start().await;
    let install = world.connect_of("powr_io", "w1", "ann@example.com").await;
    world.stand_ins.patch("powr_io", json!({"data_access_expires_in_s": 9 * 86_400})).await;
    world.ends_in(&install.id, 9).await;
    (world, install.id)
}

async fn smtp_says(world: &World, step: &str, status: u16, body: &str) {
    let answer = json!({"answer": {"status": status, "headers": {}, "body": body}});
    world.stand_ins.fault("smtp", json!({"service": "smtp", "path_contains": step}), answer).await;
}

async fn ledger(world: &World) -> email_delivery::Model {
    let mut rows = email_delivery::Entity::find().all(&world.ctx.db.read).await.expect("read");
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

#[tokio::test]
async fn what_is_refused_because_of_us_goes_out_once_that_is_mended() {
    for (step, status, says) in [
        ("mail", 530, "5.7.0 Authentication required"),
        ("rcpt", 550, "5.7.1 Relaying denied"),
        ("rcpt", 550, "relay not permitted"),
        ("data", 554, "5.7.1 Not today"),
        ("message", 554, "Message rejected: Email address is not verified."),
        ("message", 550, "5.4.5 Daily user sending quota exceeded."),
    ] {
        let (world, id) = world().await;
        smtp_says(&world, step, status, says).await;
        for _ in 0..6 {
            world.scan().await;
            world.advance(TimeDelta::hours(5)).await;
        }
        let planned = ledger(&world).await;
        assert_eq!((planned.state, planned.refusals), (State::Planned, 0), "{says}");
        assert!(planned.failure.is_some_and(|why| why.contains(says)) && world.told_at(&id).await.0.is_none());
        let shown = world.http.get(&format!("{}/v1/installs/{id}", world.url)).await.json();
        let mail = &shown["undelivered"][0];
        assert_eq!((&mail["state"], &mail["at"]), (&json!("planned"), &json!(null)), "{shown}");
        assert!(mail["reason"].as_str().is_some_and(|reason| reason.contains(says)), "the operator sees why: {shown}");

        world.stand_ins.mend("smtp").await;
        world.scan().await;

        assert_eq!(ledger(&world).await.state, State::Sent, "{says}");
        assert_eq!(world.mails_to("ann@example.com").await.len(), 1, "{says}");
        assert!(world.told_at(&id).await.0.is_some(), "{says}");
    }
}

#[tokio::test]
async fn an_address_that_was_refused_is_tried_again_the_next_day() {
    for step in ["rcpt", "message"] {
        let (world, id) = world().await;
        smtp_says(&world, step, 550, "nobody here").await;
        world.scan().await;
        world.stand_ins.mend("smtp").await;
        world.advance(TimeDelta::hours(8)).await;
        world.scan().await;
        let refused = ledger(&world).await;
        assert_eq!((refused.state, refused.attempts, refused.refusals), (State::Refused, 1, 1), "{step}");
        assert!(world.told_at(&id).await.0.is_none(), "nobody was told");

        world.advance(TimeDelta::hours(16)).await;
        world.scan().await;
        world.scan().await;

        let sent = ledger(&world).await;
        assert_eq!((sent.state, sent.attempts, sent.failure), (State::Sent, 2, None), "{step}");
        assert_eq!(world.mails_to("ann@example.com").await.len(), 1, "{step}");
        assert!(world.told_at(&id).await.0.is_some());
    }
}

#[tokio::test]
async fn an_address_that_is_always_refused_is_left_alone_after_the_third_time() {
    let (world, _) = world().await;
    smtp_says(&world, "rcpt", 550, "nobody here").await;

    for _ in 0..7 {
        world.scan().await;
        world.advance(TimeDelta::days(1)).await;
    }

    let refused = ledger(&world).await;
    assert_eq!((refused.state, refused.attempts, refused.refusals), (State::Refused, 3, MOST_REFUSALS));
}

#[tokio::test]
async fn what_was_planned_and_is_not_to_be_told_any_more_leaves_the_ledger() {
    let (world, id) = world().await;
    smtp_says(&world, "rcpt", 450, "not now").await;
    world.scan().await;
    assert_eq!(ledger(&world).await.state, State::Planned);
    world.stand_ins.mend("smtp").await;

    world.stand_ins.patch("powr_io", json!({"data_access_expires_in_s": -86_400})).await;
    world.ends_in(&id, -1).await;
    world.advance(TimeDelta::minutes(11)).await;
    world.scan().await;

    assert_eq!(world.told().await, [("expired", "ann@example.com".into(), State::Sent)]);
}

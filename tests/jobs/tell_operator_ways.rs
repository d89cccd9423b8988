//! `tell_operator` by which way: Slack, mail where Slack is not set or takes nothing, the log where there is neither.

use chrono::TimeDelta;
use serde_json::{Value, json};
use worker::slack::Slack;
use worker::{Context, Operator};

use super::tell_operator::{begin, tell};
use crate::harness::World;

/// A world where everybody's incident waits to be told.
async fn with_news() -> World {
    let world = World::start().await;
    begin(&world, None).await;
    world.advance(TimeDelta::minutes(2)).await;
    world
}

async fn slack_says(world: &World, status: u16, retry_after: &str, body: &str) {
    let answer = json!({"status": status, "headers": {"retry-after": retry_after}, "body": body});
    world.stand_ins.fault("slack", json!({"service": "slack"}), json!({"answer": answer})).await;
}

async fn mail_says(world: &World, at: &str, status: u16) {
    let answer = json!({"answer": {"status": status, "body": "not now"}});
    world.stand_ins.fault("mail", json!({"service": "smtp", "path_contains": at}), answer).await;
}

/// How many messages reached Slack, and how many the mailbox.
async fn told(world: &World) -> (usize, usize) {
    (world.stand_ins.alerts().await.len(), world.stand_ins.mails().await.len())
}

/// What `/readyz` says of it, without the time.
async fn readiness(world: &World) -> (Value, Value, bool) {
    let answer = world.http.get(&format!("{}/readyz", world.url)).await;
    assert_eq!(answer.status, 200, "it decides nothing about being ready");
    let alerts = &answer.json()["parts"]["alerts"];
    (alerts["status"].clone(), alerts["via"].clone(), !alerts["failing_since"].is_null())
}

fn without_slack(ctx: &Context) -> Context {
    Context { operator: Operator { slack: None, ..ctx.operator.clone() }, ..ctx.clone() }
}

fn without_mail(ctx: &Context) -> Context {
    Context { mailer: None, ..ctx.clone() }
}

#[tokio::test]
async fn without_slack_it_goes_by_mail() {
    let world = with_news().await;

    tell(&without_slack(&world.ctx)).await;

    assert_eq!(told(&world).await, (0, 1));
    let mail = &world.stand_ins.mails().await[0];
    assert_eq!((&mail["from"], &mail["to"]), (&json!("feeds@example.com"), &json!(["ops@example.com"])));
    assert_eq!(mail["subject"], "[Feedkeeper] All: feeds of accounts cannot be read (permission_lost, code 10)");
    assert!(mail["text"].as_str().expect("a text").contains("Next step: "), "{mail}");
    assert!(mail["message_id"].as_str().expect("a name").starts_with("<began-"), "{mail}");
    assert_eq!(readiness(&world).await, (json!("ok"), json!("mail"), false));
}

#[tokio::test]
async fn a_dead_webhook_is_told_by_mail_and_left_alone_for_an_hour() {
    for (status, word) in [(403, "action_prohibited"), (404, "no_service"), (410, "channel_is_archived")] {
        let world = with_news().await;
        slack_says(&world, status, "", word).await;

        tell(&world.ctx).await;

        assert_eq!(told(&world).await, (0, 1), "{word}");
        let mail = world.stand_ins.mails().await[0]["text"].to_string();
        assert!(mail.contains(word) && mail.contains("set another SLACK_WEBHOOK_URL"), "{mail}");
        assert!(!mail.contains("hunter2"), "the webhook is a secret: {mail}");
        assert_eq!(readiness(&world).await, (json!("degraded"), json!("mail"), true));
        begin(&world, Some("an install")).await;
        world.advance(TimeDelta::minutes(59)).await;
        tell(&world.ctx).await;
        assert_eq!((told(&world).await, world.stand_ins.calls("/slack").await.len()), ((0, 2), 1));
        world.advance(TimeDelta::hours(24)).await;
        tell(&world.ctx).await;
        assert_eq!((told(&world).await, world.stand_ins.calls("/slack").await.len()), ((0, 3), 2), "it is tried again");
    }
}

#[tokio::test]
async fn another_webhook_is_tried_at_once() {
    let world = with_news().await;
    slack_says(&world, 404, "", "no_service").await;
    tell(&world.ctx).await;
    world.stand_ins.mend("slack").await;
    let webhook = format!("{}/slack/services/T1/B1/another", world.stand_ins.url);
    let slack = Slack::new(&webhook.into()).expect("a client");
    let ctx = Context { operator: Operator { slack: Some(slack), ..world.ctx.operator.clone() }, ..world.ctx.clone() };

    tell(&ctx).await;

    assert_eq!(readiness(&world).await, (json!("ok"), json!("slack"), false));
}

#[tokio::test]
async fn a_limit_is_waited_for_unless_it_is_long() {
    for (seconds, patient, told_later) in [("30", (0, 0), (1, 0)), ("900", (0, 1), (0, 1))] {
        let world = with_news().await;
        slack_says(&world, 429, seconds, "rate_limited").await;
        tell(&world.ctx).await;
        assert_eq!(told(&world).await, patient, "{seconds} s");
        world.stand_ins.mend("slack").await;
        tell(&world.ctx).await;
        assert_eq!(world.stand_ins.calls("/slack").await.len(), 1, "it is left alone for {seconds} s");

        world.advance(TimeDelta::seconds(31)).await;
        tell(&world.ctx).await;

        assert_eq!(told(&world).await, told_later, "{seconds} s");
    }
}

#[tokio::test]
async fn what_passes_by_itself_is_tried_again_and_then_goes_by_mail() {
    let world = with_news().await;
    slack_says(&world, 500, "", "rollup_error").await;
    tell(&world.ctx).await;
    world.advance(TimeDelta::minutes(4)).await;
    tell(&world.ctx).await;
    assert_eq!(told(&world).await, (0, 0));

    world.advance(TimeDelta::minutes(1)).await;
    tell(&world.ctx).await;

    assert_eq!(told(&world).await, (0, 1));
}

#[tokio::test]
async fn a_message_that_slack_does_not_understand_is_sent_once_and_elsewhere() {
    let world = with_news().await;
    slack_says(&world, 400, "", "invalid_payload").await;
    let alone = with_news().await;
    slack_says(&alone, 400, "", "invalid_payload").await;

    for _ in 0..2 {
        tell(&world.ctx).await;
        tell(&without_mail(&alone.ctx)).await;
    }

    assert_eq!(told(&world).await, (0, 1));
    assert_eq!(alone.stand_ins.calls("/slack").await.len(), 1);
}

#[tokio::test]
async fn while_nobody_takes_it_nobody_was_told() {
    let world = with_news().await;
    slack_says(&world, 404, "", "no_service").await;
    mail_says(&world, "/smtp/rcpt", 451).await;
    tell(&world.ctx).await;
    assert_eq!(readiness(&world).await, (json!("down"), json!(null), true));
    tell(&world.ctx).await;
    assert_eq!(told(&world).await, (0, 0));

    world.stand_ins.mend("mail").await;
    tell(&world.ctx).await;
    tell(&world.ctx).await;

    assert_eq!(told(&world).await, (0, 1), "once it is taken");
}

#[tokio::test]
async fn an_address_that_is_refused_is_left_alone_for_an_hour() {
    let world = with_news().await;
    let ctx = without_slack(&world.ctx);
    mail_says(&world, "/smtp/rcpt", 550).await;
    tell(&ctx).await;
    world.stand_ins.mend("mail").await;
    world.advance(TimeDelta::minutes(59)).await;
    tell(&ctx).await;
    assert_eq!(told(&world).await, (0, 0));

    world.advance(TimeDelta::minutes(1)).await;
    tell(&ctx).await;

    assert_eq!(told(&world).await, (0, 1));
}

#[tokio::test]
async fn a_mail_whose_answer_is_lost_is_sent_again_under_its_name() {
    let world = with_news().await;
    let ctx = without_slack(&world.ctx);
    let lost = json!({"drop": true, "applied": true, "times": 1});
    world.stand_ins.fault("lost", json!({"path_contains": "/smtp/message"}), lost).await;
    tell(&ctx).await;
    tell(&ctx).await;
    tell(&ctx).await;

    let mails = world.stand_ins.mails().await;
    assert_eq!(mails.len(), 2, "the second is taken");
    assert_eq!(mails[0]["message_id"], mails[1]["message_id"]);
}

#[tokio::test]
async fn without_any_way_the_log_is_told_and_readiness_says_so() {
    let world = with_news().await;
    let ctx = without_mail(&without_slack(&world.ctx));

    tell(&ctx).await;
    tell(&world.ctx).await;

    assert_eq!(told(&world).await, (0, 0), "it was told to the log");
    tell(&ctx).await;
    assert_eq!(readiness(&world).await, (json!("off"), json!(null), false));
}

//! `exchange_token`.

use chrono::TimeDelta;
use entities::job_run::State;
use entities::{app_install, install};
use queue::Job;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, PaginatorTrait};
use serde_json::{Value, json};
use worker::exchange::Credential;
use worker::jobs::ExchangeToken;

use crate::harness::World;
use crate::harness::stand_ins::graph_error;

fn code(error: Option<&Value>) -> &str {
    error.and_then(|error| error["code"].as_str()).unwrap_or_default()
}

#[tokio::test]
async fn a_token_becomes_a_connection() {
    let world = World::start().await;

    let run = world.connect("powr_io", "w1").await;

    assert_eq!((run.state, &run.error), (State::Done, &None));
    let result = run.result.expect("a result");
    let install = world.installs().await.remove(0);
    assert_eq!(result["install_id"], install.id.as_str());
    assert_eq!(result["instagram_account"], "powr_io");
    assert_eq!(result["instagram_business_account_id"], world.stand_ins.account_id("powr_io").await);
    assert_eq!(result["page"]["id"], install.page_id.as_str());
    let in_90_days = world.ctx.now() + TimeDelta::days(90);
    let end = install.ends_at().expect("data access ends");
    assert!((in_90_days - end).abs() < TimeDelta::minutes(5), "{end}");
    assert_eq!((install.generation, install.token_expires_at), (1, None));
    assert!(run.input.is_none(), "the sealed input is wiped");
}

#[tokio::test]
async fn a_second_run_of_the_same_job_changes_nothing() {
    let world = World::start().await;
    let run = world.connect("powr_io", "w1").await;
    let before = world.installs().await;

    world.ctx.queue.push(&ExchangeToken { run_id: run.id.clone() }).await.expect("pushed");
    world.drain().await;

    assert_eq!(world.installs().await, before);
    assert_eq!(world.run(&run.id).await, run);
}

#[tokio::test]
async fn two_apps_on_one_account_share_one_install() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    world.connect("powr_io", "w2").await;

    assert_eq!(world.installs().await.len(), 1);
    assert_eq!(app_install::Entity::find().count(&world.ctx.db.read).await.expect("read"), 2);
}

#[tokio::test]
async fn a_second_account_on_one_app_is_a_second_connection() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    world.connect("natgeo", "w1").await;

    let accounts = install::Entity::of_app(&world.ctx.db.read, "w1").await.expect("read");
    let names: Vec<_> = accounts.iter().map(|install| install.instagram_account.as_str()).collect();
    assert_eq!(names, ["powr_io", "natgeo"]);
}

#[tokio::test]
async fn a_reconnect_raises_the_generation_and_forgets_what_was_mailed() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    let mut mailed = world.installs().await.remove(0).into_active_model();
    mailed.first_verify_email_sent_at = Set(Some(world.ctx.now()));
    mailed.second_verify_email_sent_at = Set(Some(world.ctx.now()));
    mailed.update(&world.ctx.db.write).await.expect("written");
    // An end that moved by less is the same end.
    world.advance(TimeDelta::days(2)).await;

    world.connect("powr_io", "w1").await;

    let install = world.installs().await.remove(0);
    assert_eq!(install.generation, 2);
    assert_eq!((install.first_verify_email_sent_at, install.second_verify_email_sent_at), (None, None));
}

#[tokio::test]
async fn each_refusal_has_its_own_code_and_leaves_a_good_credential_alone() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    let before = world.installs().await;

    for (user, expected) in [
        ("no_pages", "no_pages"),
        ("no_instagram", "page_without_instagram"),
        ("no_role", "account_not_allowed"),
        ("two_pages", "choose_page"),
    ] {
        let run = world.connect(user, "w1").await;
        assert_eq!((run.state, code(run.error.as_ref())), (State::Failed, expected));
    }
    world.stand_ins.patch("powr_io", json!({"scopes": ["pages_show_list"]})).await;
    let run = world.connect("powr_io", "w1").await;
    assert_eq!(code(run.error.as_ref()), "missing_scopes");
    assert_eq!(run.error.expect("an error")["scopes"], json!(["instagram_basic", "pages_read_engagement"]));
    let run_id = world.start_exchange_of(Credential::Short("EAAnonsense".to_owned().into()), "w1").await;
    world.drain().await;
    assert_eq!(code(world.run(&run_id).await.error.as_ref()), "token_dead");

    assert_eq!(world.installs().await, before);
}

#[tokio::test]
async fn a_code_that_was_used_or_is_no_code_asks_to_click_again() {
    let world = World::start().await;
    let redirect_uri = format!("{}/users/oauth", world.url);
    let given = world.stand_ins.code("powr_io", &redirect_uri).await;
    let credential = || Credential::Code { code: given.clone().into(), redirect_uri: redirect_uri.clone() };

    let first = world.start_exchange_of(credential(), "w1").await;
    world.drain().await;
    let second = world.start_exchange_of(credential(), "w1").await;
    world.drain().await;

    assert_eq!(world.run(&first).await.error, None);
    assert_eq!(code(world.run(&second).await.error.as_ref()), "code_expired");
}

#[tokio::test]
async fn the_choice_of_a_page_goes_on_with_the_same_job_once() {
    let world = World::start().await;
    let run = world.connect("two_pages", "w1").await;
    let pages = run.error.as_ref().expect("a choice")["pages"].clone();
    let usable = |page: &&Value| page["usable"] == true;
    let wanted = pages.as_array().expect("pages").iter().rfind(usable).expect("usable")["id"].as_str().expect("an id");
    let choose = async |page_id: &str| {
        ExchangeToken::choose(&world.ctx.db, &world.ctx.keyring, &run.id, page_id, world.ctx.now()).await
    };

    assert!(choose("1").await.is_err(), "a page that was not offered");
    let job = choose(wanted).await.expect("the choice is open");
    assert!(choose(wanted).await.is_err(), "a second answer");
    world.ctx.queue.push(&job).await.expect("pushed");
    world.drain().await;

    let end = world.run(&run.id).await;
    assert_eq!(end.result.expect("connected")["page"]["id"], wanted);
    assert!(end.input.is_none());
}

#[tokio::test]
async fn a_choice_that_comes_after_15_minutes_is_late() {
    let world = World::start().await;
    let run = world.connect("two_pages", "w1").await;
    let page_id = run.error.as_ref().expect("a choice")["pages"][0]["id"].as_str().expect("an id").to_owned();

    world.advance(TimeDelta::minutes(15)).await;

    let late = ExchangeToken::choose(&world.ctx.db, &world.ctx.keyring, &run.id, &page_id, world.ctx.now()).await;
    assert!(late.is_err());
}

#[tokio::test]
async fn twenty_connections_of_one_account_at_once_are_one_install() {
    let world = World::start().await;
    let mut runs = Vec::new();
    for number in 0..20 {
        runs.push(world.start_exchange("powr_io", &format!("w{number}")).await);
    }

    world.drain().await;

    for run_id in runs {
        assert_eq!(world.run(&run_id).await.state, State::Done);
    }
    assert_eq!(world.installs().await.len(), 1);
    assert_eq!(app_install::Entity::find().count(&world.ctx.db.read).await.expect("read"), 20);
}

#[tokio::test]
async fn a_worse_credential_does_not_replace_a_good_one() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    let before = world.installs().await;
    world.stand_ins.patch("powr_io", json!({"data_access_expires_in_s": 3600})).await;

    let run = world.connect("powr_io", "w2").await;

    assert_eq!(run.error, None, "the second app is connected all the same");
    let mut after = world.installs().await;
    after[0].updated_at = before[0].updated_at;
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_limited_app_is_waited_for_as_long_as_meta_says_and_burns_no_attempt() {
    let world = World::start().await;
    let limited = graph_error(400, 4, None);
    world.stand_ins.fault("limit", json!({"path_contains": "debug_token"}), limited).await;
    let run_id = world.start_exchange("powr_io", "w1").await;
    world.drain().await;

    let waiting = world.ctx.queue.find::<ExchangeToken>(&run_id).await.expect("asked").expect("still there");
    let wait = waiting.due_at.expect("delayed") - world.ctx.now();
    assert!(wait > TimeDelta::minutes(30), "{wait}");
    assert_eq!(waiting.attempt, 1, "the next attempt is still the first");
    world.stand_ins.mend("limit").await;
    world.advance(wait + TimeDelta::seconds(1)).await;
    world.drain().await;

    assert_eq!(world.run(&run_id).await.error, None);
}

#[tokio::test]
async fn a_malformed_answer_is_tried_again_and_told_in_the_end() {
    let world = World::start().await;
    let malformed = json!({"answer": {"status": 200, "headers": {}, "body": "<html>busy</html>"}});
    world.stand_ins.fault("html", json!({"path_contains": "me/accounts"}), malformed).await;
    let run_id = world.start_exchange("powr_io", "w1").await;

    for _ in 0..ExchangeToken::ATTEMPTS {
        world.drain().await;
        world.advance(TimeDelta::hours(1)).await;
    }
    world.drain().await;

    assert_eq!(code(world.run(&run_id).await.error.as_ref()), "transient");
    assert!(world.installs().await.is_empty());
}

#[tokio::test]
async fn a_wait_that_is_longer_than_a_connection_can_be_kept_open_is_told_as_such() {
    let world = World::start().await;
    let blocked = graph_error(400, 368, None);
    world.stand_ins.fault("blocked", json!({"path_contains": "debug_token"}), blocked).await;

    let run = world.connect("powr_io", "w1").await;

    assert_eq!((run.state, code(run.error.as_ref())), (State::Failed, "rate_limited"));
}

#[tokio::test]
async fn a_second_app_fetches_nothing_that_is_fresh_and_calls_no_limited_key() {
    let world = World::with_feed().await;
    world.connect("powr_io", "w2").await;
    world.drain().await;
    assert_eq!(world.stand_ins.calls("/media").await.len(), 1, "the feed was fresh");

    let limited = graph_error(400, 80002, None);
    world.stand_ins.fault("limit", json!({"path_contains": "/media"}), limited).await;
    world.push_feed().await;
    world.drain().await;
    world.connect("powr_io", "w3").await;
    world.drain().await;

    assert_eq!(world.stand_ins.calls("/media").await.len(), 2, "the key is closed until its time");
}

#[tokio::test]
async fn a_reconnect_wakes_the_feed_that_waited_for_it() {
    let world = World::with_feed().await;
    world.stand_ins.patch("powr_io", json!({"state": "password_changed"})).await;
    world.push_feed().await;
    world.drain().await;
    assert_eq!(world.feed().await.failure.as_deref(), Some("token_dead"));
    world.advance(TimeDelta::minutes(1)).await;

    world.connect("powr_io", "w1").await;

    assert_eq!(world.feed().await.failure, None);
}

#[tokio::test]
async fn fewer_scopes_than_before_are_a_renewal_as_long_as_they_are_enough() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    world.advance(TimeDelta::days(30)).await;
    let enough = json!({"scopes": ["instagram_basic", "pages_show_list", "pages_read_engagement"]});
    world.stand_ins.patch("powr_io", enough).await;

    world.connect("powr_io", "w1").await;

    let install = world.installs().await.remove(0);
    assert_eq!(install.generation, 2);
    assert!(install.ends_at().expect("an end") > world.ctx.now() + TimeDelta::days(89));
}

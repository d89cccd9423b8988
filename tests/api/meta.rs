//! `POST /meta/deauthorize`, `POST /meta/data-deletion`, `GET /deletions/{code}`: Meta's callbacks, and what people see of
//! them.

use chrono::TimeDelta;
use entities::deletion;
use entities::install::{Killed, State};
use reqwest::Method;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use worker::jobs::PushDue;

use crate::harness::{Answer, World};

/// Has the stand-ins send a callback to a route; returns the status and the body of the answer.
async fn call_back(world: &World, route: &str, mut callback: Value) -> (u64, Value) {
    callback["url"] = json!(format!("{}/meta/{route}", world.url));
    let sent = world.http.post_json(&format!("{}/_sandbox/callbacks", world.stand_ins.url), &callback).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let (status, body) = (sent.json()["status"].as_u64().expect("a status"), sent.json()["body"].clone());
    (status, serde_json::from_str(body.as_str().unwrap_or_default()).unwrap_or_default())
}

async fn post_form(world: &World, route: &str, form: &str) -> Answer {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    world.http.send_text(Method::POST, &format!("{}/meta/{route}", world.url), &headers, form.to_owned()).await
}

#[tokio::test]
async fn a_person_who_removed_the_app_has_no_tokens_here_any_more_and_is_told() {
    let world = World::with_feed().await;
    world.connect("natgeo", "w2").await;

    assert_eq!(call_back(&world, "deauthorize", json!({"user": "powr_io"})).await, (200, Value::Null));

    let installs = world.installs().await;
    let of = |name: &str| installs.iter().find(|install| install.instagram_account == name).expect("an install");
    let (gone, other) = (of("powr_io"), of("natgeo"));
    assert!(gone.user_token.is_none() && gone.page_token.is_none());
    assert_eq!((gone.killed, gone.state(world.ctx.now(), world.ctx.now())), (Some(Killed::AppRemoved), State::Dead));
    assert!(other.page_token.is_some() && other.is_active());
    assert_eq!(world.ask("w1", "@powr_io").await.status, 200, "the last good body stays");
}

#[tokio::test]
async fn a_page_that_removed_the_app_takes_what_came_through_it() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;

    assert_eq!(call_back(&world, "deauthorize", json!({"user": "powr_io", "as_page": true})).await.0, 200);

    assert!(world.installs().await[0].page_token.is_none());
}

#[tokio::test]
async fn an_old_word_of_metas_ends_no_newer_connection_but_is_looked_into() {
    let world = World::with_feed().await;
    world.advance(TimeDelta::hours(2)).await;
    assert_eq!(world.connect("powr_io", "w1").await.error, None);
    world.stand_ins.forget_calls().await;
    let old = json!({"user": "powr_io", "issued_ago_s": 3_600});

    for _ in 0..2 {
        assert_eq!(call_back(&world, "deauthorize", old.clone()).await.0, 200);
    }
    world.drain().await;

    let install = world.installs().await.remove(0);
    assert!(install.is_active() && install.page_token.is_some() && install.killed.is_none(), "{install:?}");
    assert_eq!(world.stand_ins.calls("/debug_token").await.len(), 1, "Meta was asked");

    // It was true, and came late.
    world.advance(TimeDelta::hours(7)).await;
    world.stand_ins.patch("powr_io", json!({"state": "app_removed"})).await;
    let mut checked = install.into_active_model();
    checked.checked_at = Set(world.ctx.now());
    checked.update(&world.ctx.db.write).await.expect("written");
    call_back(&world, "deauthorize", old).await;
    for _ in 0..2 {
        world.drain().await;
        world.advance(TimeDelta::minutes(6)).await;
        world.ctx.queue.push(&PushDue {}).await.expect("pushed");
    }
    world.drain().await;
    let install = world.installs().await.remove(0);
    assert_eq!((install.killed, install.is_active()), (Some(Killed::AppRemoved), false));
}

#[tokio::test]
async fn a_wish_that_comes_once_more_forgets_nobody_who_came_back() {
    let world = World::with_feed().await;
    let wish = async |ago_s: i64| {
        let (status, body) =
            call_back(&world, "data-deletion", json!({"user": "powr_io", "issued_ago_s": ago_s})).await;
        world.drain().await;
        assert_eq!(status, 200);
        body
    };
    let first = wish(0).await;
    assert!(world.installs().await.is_empty());
    world.advance(TimeDelta::hours(1)).await;
    assert_eq!(world.connect("powr_io", "w1").await.error, None);

    let again = wish(3_700).await;
    assert_eq!((again, world.installs().await.len()), (first.clone(), 1), "it was fulfilled");
    let new = wish(0).await;
    assert_eq!((new, world.installs().await.len()), (first.clone(), 0), "and a new one is");

    // Of a clock that was ahead of ours, and is so no more.
    wish(-90).await;
    world.advance(TimeDelta::seconds(5)).await;
    assert_eq!(world.connect("powr_io", "w1").await.error, None);
    assert_eq!((wish(0).await, world.installs().await.len()), (first, 0), "and what is said next");
}

#[tokio::test]
async fn only_metas_signature_is_believed() {
    let world = World::with_feed().await;
    for route in ["deauthorize", "data-deletion"] {
        for signature in ["wrong", "mangled"] {
            let (status, body) = call_back(&world, route, json!({"user": "powr_io", "signature": signature})).await;
            assert_eq!((status, &body["code"]), (401, &json!("bad_signature")), "{route} {signature}");
        }
        for form in
            ["", "signed_request=", "signed_request=a.b&signed_request=a.b", "signed_request=invalid", "%ff=%ff"]
        {
            let answer = post_form(&world, route, form).await;
            assert_eq!((answer.status, answer.code().as_str()), (401, "bad_signature"), "{route} {form}");
        }
    }
    world.drain().await;

    assert!(world.installs().await[0].page_token.is_some());
    assert_eq!(deletion::Entity::find().all(&world.ctx.db.read).await.expect("read"), []);
}

#[tokio::test]
async fn without_a_meta_app_no_callback_is_believed() {
    let world = World::signed_and(|config| config.app_secret = None).await;
    let answer = post_form(&world, "data-deletion", "signed_request=a.b").await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "app_misconfigured"));
}

#[tokio::test]
async fn who_wants_to_be_forgotten_gets_one_code_and_sees_when_it_was_done() {
    let world = World::with_feed().await;

    let (status, body) = call_back(&world, "data-deletion", json!({"user": "powr_io"})).await;
    let again = call_back(&world, "data-deletion", json!({"user": "powr_io"})).await.1;
    let other = call_back(&world, "data-deletion", json!({"user": "natgeo"})).await.1;

    assert_eq!((status, &body), (200, &again));
    assert_ne!(body["confirmation_code"], other["confirmation_code"]);
    let code = body["confirmation_code"].as_str().expect("a code");
    assert!(code.bytes().all(|letter| letter.is_ascii_alphanumeric()), "{code}");
    assert_eq!(body["url"], json!(format!("{}/deletions/{code}", world.url)));
    let url = body["url"].as_str().expect("an address");
    let before = world.http.get(url).await;
    world.drain().await;
    let after = world.http.get(url).await;

    assert_eq!((before.status, before.attribute("data-state").as_str()), (200, "pending"));
    assert_eq!((after.status, after.attribute("data-state").as_str()), (200, "done"));
    assert!(after.text.contains("id=\"done\"") && after.text.contains(code), "{}", after.text);
    assert!(world.installs().await.is_empty() && world.feeds().await.is_empty());
}

#[tokio::test]
async fn a_code_that_nobody_was_given_is_a_page_that_says_so_or_a_problem_where_no_page_is_wanted() {
    let world = World::start().await;
    for code in ["x", "0123456789abcdef0123456789abcdef"] {
        let url = format!("{}/deletions/{code}", world.url);
        let page = world.http.send(Method::GET, &url, &[("accept", "text/html,*/*")], None).await;
        let problem = world.http.get(&url).await;
        assert_eq!((problem.status, problem.code().as_str()), (404, "deletion_unknown"));
        assert!(!problem.text.contains("0123456789abcdef"), "{}", problem.text);
        assert_eq!((page.status, page.attribute("data-state").as_str()), (404, "unknown"));
        assert!(page.header("content-type").starts_with("text/html") && !page.text.contains("0123456789abcdef"));
    }
}

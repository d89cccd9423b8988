//! `/x/connect`, `/x/callback`, `/v1/x-accounts`: connecting an account on X, looking at it, taking it away.

use chrono::TimeDelta;
use entities::x_account;
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::json;

use crate::harness::{Answer, World, XVisitor};

async fn delete(world: &World, id: &str, bearer: &str) -> Answer {
    let header = format!("Bearer {bearer}");
    world
        .http
        .send(Method::DELETE, &format!("{}/v1/x-accounts/{id}", world.url), &[("authorization", &header)], None)
        .await
}

#[tokio::test]
async fn a_consent_leads_to_a_page_with_the_outcome_and_the_account_is_listed() {
    let world = World::start().await;
    let browser = XVisitor::go(&world).await;
    assert!(browser.consent.contains("&code_challenge_method=S256") && !browser.consent.contains('+'));
    let back = browser.agree(&world, "powr_io").await;
    assert!(back.starts_with(&format!("{}/x/callback?", world.url)), "{back}");

    let page = browser.come_back(&world, &back).await;

    assert_eq!((page.status, page.attribute("data-state").as_str()), (200, "done"), "{}", page.text);
    assert!(page.text.contains("@powr_io on X is connected"));
    let again = world.http.get(&format!("{}{}", world.url, page.attribute("data-poll"))).await;
    assert_eq!(again.attribute("data-state"), "done");
    assert_eq!(page.header("cache-control"), "no-store");
    let listed = world.http.get(&format!("{}/v1/x-accounts?app_id=w1", world.url)).await.json();
    let account = &listed["data"][0];
    assert_eq!((account["username"].as_str(), account["state"].as_str()), (Some("powr_io"), Some("active")));
    assert_eq!(account["dependants"], json!([{"app_id": "w1", "user": "owner"}]));
    assert_eq!((&account["last_error"], &listed["next"]), (&json!(null), &json!(null)));
    let one = world.http.get(&format!("{}/v1/x-accounts/{}", world.url, account["id"].as_str().expect("an id"))).await;
    assert_eq!(&one.json(), account);
    let run = world.http.get(&format!("{}/jobs/{}", world.url, page.attribute("data-job"))).await;
    assert_eq!((run.status, run.json()["result"]["username"].as_str()), (200, Some("powr_io")));
}

#[tokio::test]
async fn a_denied_forged_foreign_used_or_late_answer_is_a_page_that_says_so() {
    let world = World::start().await;
    let refused = async |browser: &XVisitor, address: &str| {
        let page = browser.get(&world, address).await;
        assert_eq!(page.status, 400, "{}", page.text);
        page.attribute("data-code")
    };
    let browser = XVisitor::go(&world).await;
    let back = browser.agree(&world, "powr_io").await;
    let (address, _) = back.split_once('?').expect("a query");

    assert_eq!(refused(&browser, &format!("{address}?code=x&state=v1.test.AAAA")).await, "state_forged");
    assert_eq!(refused(&browser, &format!("{address}?code=x")).await, "state_forged");
    assert_eq!(refused(&browser, &format!("{address}?state={}", browser.state())).await, "no_code");
    let gone_wrong = format!("{address}?error=server_error&state={}", browser.state());
    assert_eq!(refused(&browser, &gone_wrong).await, "dialog_failed", "and the state is not used up");
    let thief = XVisitor::go(&world).await;
    assert_eq!(refused(&thief, &back).await, "state_foreign");
    assert_eq!(browser.come_back(&world, &back).await.attribute("data-state"), "done");
    assert_eq!(refused(&browser, &back).await, "state_reused");

    let hesitant = XVisitor::go(&world).await;
    let denied = format!("{address}?error=access_denied&state={}", hesitant.state());
    let page = hesitant.get(&world, &denied).await;
    assert_eq!((page.status, page.attribute("data-code").as_str()), (200, "denied"));
    let after_all = hesitant.agree(&world, "natgeo").await;
    assert_eq!(refused(&hesitant, &after_all).await, "state_reused", "a no uses the state up too");

    let slow = XVisitor::go(&world).await;
    let back = slow.agree(&world, "powr_io").await;
    world.advance(TimeDelta::minutes(21)).await;
    assert_eq!(refused(&slow, &back).await, "state_expired");
    assert_eq!(refused(&slow, &format!("{address}?job_id={}", entities::new_id())).await, "job_unknown");
}

#[tokio::test]
async fn who_takes_it_away_ends_it_for_the_own_app_and_the_last_one_ends_it_at_x() {
    let world = World::signed().await;
    let id = world.connect_on_x("powr_io", "w1").await;
    assert_eq!(world.connect_on_x("powr_io", "w2").await, id, "one account for both");
    let (first, second) = (world.token("w1", "owner"), world.token("w2", "owner"));
    let stranger = world.token("w3", "owner");

    assert_eq!(delete(&world, &id, &stranger).await.code(), "x_account_unknown");
    assert_eq!(delete(&world, &id, &first).await.status, 204);
    assert_eq!(delete(&world, &id, &first).await.status, 404, "it is not the app's any more");
    world.drain().await;
    assert!(world.stand_ins.calls("/2/oauth2/revoke").await.is_empty(), "another app posts to it still");

    assert_eq!(delete(&world, &id, &second).await.status, 204);
    let rows = x_account::Entity::find().all(&world.ctx.db.read).await.expect("read");
    assert!(rows.is_empty(), "it is gone at once");
    world.drain().await;
    assert_eq!(world.stand_ins.calls("/2/oauth2/revoke").await.len(), 2, "both tokens");
    let states: Vec<_> = world.stand_ins.families().await.iter().map(|family| family["state"].clone()).collect();
    assert!(states.contains(&json!("revoked")), "{states:?}");
}

#[tokio::test]
async fn an_app_that_is_taken_away_takes_its_account_along() {
    let world = World::start().await;
    world.connect_on_x("powr_io", "w1").await;

    let gone = world.http.send(Method::DELETE, &format!("{}/v1/apps/w1", world.url), &[], None).await;
    world.drain().await;

    assert_eq!(gone.status, 204, "{}", gone.text);
    assert!(x_account::Entity::find().all(&world.ctx.db.read).await.expect("read").is_empty());
    assert_eq!(world.stand_ins.calls("/2/oauth2/revoke").await.len(), 2);
}

#[tokio::test]
async fn without_an_app_at_x_a_person_is_told_so() {
    let world = World::signed_and(|config| config.x_dialog.client_id = None).await;
    let url = format!("{}/x/connect?app_id=w1&user=owner&auth={}", world.url, world.token("w1", "owner"));

    for _ in 0..2 {
        let answer = world.http.get(&url).await;
        assert_eq!((answer.status, answer.code().as_str()), (503, "app_misconfigured"), "and the token is not used up");
    }
}

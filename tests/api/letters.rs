//! The links of letters that were sent, and what stays of a letter, where apps come and go.

use chrono::TimeDelta;
use entities::app;
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::json;

use crate::harness::{Visitor, World};

/// A world in which these apps, with their owners, use one account whose end is near, and whose owners have been told.
async fn told(apps: &[(&str, &str)]) -> World {
    let world = World::start().await;
    for (app_id, email) in apps {
        world.connect_of("powr_io", app_id, email).await;
    }
    tell(&world).await;
    world
}

async fn tell(world: &World) {
    let id = world.installs().await.remove(0).id;
    world.ends_in(&id, 3).await;
    world.scan().await;
}

/// The address behind the button of the last letter to somebody.
async fn link(world: &World, email: &str) -> String {
    let letter = world.mails_to(email).await.pop().expect("a letter");
    let text = letter["text"].as_str().expect("a text");
    let begins = format!("{}/connect/", world.url);
    text.split_whitespace().find(|word| word.starts_with(&begins)).expect("a link").to_owned()
}

async fn delete(world: &World, path: &str) {
    let answer = world.http.send(Method::DELETE, &format!("{}/v1/apps/{path}", world.url), &[], None).await;
    assert!(answer.status < 300, "{}", answer.text);
    world.drain().await;
}

/// Presses the letter's button, agrees, and returns what the page of the outcome says.
async fn renew(world: &World, link: &str) -> String {
    let browser = Visitor::of(&world.http.send(Method::POST, link, &[], None).await);
    let outcome = browser.connect(world, "powr_io").await;
    browser.get(world, &outcome).await.attribute("data-state")
}

#[tokio::test]
async fn a_letters_button_works_while_any_app_of_its_owner_needs_the_account() {
    let world = told(&[("w1", "ann@example.com"), ("w2", "Ann@example.com"), ("w3", "bob@example.com")]).await;
    let (ann, bob) = (link(&world, "ann@example.com").await, link(&world, "bob@example.com").await);

    delete(&world, "w1").await;

    assert_eq!(world.http.get(&ann).await.attribute("data-state"), "ready");
    assert_eq!(renew(&world, &ann).await, "done");
    assert_eq!(world.installs().await[0].generation, 4);
    let apps = app::Entity::find().all(&world.ctx.db.read).await.expect("read");
    assert!(apps.iter().all(|app| app.app_id != "w1"), "it is not brought back");
    delete(&world, "w3").await;
    assert_eq!(world.http.get(&bob).await.attribute("data-code"), "link_unknown", "the other app is not his");
    delete(&world, "w2").await;
    assert_eq!(world.http.get(&ann).await.attribute("data-code"), "link_unknown");
}

#[tokio::test]
async fn the_button_of_a_letter_that_waited_for_weeks_works() {
    let world = World::start().await;
    let install = world.connect_of("powr_io", "w1", "ann@example.com").await;
    world.stand_ins.patch("powr_io", json!({"data_access_expires_in_s": -86_400})).await;
    world.ends_in(&install.id, -1).await;
    let answer = json!({"answer": {"status": 550, "headers": {}, "body": "5.7.1 Relaying denied"}});
    world.stand_ins.fault("smtp", json!({"service": "smtp", "path_contains": "rcpt"}), answer).await;
    for _ in 0..15 {
        world.scan().await;
        world.advance(TimeDelta::days(1)).await;
    }
    assert!(world.stand_ins.mails().await.is_empty());

    world.stand_ins.mend("smtp").await;
    world.scan().await;

    let link = link(&world, "ann@example.com").await;
    assert_eq!(world.http.get(&link).await.attribute("data-state"), "ready");
}

#[tokio::test]
async fn nothing_stays_of_the_mails_to_an_owner_whose_last_app_is_gone() {
    let world = told(&[("w1", "ann@example.com"), ("w2", "bob@example.com"), ("w3", "ann@example.com")]).await;
    let install = world.installs().await.remove(0).id;
    let told = async || world.told().await.into_iter().map(|(_, email, _)| email).collect::<Vec<_>>();

    delete(&world, "w1").await;
    assert_eq!(told().await, ["ann@example.com", "bob@example.com"]);
    delete(&world, &format!("w3/installs/{install}")).await;

    assert_eq!(told().await, ["bob@example.com"]);
}

#[tokio::test]
async fn a_letters_button_moves_no_app() {
    let world = World::start().await;
    world.connect_of("powr_io", "w1", "ann@example.com").await;
    world.roll_out().await;
    // An old app that had the account before the move was offered, and one that has made it.
    world.save_old("w1", &["@powr_io"]).await;
    let moved = async || {
        let app = app::Entity::find_by_id("w1").one(&world.ctx.db.read).await.expect("read").expect("an app");
        app.instagram_graph_api_migrated_at.is_some_and(|value| value != "never")
    };
    tell(&world).await;
    assert_eq!(renew(&world, &link(&world, "ann@example.com").await).await, "done");
    assert!(!moved().await, "nobody has asked for it");
    assert_eq!(world.connect("powr_io", "w1").await.error, None);
    assert!(moved().await);

    delete(&world, "w1/migration").await;
    tell(&world).await;
    assert_eq!(renew(&world, &link(&world, "ann@example.com").await).await, "done");

    assert!(!moved().await, "what was taken back stays with the outlet");
    assert_eq!(world.connect("powr_io", "w1").await.error, None);
    assert!(moved().await, "connecting at the site moves it");
}

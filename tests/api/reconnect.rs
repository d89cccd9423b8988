//! `/connect/{link}`: the button of a letter, on its way through Meta's dialog and back.

use chrono::TimeDelta;
use entities::install::{self, Status};
use entities::{connect_link, incident};
use reqwest::Method;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use secrecy::ExposeSecret;
use serde_json::json;
use worker::exchange::ConnectLink;

use crate::harness::{Answer, Visitor, World};

/// Writes the link that a letter about the only install carries, and returns its address.
async fn link(world: &World, name: &str) -> String {
    let install = world.installs().await.remove(0);
    let (db, ring) = (&world.ctx.db.write, &world.ctx.keyring);
    let written = ConnectLink::write(db, ring, name, (&install, "w1"), world.ctx.now()).await.expect("written");
    format!("{}/connect/{}", world.url, written.text.expose_secret())
}

/// Presses the button of the page.
async fn press(world: &World, link: &str) -> Visitor {
    Visitor::of(&world.http.send(Method::POST, link, &[], None).await)
}

/// Agrees as this user, and returns the page of the outcome.
async fn come_back(world: &World, browser: &Visitor, user: &str) -> Answer {
    let outcome = browser.connect(world, user).await;
    browser.get(world, &outcome).await
}

/// Presses “Try again” on the page of a refusal.
async fn again(world: &World, browser: &Visitor, refused: &Answer) -> Visitor {
    let run = refused.attribute("data-job");
    assert!(refused.text.contains(&format!("id=\"retry\" href=\"/users/oauth?again={run}")), "{}", refused.text);
    let url = format!("{}/users/oauth?again={run}&after=wrong_account", world.url);
    Visitor::of(&browser.get(world, &url).await)
}

async fn used_at(world: &World) -> Vec<bool> {
    let links = connect_link::Entity::find().all(&world.ctx.db.read).await.expect("read");
    links.iter().map(|link| link.used_at.is_some()).collect()
}

async fn end_early(world: &World) {
    let mut dead = world.installs().await.remove(0).into_active_model();
    dead.status = Set(Status::Dead);
    dead.first_verify_email_sent_at = Set(Some(world.ctx.now()));
    dead.second_verify_email_sent_at = Set(Some(world.ctx.now()));
    dead.update(&world.ctx.db.write).await.expect("written");
}

#[tokio::test]
async fn the_link_leads_to_the_dialog_and_heals() {
    let world = World::with_feed().await;
    world.stand_ins.patch("powr_io", serde_json::json!({"state": "password_changed"})).await;
    world.push_feed().await;
    world.drain().await;
    end_early(&world).await;
    let before = world.installs().await.remove(0);
    let link = link(&world, "letter").await;
    assert_eq!(open_incidents(&world).await, 1, "a failure opened it");
    world.stand_ins.patch("powr_io", serde_json::json!({"state": "ok"})).await;
    world.stand_ins.forget_calls().await;

    let page = world.http.get(&link).await;
    let browser = press(&world, &link).await;
    let healed = come_back(&world, &browser, "powr_io").await;
    let after = world.installs().await.remove(0);

    assert_eq!((page.status, page.attribute("data-state").as_str()), (200, "ready"));
    assert!(page.text.contains("@powr_io") && page.header("referrer-policy") == "no-referrer", "{}", page.text);
    assert!(browser.dialog.ends_with("&auth_type=reauthorize"), "{}", browser.dialog);
    assert!(browser.dialog.contains("response_type=code") && browser.dialog.contains("users%2Foauth"));
    assert_eq!(healed.attribute("data-state"), "done", "{}", healed.text);
    assert_eq!((after.status, after.generation), (Status::Active, before.generation + 1));
    assert_eq!((after.first_verify_email_sent_at, after.second_verify_email_sent_at), (None, None));
    assert_eq!(used_at(&world).await, [true]);
    assert_eq!(open_incidents(&world).await, 0);
    assert_eq!(world.stand_ins.calls("/media").await.len(), 1, "its feed was fetched once");
    assert_eq!(world.feed().await.failure, None);
}

#[tokio::test]
async fn the_hashtags_of_its_sites_are_fetched_again_once() {
    let world = World::with_food().await;
    world.stand_ins.patch("powr_io", serde_json::json!({"state": "password_changed"})).await;
    world.push_feed().await;
    world.drain().await;
    end_early(&world).await;
    assert!(world.feed().await.failure.is_some(), "nobody is left to ask with");
    let link = link(&world, "letter").await;
    world.stand_ins.patch("powr_io", serde_json::json!({"state": "ok"})).await;
    world.stand_ins.forget_calls().await;

    let browser = press(&world, &link).await;
    let healed = come_back(&world, &browser, "powr_io").await;

    assert_eq!(healed.attribute("data-state"), "done");
    assert_eq!(world.stand_ins.calls("/recent_media").await.len(), 1);
    assert_eq!(world.feed().await.failure, None);
    assert_eq!(open_incidents(&world).await, 0);
}

async fn open_incidents(world: &World) -> usize {
    incident::Entity::all_open(&world.ctx.db.read).await.expect("read").len()
}

#[tokio::test]
async fn looking_changes_nothing_however_often() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    let link = link(&world, "letter").await;
    let before = world.installs().await;

    for _ in 0..10 {
        for method in [Method::GET, Method::HEAD] {
            let looked = world.http.send(method.clone(), &link, &[], None).await;
            assert_eq!((looked.status, looked.header("set-cookie")), (200, ""), "{method}");
        }
    }
    let sent = press(&world, &link).await;
    let again = press(&world, &link).await;

    assert_eq!((world.installs().await, used_at(&world).await), (before, vec![false]));
    assert_ne!(sent.state(), again.state());
    let healed = come_back(&world, &again, "powr_io").await;
    assert_eq!(healed.attribute("data-state"), "done");
    assert_eq!(used_at(&world).await, [true]);
}

#[tokio::test]
async fn the_second_use_is_told_kindly_that_all_is_done() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    let link = link(&world, "letter").await;
    let (first, second, third) = (press(&world, &link).await, press(&world, &link).await, press(&world, &link).await);
    let (back, late) = (second.agree(&world, "powr_io").await, third.agree(&world, "powr_io").await);

    // Two runs of one link, of which the first uses it up.
    let page = second.get(&world, &back).await;
    let healed = come_back(&world, &first, "powr_io").await;
    let outcome = second.get(&world, &format!("{}{}", world.url, page.attribute("data-poll"))).await;
    let generation = world.installs().await[0].generation;
    let turned = third.get(&world, &late).await;
    let (looked, pressed) = (world.http.get(&link).await, world.http.send(Method::POST, &link, &[], None).await);

    assert_eq!((healed.attribute("data-state"), outcome.attribute("data-state")), ("done".into(), "done".into()));
    assert_eq!(generation, 2, "one credential was kept");
    assert_eq!((turned.status, turned.attribute("data-code").as_str()), (400, "link_used"));
    for page in [looked, pressed] {
        assert_eq!((page.status, page.attribute("data-code").as_str()), (200, "link_used"));
        assert!(page.text.contains("@powr_io is connected again") && !page.text.contains("<form"), "{}", page.text);
    }
}

#[tokio::test]
async fn the_wrong_account_is_refused_by_both_names_and_changes_nothing() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    let before = world.installs().await;
    let link = link(&world, "letter").await;

    let browser = press(&world, &link).await;
    let refused = come_back(&world, &browser, "natgeo").await;
    let run = world.run(&refused.attribute("data-job")).await;
    let error = run.error.expect("an error");

    let polled = world.http.get(&format!("{}/jobs/{}", world.url, run.id)).await.json();
    assert_eq!((&polled["error"], &error["code"]), (&error, &json!("wrong_account")));
    assert_eq!((&error["expected_account"], &error["accounts"]), (&json!("powr_io"), &json!(["@natgeo"])));
    for name in ["@powr_io", "@natgeo"] {
        assert!(error["message"].as_str().expect("a text").contains(name) && refused.text.contains(name), "{error}");
    }
    assert_eq!((world.installs().await, used_at(&world).await), (before, vec![false]));

    // Trying again from that page is for the same account still.
    let browser = again(&world, &browser, &refused).await;
    assert!(browser.dialog.contains("auth_type=reauthorize"), "{}", browser.dialog);
    let still = come_back(&world, &browser, "natgeo").await;
    assert_eq!(still.attribute("data-code"), "wrong_account");
    assert_eq!(world.installs().await.len(), 1);
    let browser = again(&world, &browser, &still).await;
    assert_eq!(come_back(&world, &browser, "powr_io").await.attribute("data-state"), "done");
}

#[tokio::test]
async fn of_several_pages_the_one_of_the_account_is_taken_unasked() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    let account = world.stand_ins.account_id("two_pages").await;
    let mut install = world.installs().await.remove(0).into_active_model();
    install.instagram_business_account_id = Set(account.clone());
    install.update(&world.ctx.db.write).await.expect("written");
    let link = link(&world, "letter").await;

    let browser = press(&world, &link).await;
    let healed = come_back(&world, &browser, "two_pages").await;

    assert_eq!(healed.attribute("data-state"), "done", "{}", healed.text);
    assert_eq!(world.installs().await[0].instagram_business_account_id, account);
}

#[tokio::test]
async fn a_forged_foreign_expired_or_forgotten_link_is_a_page_that_says_so() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    let (ours, theirs) = (link(&world, "letter").await, World::start().await);
    theirs.connect("powr_io", "w1").await;
    let foreign = link(&theirs, "letter").await.replace(&theirs.url, &world.url);
    let forged = format!("{}AAAAAAAA", &ours[..ours.len() - 8]);
    let turned = async |link: &str| {
        let (looked, pressed) = (world.http.get(link).await, world.http.send(Method::POST, link, &[], None).await);
        assert_eq!((looked.status, looked.attribute("data-code")), (pressed.status, pressed.attribute("data-code")));
        assert!(looked.text.contains("What to do") && looked.header("cache-control") == "no-store");
        (looked.status, looked.attribute("data-code"))
    };

    for link in [&forged, &foreign, &format!("{}/connect/x", world.url)] {
        assert_eq!(turned(link).await, (400, "link_forged".to_owned()), "{link}");
    }
    let apps = entities::app_install::Entity::delete_many();
    let kept = entities::app_install::Entity::find().all(&world.ctx.db.read).await.expect("read").remove(0);
    apps.exec(&world.ctx.db.write).await.expect("deleted");
    assert_eq!(turned(&ours).await, (400, "link_unknown".to_owned()), "the app has let it go");
    entities::app_install::Entity::join(&world.ctx.db.write, &kept.app_id, &kept.install_id, kept.created_at)
        .await
        .expect("joined");
    assert_eq!(world.http.get(&ours).await.status, 200);
    install::Entity::delete_many().exec(&world.ctx.db.write).await.expect("deleted");
    assert_eq!(turned(&ours).await, (400, "link_unknown".to_owned()));
    world.advance(TimeDelta::days(14) + TimeDelta::minutes(1)).await;
    assert_eq!(turned(&ours).await, (400, "link_expired".to_owned()));
    connect_link::Entity::delete_many().exec(&world.ctx.db.write).await.expect("swept");
    assert_eq!(turned(&ours).await, (400, "link_expired".to_owned()), "it says so itself");
}

#[tokio::test]
async fn a_letter_that_is_tried_again_carries_the_same_link() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;

    let first = link(&world, "letter").await;
    world.advance(TimeDelta::days(3)).await;
    let second = link(&world, "letter").await;
    let healed = come_back(&world, &press(&world, &first).await, "powr_io").await;

    assert_eq!(healed.attribute("data-state"), "done");
    assert_eq!(world.http.get(&second).await.attribute("data-code"), "link_used");
    assert_eq!(used_at(&world).await.len(), 1);
}

#[tokio::test]
async fn under_a_host_that_signs_the_link_is_proof_enough_for_its_account_alone() {
    let world = World::signed().await;
    world.connect("powr_io", "w1").await;
    let link = link(&world, "letter").await;

    let browser = press(&world, &link).await;
    let refused = come_back(&world, &browser, "natgeo").await;
    let retried = again(&world, &browser, &refused).await;
    let still = come_back(&world, &retried, "natgeo").await;

    assert_eq!(refused.attribute("data-code"), "wrong_account");
    assert_eq!(still.attribute("data-code"), "wrong_account");
    assert_eq!(world.installs().await.len(), 1);
}

#[tokio::test]
async fn who_connected_at_the_site_meanwhile_has_nothing_left_to_do() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    let link = link(&world, "letter").await;

    world.connect("powr_io", "w1").await;

    assert_eq!(world.http.get(&link).await.attribute("data-code"), "link_used");
    world.advance(TimeDelta::days(13)).await;
    end_early(&world).await;
    assert_eq!(world.http.get(&link).await.attribute("data-state"), "ready", "and when it has ended again, it serves");
}

//! `DELETE /v1/apps/{app_id}[/installs/{id}]`.

use entities::{app, deletion, new_id, x_account};
use queue::Job;
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::json;
use worker::jobs::ExchangeToken;

use crate::harness::hashtags::{freshness, is};
use crate::harness::{Answer, World, XVisitor};

async fn delete(world: &World, path: &str) -> Answer {
    let proof = format!("Bearer {}", world.token("w1", "owner"));
    world.http.send(Method::DELETE, &format!("{}/v1/apps/{path}", world.url), &[("authorization", &proof)], None).await
}

#[tokio::test]
async fn an_app_goes_with_the_accounts_that_no_other_app_uses() {
    let world = World::signed().await;
    world.connect("powr_io", "w1").await;
    world.connect("natgeo", "w1").await;
    world.connect("natgeo", "w2").await;

    assert_eq!(delete(&world, "w1").await.status, 204);
    let at_once = world.installs().await;
    world.drain().await;

    let unused = at_once.iter().find(|install| install.instagram_account == "powr_io").expect("not yet forgotten");
    assert!(unused.page_token.is_none() && unused.user_token.is_none(), "tokens go before the answer");
    let left = world.installs().await;
    assert_eq!(left.iter().map(|install| install.instagram_account.as_str()).collect::<Vec<_>>(), ["natgeo"]);
    assert!(left[0].page_token.is_some());
    let apps = app::Entity::find().all(&world.ctx.db.read).await.expect("read");
    assert!(apps.iter().all(|app| app.app_id != "w1") && apps.iter().any(|app| app.app_id == "w2"));
    let again = delete(&world, "w1").await;
    assert_eq!((again.status, again.code().as_str()), (404, "app_unknown"));
}

#[tokio::test]
async fn one_connection_goes_and_the_account_with_its_last_app() {
    let world = World::signed().await;
    world.connect("powr_io", "w1").await;
    world.connect("powr_io", "w2").await;
    let id = world.installs().await.remove(0).id;

    assert_eq!(delete(&world, &format!("w1/installs/{id}")).await.status, 204);
    world.drain().await;
    assert!(world.installs().await[0].page_token.is_some(), "w2 uses it");
    for (path, status) in [(format!("w1/installs/{id}"), 404), (format!("w1/installs/{}", new_id()), 404)] {
        assert_eq!(delete(&world, &path).await.status, status, "{path}");
    }
    assert_eq!(delete(&world, &format!("w2/installs/{id}")).await.status, 403, "another app's");

    world.connect("powr_io", "w1").await;
    assert_eq!(delete(&world, &format!("w1/installs/{id}")).await.status, 204);
    world.drain().await;
    assert_eq!(world.installs().await.len(), 1);
    assert_eq!(deletion::Entity::find().all(&world.ctx.db.read).await.expect("read"), []);
}

#[tokio::test]
async fn what_another_app_shows_goes_on_as_it_was() {
    let keys = ["@powr_io".to_owned(), "#food".to_owned()];
    let world = World::with_apps(&[("w1", "powr_io"), ("w2", "powr_io")], &keys).await;
    for app_id in ["w1", "w2"] {
        world.ask_all(app_id, &keys).await;
        world.drain().await;
    }
    let before = world.feeds().await;
    assert_eq!(before.iter().filter(|feed| feed.body.is_some()).count(), 2);

    assert_eq!(delete(&world, "w1").await.status, 204);
    world.drain().await;

    assert_eq!(world.feeds().await, before);
    for answer in world.ask_all("w2", &keys).await {
        assert_eq!(freshness(&answer), is("fresh", ""));
    }
}

#[tokio::test]
async fn what_connecting_an_account_told_goes_with_the_account_whoever_disconnected_it_before() {
    let world = World::signed().await;
    // Which of the person's Pages it was to be was asked, and not answered.
    let asked = world.connect("two_pages", "w1").await;
    let page = asked.error.as_ref().expect("a choice")["pages"][0].clone();
    let token = world.stand_ins.mint("two_pages").await;
    let body = json!({"token": token, "appId": "w1", "user": "owner", "page_id": page["id"]});
    let url = format!("{}/instagram/oauth", world.url);
    let proof = format!("Bearer {}", world.token("w1", "owner"));
    let chosen = world.http.send(Method::POST, &url, &[("authorization", &proof)], Some(&body)).await.json();
    world.drain().await;
    let shared = world.connect("powr_io", "w1").await;
    let other = world.connect("powr_io", "w2").await;
    let chosen = chosen["job_id"].as_str().expect("a run").to_owned();
    let told = async |run_id: &str| world.http.get(&format!("{}/jobs/{run_id}", world.url)).await.status;
    let install_of = async |run_id: &str| {
        let result = world.run(run_id).await.result.expect("connected");
        result["install_id"].as_str().expect("an id").to_owned()
    };
    let (alone, shared_id) = (install_of(&chosen).await, install_of(&shared.id).await);

    for id in [&alone, &shared_id] {
        assert_eq!(delete(&world, &format!("w1/installs/{id}")).await.status, 204);
    }
    world.drain().await;
    assert_eq!((told(&asked.id).await, told(&chosen).await), (404, 404), "nobody uses it any more");

    let proof = format!("Bearer {}", world.token("w2", "owner"));
    let url = format!("{}/v1/apps/w2/installs/{shared_id}", world.url);
    assert_eq!(world.http.send(Method::DELETE, &url, &[("authorization", &proof)], None).await.status, 204);
    world.drain().await;
    assert_eq!((told(&shared.id).await, told(&other.id).await), (404, 404), "nor this one");
}

#[tokio::test]
async fn a_connection_that_is_under_way_ends_with_its_app_and_does_not_bring_it_back() {
    let world = World::signed().await;
    let waiting = world.start_exchange("natgeo", "w1").await;
    let running = world.start_exchange("powr_io", "w1").await;
    world.stand_ins.fault("slow", json!({"path_contains": "/debug_token"}), json!({"hang_ms": 800})).await;
    let exchange = ExchangeToken { run_id: running.clone() };

    let (ended, gone) = tokio::join!(exchange.perform(&world.ctx), async {
        world.stand_ins.wait_for_call("/debug_token").await;
        delete(&world, "w1").await.status
    });
    assert_eq!(gone, 204);
    assert!(ended.is_err(), "it is tried again, and finds that it has ended");
    world.stand_ins.mend("slow").await;
    exchange.perform(&world.ctx).await.expect("it has ended");
    world.drain().await;

    for run_id in [waiting, running] {
        let run = world.http.get(&format!("{}/jobs/{run_id}", world.url)).await.json();
        assert_eq!((&run["state"], &run["error"]["code"]), (&json!("failed"), &json!("not_found")), "{run}");
        assert_eq!(world.run(&run_id).await.input, None, "the token is wiped");
    }
    assert_eq!(world.installs().await, []);
    assert_eq!(app::Entity::find().all(&world.ctx.db.read).await.expect("read"), []);
}

#[tokio::test]
async fn what_x_gave_for_an_app_that_is_gone_is_given_back() {
    for path in ["/2/users/me", "/2/oauth2/token"] {
        let world = World::start().await;
        let browser = XVisitor::go(&world).await;
        let back = browser.agree(&world, "powr_io").await;
        world.stand_ins.fault("slow", json!({"service": "x", "path_contains": path}), json!({"hang_ms": 800})).await;

        let url = format!("{}/v1/apps/w1", world.url);
        let (page, gone) = tokio::join!(browser.come_back(&world, &back), async {
            world.stand_ins.wait_for_call(path).await;
            world.http.send(Method::DELETE, &url, &[], None).await.status
        });
        assert_eq!((gone, page.attribute("data-code").as_str()), (204, "not_found"), "{path}: {}", page.text);
        world.stand_ins.mend("slow").await;
        world.advance(chrono::TimeDelta::minutes(1)).await;
        world.drain().await;

        assert_eq!(world.stand_ins.families().await[0]["state"], "revoked", "{path}");
        let db = &world.ctx.db.read;
        assert_eq!(x_account::Entity::find().all(db).await.expect("read"), []);
        assert_eq!(app::Entity::find().all(db).await.expect("read"), []);
    }
}

//! `kill -9` at ten moments: after the restart every run ends, and no row is stuck.
//!
//! A moment is a call that hangs: when it has arrived at the stand-in, the process is killed.

use serde_json::json;

use crate::harness::Service;

/// Kills the service when a call to `path` has arrived, and starts it again with the call answered.
async fn killed_at(service: &mut Service, path: &str) {
    service.stand_ins.wait_for_call(path).await;
    service.kill().await;
    service.stand_ins.mend("hang").await;
    service.restart().await;
}

async fn hang_at(service: &Service, path: &str) {
    let forever = json!({"hang_ms": 600_000});
    service.stand_ins.fault("hang", json!({"path_contains": path}), forever).await;
}

/// One moment of an exchange.
async fn exchange_survives_a_kill_at(path: &str) {
    let mut service = Service::start_beside_stand_ins().await;
    hang_at(&service, path).await;
    let run_id = service.exchange("powr_io", "w1").await;

    killed_at(&mut service, path).await;

    let run = service.end_of(&run_id).await;
    assert_eq!(run["state"], "done", "killed at {path}: {run}");
}

#[tokio::test]
async fn an_exchange_survives_a_kill_while_its_token_is_extended() {
    exchange_survives_a_kill_at("oauth/access_token").await;
}

#[tokio::test]
async fn an_exchange_survives_a_kill_while_its_token_is_inspected() {
    exchange_survives_a_kill_at("debug_token").await;
}

#[tokio::test]
async fn an_exchange_survives_a_kill_while_its_pages_are_listed() {
    exchange_survives_a_kill_at("me/accounts").await;
}

#[tokio::test]
async fn an_exchange_survives_a_kill_during_its_first_real_read() {
    exchange_survives_a_kill_at("1784").await;
}

#[tokio::test]
async fn an_exchange_survives_a_kill_as_soon_as_it_was_taken() {
    let mut service = Service::start_beside_stand_ins().await;
    let run_id = service.exchange("powr_io", "w1").await;

    service.kill().await;
    service.restart().await;

    assert_eq!(service.end_of(&run_id).await["state"], "done");
}

#[tokio::test]
async fn an_exchange_survives_a_kill_right_after_its_end() {
    let mut service = Service::start_beside_stand_ins().await;
    let run_id = service.exchange("powr_io", "w1").await;
    let before = service.end_of(&run_id).await;

    service.kill().await;
    service.restart().await;

    assert_eq!(service.end_of(&run_id).await, before);
}

#[tokio::test]
async fn a_choice_survives_a_kill_before_and_after_it_is_made() {
    let mut service = Service::start_beside_stand_ins().await;
    let run_id = service.exchange("two_pages", "w1").await;
    let choice = service.end_of(&run_id).await;
    service.kill().await;
    service.restart().await;
    let page_id = choice["error"]["pages"][0]["id"].as_str().expect("an id");
    let url = format!("{}/jobs/{run_id}/page", service.url);
    assert_eq!(service.http.post_json(&url, &json!({"page_id": page_id})).await.status, 202);

    service.kill().await;
    service.restart().await;

    assert_eq!(service.end_of(&run_id).await["result"]["page"]["id"], page_id);
}

#[tokio::test]
async fn a_code_that_meta_took_before_the_kill_asks_to_click_again() {
    let mut service = Service::start_beside_stand_ins().await;
    let dialog = service.http.get(&format!("{}/connect?app_id=w1&user=u", service.url)).await;
    let cookie = dialog.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    let consent = service.http.get(&format!("{}&_user=powr_io", dialog.header("location"))).await;
    let back = consent.header("location").split('#').next().expect("an address").to_owned();
    let code = url::Url::parse(&back)
        .expect("a url")
        .query_pairs()
        .find(|(name, _)| name == "code")
        .expect("a code")
        .1
        .into_owned();
    hang_at(&service, "oauth/access_token").await;
    let page = service.http.send(reqwest::Method::GET, &back, &[("cookie", &cookie)], None).await;
    let run_id = page.attribute("data-job");
    service.stand_ins.wait_for_call("oauth/access_token").await;
    service.kill().await;
    service.stand_ins.mend("hang").await;
    service.stand_ins.use_up(&code, &format!("{}/users/oauth", service.url)).await;
    service.restart().await;

    let run = service.end_of(&run_id).await;

    assert_eq!((run["state"].as_str(), run["error"]["code"].as_str()), (Some("failed"), Some("code_expired")), "{run}");
}

#[tokio::test]
async fn a_fetch_survives_a_kill_while_its_items_are_read() {
    let mut service = Service::start_beside_stand_ins().await;
    let run_id = service.exchange("powr_io", "w1").await;
    service.end_of(&run_id).await;
    hang_at(&service, "/media").await;
    let pending = service.ask("w1", "powr_io").await;

    killed_at(&mut service, "/media").await;

    let run = service.end_of(pending.json()["job_id"].as_str().expect("a run")).await;
    assert_eq!(run["state"], "done", "{run}");
    assert_eq!(service.ask("w1", "powr_io").await.status, 200);
}

#[tokio::test]
async fn a_fetch_survives_a_kill_as_soon_as_it_was_asked_for() {
    let mut service = Service::start_beside_stand_ins().await;
    let run_id = service.exchange("powr_io", "w1").await;
    service.end_of(&run_id).await;
    let pending = service.ask("w1", "powr_io").await;

    service.kill().await;
    service.restart().await;

    let run = service.end_of(pending.json()["job_id"].as_str().expect("a run")).await;
    assert_eq!(run["state"], "done", "{run}");
}

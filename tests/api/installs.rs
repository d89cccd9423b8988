//! `GET /v1/installs`, `GET /v1/installs/{id}`.

use chrono::TimeDelta;
use entities::install::{self, Killed, Status};
use reqwest::Method;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::{Value, json};

use crate::harness::stand_ins::graph_error;
use crate::harness::{Answer, World};

async fn get(world: &World, path: &str, app_id: &str) -> Answer {
    let proof = format!("Bearer {}", world.token(app_id, "owner"));
    world.http.send(Method::GET, &format!("{}{path}", world.url), &[("authorization", &proof)], None).await
}

/// The only connection, as `w1` sees it.
async fn only(world: &World) -> Value {
    let list = get(world, "/v1/installs", "w1").await.json();
    assert_eq!((list["data"].as_array().map(Vec::len), &list["next"]), (Some(1), &Value::Null), "{list}");
    list["data"][0].clone()
}

#[tokio::test]
async fn a_host_sees_the_connections_of_its_app_and_of_them_its_own_side() {
    let world = World::signed().await;
    world.connect("powr_io", "w1").await;
    world.connect("powr_io", "w2").await;
    world.connect("natgeo", "w2").await;

    let shown = only(&world).await;

    assert_eq!(shown["instagram_account"], "powr_io");
    assert_eq!(shown["dependants"], json!([{"app_id": "w1", "user": "owner"}]));
    assert_eq!((&shown["state"], &shown["last_error"]), (&json!("active"), &Value::Null));
    assert_eq!(shown["generation"], 2);
    assert!(shown["scopes"].as_array().is_some_and(|scopes| scopes.contains(&json!("instagram_basic"))), "{shown}");
    for field in ["id", "instagram_business_account_id", "ends_at", "connected_at"] {
        assert!(shown[field].is_string(), "{field}: {shown}");
    }
    assert!(shown["page"]["id"].is_string() && shown["page"]["name"].is_string());
    let one = get(&world, &format!("/v1/installs/{}", shown["id"].as_str().expect("an id")), "w1").await;
    assert_eq!((one.json(), one.header("cache-control")), (shown, "no-store"));
    let all = get(&world, "/v1/installs", "w2").await.json();
    let foreign = all["data"].as_array().expect("a list").iter().find(|each| each["instagram_account"] == "natgeo");
    let foreign = format!("/v1/installs/{}", foreign.expect("w2's")["id"].as_str().expect("an id"));
    for path in
        [foreign.as_str(), "/v1/installs/x", "/v1/installs/%00", "/v1/installs/00000000000000000000000000000000"]
    {
        let answer = get(&world, path, "w1").await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "install_unknown"), "{path}");
    }
    assert!(!one.text.contains("EAA") && !one.text.contains("v1."), "no token, sealed or not");
}

#[tokio::test]
async fn pages_follow_each_other_and_hold_every_connection_once() {
    let world = World::start().await;
    for user in ["powr_io", "natgeo"] {
        world.connect(user, "w1").await;
    }
    let run = world.connect("two_pages", "w1").await;
    let pages = run.error.expect("a choice")["pages"].clone();
    let choice = json!({"page_id": pages[0]["id"]});
    world.http.post_json(&format!("{}/jobs/{}/page", world.url, run.id), &choice).await;
    world.drain().await;

    let (mut after, mut seen) = (String::new(), Vec::new());
    loop {
        let url = format!("{}/v1/installs?app_id=w1&limit=2&after={after}", world.url);
        let page = world.http.get(&url).await.json();
        let ids = page["data"].as_array().expect("a page").iter().map(|install| install["id"].to_string());
        seen.extend(ids);
        let Some(next) = page["next"].as_str() else { break };
        next.clone_into(&mut after);
    }

    assert_eq!(seen.len(), 3);
    assert!(seen.is_sorted());
    for (query, says) in [
        ("limit=0", "`limit`"),
        ("limit=101", "`limit`"),
        ("limit=x", "`limit`"),
        ("after=x", "`after`"),
        ("state=ended", "`state`"),
        ("app_id=", "`app_id`"),
    ] {
        let answer = world.http.get(&format!("{}/v1/installs?{query}", world.url)).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.text.contains(says), "{}", answer.text);
    }
}

#[tokio::test]
async fn its_state_follows_its_end() {
    let world = World::signed().await;
    world.connect("powr_io", "w1").await;
    let state = async || only(&world).await["state"].as_str().unwrap_or_default().to_owned();
    let end = world.installs().await[0].ends_at().expect("an end");
    let until = |step: TimeDelta| end - world.ctx.now() - step;

    assert_eq!(state().await, "active");
    world.advance(until(TimeDelta::days(10) + TimeDelta::minutes(1))).await;
    assert_eq!(state().await, "active");
    world.advance(until(TimeDelta::days(10) - TimeDelta::minutes(1))).await;
    assert_eq!((state().await, &only(&world).await["last_error"]), ("expiring".into(), &Value::Null));
    world.advance(until(TimeDelta::minutes(-1))).await;
    let ended = only(&world).await;
    assert_eq!((&ended["state"], &ended["last_error"]["class"]), (&json!("expired"), &json!("token_dead")));

    let row = world.installs().await.remove(0);
    let killed = Set(Some(Killed::Password));
    let dead = install::ActiveModel { status: Set(Status::Dead), killed, ..row.into_active_model() };
    dead.update(&world.ctx.db.write).await.expect("written");
    assert_eq!(state().await, "dead");
}

#[tokio::test]
async fn they_are_listed_by_state_as_each_shows_it() {
    let world = World::start().await;
    let now = world.ctx.now();
    let day = |days| Some(now + TimeDelta::days(days));
    for (user, app_id, token, access, estimated, killed) in [
        ("powr_io", "active", None, day(40), false, None),
        ("natgeo", "expiring", day(5), day(40), true, None),
        ("crowd_0", "expired", day(30), day(-1), true, None),
        ("crowd_1", "dead", None, day(40), false, Some(Killed::RoleLost)),
        ("crowd_2", "expiring", day(-1), None, true, None),
        ("crowd_3", "expired", day(-3), day(40), true, None),
        ("crowd_4", "active", None, None, false, None),
    ] {
        let mut row = world.connect_of(user, app_id, "ann@example.com").await.into_active_model();
        row.token_expires_at = Set(token);
        row.data_access_expires_at = Set(access);
        row.ends_estimated = Set(estimated);
        row.killed_at = Set(killed.map(|_| now));
        row.killed = Set(killed);
        row.update(&world.ctx.db.write).await.expect("written");
    }
    let mut seen = 0;
    for state in ["active", "expiring", "expired", "dead"] {
        let list = world.http.get(&format!("{}/v1/installs?state={state}", world.url)).await.json();
        for install in list["data"].as_array().expect("a list") {
            seen += 1;
            assert_eq!((&install["state"], &install["dependants"][0]["app_id"]), (&json!(state), &json!(state)));
        }
    }
    assert_eq!(seen, 7, "each in one state");
}

#[tokio::test]
async fn its_last_error_says_what_keeps_its_feed_from_being_fetched() {
    let world = World::signed().await;
    world.connect("powr_io", "w1").await;
    world.ask("w1", "@powr_io").await;
    let refused = graph_error(400, 10, None);
    world.stand_ins.fault("refused", json!({"path_contains": "/media"}), refused).await;
    world.drain().await;

    let shown = only(&world).await;

    assert_eq!(
        (&shown["state"], &shown["last_error"]["class"]),
        (&json!("active"), &json!("permission_lost")),
        "{shown}"
    );
    for field in ["message", "advice"] {
        assert!(shown["last_error"][field].as_str().is_some_and(|text| !text.is_empty()), "{field}");
    }
}

#[tokio::test]
async fn its_last_error_carries_what_was_found_out_and_the_owner_s_settings_the_next_step() {
    let world = World::signed().await;
    world.connect("powr_io", "w1").await;
    world.ask("w1", "@powr_io").await;
    world.stand_ins.patch("powr_io", json!({"state": "page_unlinked"})).await;
    world.drain().await;

    let error = only(&world).await["last_error"].clone();

    assert_eq!((&error["class"], &error["code"], &error["subcode"]), (&json!("ambiguous"), &json!(100), &json!(33)));
    assert!(error["fbtrace_id"].as_str().is_some_and(|trace| !trace.is_empty()), "{error}");
    let verdict = &error["verdict"];
    assert_eq!((&verdict["word"], &verdict["who_acts"]), (&json!("page_unlinked"), &json!("owner")), "{error}");
    assert!(verdict["ruled_out"].to_string().contains("dead token"), "{error}");
    assert!(verdict["diagnosed_at"].is_string());
    let settings = get(&world, "/instagram?app_id=w1&username_or_hashtag=%40powr_io&is_settings=true", "w1").await;
    let problem = &settings.json()["settings"]["problems"][0];
    assert_eq!((&problem["advice"], &problem["message"]), (&verdict["next_step"], &verdict["summary"]), "{problem}");

    world.stand_ins.patch("powr_io", json!({"state": "ok"})).await;
    world.connect("powr_io", "w1").await;
    assert_eq!(only(&world).await["last_error"], Value::Null, "connected anew, nothing is in doubt");
}

#[tokio::test]
async fn an_owner_is_not_sent_to_mend_what_is_the_operator_s() {
    let world = World::signed().await;
    world.connect("powr_io", "w1").await;
    world.ask("w1", "@powr_io").await;
    world.stand_ins.fault("refused", json!({"path_contains": "/1784"}), graph_error(400, 10, None)).await;
    world.drain().await;

    let error = only(&world).await["last_error"].clone();

    assert_eq!(error["verdict"]["who_acts"], "operator", "{error}");
    assert!(error["advice"].as_str().is_some_and(|advice| advice.contains("Nothing to do on your side")), "{error}");
    assert!(error["verdict"]["next_step"].as_str().is_some_and(|step| step.contains("dashboard")), "{error}");
}

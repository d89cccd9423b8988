//! The operator's list of what breaks at Meta: what the service says of each, and what it does.

use chrono::TimeDelta;
use entities::install::Status;
use serde_json::{Value, json};

use crate::harness::World;
use crate::harness::hashtags::{freshness, is};
use crate::harness::stand_ins::graph_error;

/// Every read of an account, its posts and its hashtags.
const READS: &str = "/1784";

/// What keeps the only connection's feed from being fetched.
async fn trouble(world: &World) -> Value {
    let list = world.http.get(&format!("{}/v1/installs", world.url)).await.json();
    list["data"][0]["last_error"].clone()
}

async fn status(world: &World) -> Status {
    world.installs().await[0].status
}

async fn fetch(world: &World) {
    world.push_feed().await;
    world.drain().await;
}

async fn later(world: &World, step: TimeDelta) {
    world.advance(step).await;
    world.fetch_due().await;
}

fn says(error: &Value, field: &str, fragment: &str) {
    let text = error[field].as_str().unwrap_or_default();
    assert!(text.contains(fragment), "{field} says {fragment:?}: {error}");
}

/// Whatever is wrong, visitors see the last good body, and no detail.
async fn the_last_good_body_is_served(world: &World) {
    let shown = world.ask("w1", "@powr_io").await;
    assert_eq!(shown.status, 200);
    assert_eq!(shown.json()["data"].as_array().map(Vec::len), Some(50), "{}", shown.text);
    for detail in ["fbtrace", "subcode", "ruled_out", "debug_token"] {
        assert!(!shown.text.contains(detail), "{detail}");
    }
}

#[tokio::test]
async fn a_dead_token_is_confirmed_called_dead_and_not_used_again() {
    for (state, subcode, summary, step) in [
        ("password_changed", 460, "password", "Connect the account again"),
        ("app_removed", 458, "removed the app", "Connect the account again"),
        ("checkpoint", 459, "security check", "Log in to www.facebook.com"),
    ] {
        let world = World::with_feed().await;
        world.stand_ins.patch("powr_io", json!({"state": state})).await;
        fetch(&world).await;
        assert_eq!(status(&world).await, Status::Active, "{state}: one answer is not enough");
        later(&world, TimeDelta::minutes(5)).await;

        let error = trouble(&world).await;
        assert_eq!(
            (&error["class"], &error["code"], &error["subcode"]),
            (&json!("token_dead"), &json!(190), &json!(subcode)),
            "{error}"
        );
        says(&error, "message", summary);
        says(&error, "advice", step);
        assert!(error["fbtrace_id"].is_string() && error["verdict"]["word"] == "token_dead", "{error}");
        assert_eq!(status(&world).await, Status::Dead, "{state}");
        world.stand_ins.forget_calls().await;
        for _ in 0..3 {
            later(&world, TimeDelta::hours(2)).await;
        }
        assert_eq!(world.stand_ins.calls("/v26.0/").await.len(), 0, "{state}: nothing is retried");
        the_last_good_body_is_served(&world).await;
    }
}

#[tokio::test]
async fn a_token_whose_time_is_over_says_so() {
    let world = World::with_feed().await;
    let expired = graph_error(400, 190, Some(463));
    world.stand_ins.fault("reads", json!({"path_contains": READS}), expired).await;
    let data = json!({"data": {"is_valid": false, "app_id": sandbox::DEFAULT_APP_ID, "scopes": [],
        "error": {"code": 190, "subcode": 463, "message": "Session has expired"}}});
    let inspected = json!({"answer": {"status": 200, "headers": {}, "body": data.to_string()}});
    world.stand_ins.fault("inspected", json!({"path_contains": "debug_token"}), inspected).await;
    fetch(&world).await;
    later(&world, TimeDelta::minutes(5)).await;

    let error = trouble(&world).await;
    says(&error, "message", "time is over");
    says(&error, "advice", "Connect the account again");
    assert_eq!(status(&world).await, Status::Dead);
}

#[tokio::test]
async fn what_the_owner_has_to_mend_is_named_and_heals_by_itself() {
    for (state, class, message, step) in [
        ("page_unlinked", "ambiguous", "not linked to its Facebook Page", "Link the Instagram account"),
        ("page_not_granted", "ambiguous", "was not ticked", "tick the Facebook Page"),
        ("page_role_lost", "permission_lost", "no role on its Facebook Page", "Ask an admin of the Facebook Page"),
        ("personal", "permission_lost", "not a professional one", "Switch the account back"),
        ("restricted", "permission_lost", "restricted the account", "Open the Instagram app"),
        ("suspended", "ambiguous", "deleted or suspended", "Connecting again does not help"),
    ] {
        let world = World::with_feed().await;
        world.stand_ins.patch("powr_io", json!({"state": state})).await;
        fetch(&world).await;

        let error = trouble(&world).await;
        assert_eq!(error["class"], class, "{state}: {error}");
        says(&error, "message", message);
        says(&error, "advice", step);
        assert_eq!((&error["verdict"]["who_acts"], status(&world).await), (&json!("owner"), Status::Active), "{state}");
        the_last_good_body_is_served(&world).await;
        world.stand_ins.patch("powr_io", json!({"state": "ok"})).await;
        later(&world, TimeDelta::minutes(31)).await;
        assert_eq!(trouble(&world).await, Value::Null, "{state}: within half an hour of being mended");
    }
}

#[tokio::test]
async fn data_access_that_ended_is_told_apart_from_a_withdrawn_permission() {
    let world = World::with_feed().await;
    world.stand_ins.patch("powr_io", json!({"data_access_expires_in_s": -60})).await;
    fetch(&world).await;
    let error = trouble(&world).await;
    assert_eq!(error["verdict"]["word"], "data_access_expired", "{error}");
    says(&error, "message", "90 days");

    let world = World::with_feed().await;
    world.stand_ins.patch("powr_io", json!({"scopes": ["pages_show_list", "pages_read_engagement"]})).await;
    fetch(&world).await;
    let error = trouble(&world).await;
    assert_eq!(error["verdict"]["word"], "scope_withdrawn", "{error}");
    says(&error, "message", "instagram_basic");
}

#[tokio::test]
async fn a_limit_is_waited_out_and_asks_nothing_of_anybody() {
    for code in [4, 17, 32, 613, 80002] {
        let world = World::with_feed().await;
        let mut limited = graph_error(400, code, None);
        limited["answer"]["headers"]["retry-after"] = json!("600");
        world.stand_ins.fault("limited", json!({"path_contains": READS}), limited).await;
        fetch(&world).await;
        world.stand_ins.forget_calls().await;

        later(&world, TimeDelta::minutes(5)).await;
        let error = trouble(&world).await;
        assert_eq!((&error["class"], &error["verdict"]), (&json!("rate_limited"), &Value::Null), "{code}: {error}");
        says(&error, "advice", "Nothing to do");
        assert_eq!(world.stand_ins.calls(READS).await.len(), 0, "{code}: a limited key is not called");
        the_last_good_body_is_served(&world).await;
        world.stand_ins.mend("limited").await;
        for _ in 0..3 {
            later(&world, TimeDelta::minutes(10)).await;
        }
        assert_eq!(trouble(&world).await, Value::Null, "{code}");
    }
}

#[tokio::test]
async fn a_limit_that_is_told_as_what_is_not_there_deletes_nothing() {
    let world = World::with_feed().await;
    let mut disguised = graph_error(400, 100, Some(33));
    let used = json!({(world.stand_ins.account_id("powr_io").await): [{"type": "instagram", "call_count": 97}]});
    disguised["answer"]["headers"]["x-business-use-case-usage"] = json!(used.to_string());
    disguised["times"] = json!(1);
    world.stand_ins.fault("disguised", json!({"path_contains": READS}), disguised).await;
    world.stand_ins.forget_calls().await;
    fetch(&world).await;

    let error = trouble(&world).await;
    assert_eq!(error["verdict"]["word"], "limit_in_disguise", "{error}");
    says(&error, "advice", "goes on by itself");
    assert_eq!(world.stand_ins.calls("/v26.0/").await.len(), 1, "calling on would make it longer");
    the_last_good_body_is_served(&world).await;
}

#[tokio::test]
async fn a_hashtag_that_is_not_shown_and_an_account_without_room_are_the_tag_s_alone() {
    let world = World::with_apps(&[("w1", "powr_io")], &["#banned".to_owned(), "#food".to_owned()]).await;
    world.ask("w1", "#banned").await;
    world.drain().await;
    let full = graph_error(400, 18, None);
    world.stand_ins.fault("full", json!({"path_contains": "ig_hashtag_search"}), full).await;
    world.ask("w1", "#food").await;
    world.drain().await;
    world.ask("w1", "@powr_io").await;
    world.drain().await;

    assert_eq!(freshness(&world.ask("w1", "#banned").await), is("blocked", "not_found"));
    let settings = world.http.get(&format!("{}&is_settings=true", world.feed_url("w1", "#food"))).await.json();
    let problem = |key: &str| {
        let problems = settings["settings"]["problems"].as_array().cloned().unwrap_or_default();
        problems.into_iter().find(|problem| problem["feed"] == key).unwrap_or_default()
    };
    says(&problem("#banned"), "advice", "spelling");
    assert_eq!(problem("#food")["class"], "rate_limited", "{settings}");
    assert!(problem("#food")["next_try_at"].is_string(), "the wait has a date: {settings}");
    assert_eq!(freshness(&world.ask("w1", "@powr_io").await), is("fresh", ""), "the account serves on");
}

#[tokio::test]
async fn an_app_that_meta_blocks_is_the_operator_s_and_no_owner_is_sent_to_connect() {
    let world = World::with_feed().await;
    let body = json!({"error": {"message": "API access blocked.", "type": "OAuthException", "code": 200}});
    let blocked = json!({"answer": {"status": 400, "headers": {}, "body": body.to_string()}});
    world.stand_ins.fault("blocked", json!({"service": "graph"}), blocked).await;
    fetch(&world).await;

    let error = trouble(&world).await;
    assert_eq!(error["class"], "app_misconfigured", "{error}");
    let verdict = &error["verdict"];
    assert_eq!((&verdict["word"], &verdict["who_acts"]), (&json!("app_blocked"), &json!("operator")), "{error}");
    says(verdict, "next_step", "dashboard");
    says(&error, "advice", "Nothing to do on your side");
    assert_eq!(status(&world).await, Status::Active);
    the_last_good_body_is_served(&world).await;
}

#[tokio::test]
async fn a_version_that_meta_serves_no_more_fails_new_connections_as_the_operator_s() {
    let world = World::with_feed().await;
    let too_old = graph_error(400, 2635, None);
    world.stand_ins.fault("too old", json!({"path_contains": "oauth/access_token"}), too_old).await;

    let run = world.connect("natgeo", "w2").await;

    let error = run.error.expect("a refusal");
    assert_eq!(error["class"], "app_misconfigured", "{error}");
    says(&error, "advice", "operator");
    fetch(&world).await;
    assert_eq!(trouble(&world).await, Value::Null, "what is connected goes on");
}

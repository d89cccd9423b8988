//! `GET /instagram`.

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::harness::World;
use crate::harness::stand_ins::graph_error;

#[tokio::test]
async fn pending_then_a_body_then_not_modified() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;

    let first = world.ask("w1", "@powr_io").await;
    let second = world.ask("w1", "@Powr_IO").await;
    world.drain().await;
    let body = world.ask("w1", "@powr_io").await;
    let known = [("if-none-match", body.header("etag"))];
    let same = world.http.send(Method::GET, &world.feed_url("w1", "@powr_io"), &known, None).await;

    assert_eq!((first.status, second.status, body.status, same.status), (202, 202, 200, 304));
    assert_eq!(first.json()["job_id"], second.json()["job_id"], "everybody polls the same run");
    assert_eq!(first.json()["freshness"]["state"], "pending");
    assert_eq!((first.header("cache-control"), first.header("retry-after")), ("no-store", "2"));
    let cache = body.header("cache-control");
    for word in ["public, max-age=", "stale-while-revalidate=", "stale-if-error="] {
        assert!(cache.contains(word), "{cache}");
    }
    assert_eq!(same.text, "");
    assert_eq!(same.header("etag"), body.header("etag"));
}

#[tokio::test]
async fn two_hundred_first_requests_at_once_are_one_job_and_one_call() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    world.connect("powr_io", "w2").await;

    let answers = join_all((0..200).map(|n| world.ask(if n % 2 == 0 { "w1" } else { "w2" }, "@powr_io"))).await;
    world.drain().await;

    let mut runs: Vec<_> = answers.iter().map(|answer| answer.json()["job_id"].to_string()).collect();
    runs.sort_unstable();
    runs.dedup();
    assert!(answers.iter().all(|answer| answer.status == 202));
    assert_eq!((runs.len(), world.feeds().await.len()), (1, 1));
    assert_eq!(world.stand_ins.calls("/media").await.len(), 1);
}

#[tokio::test]
async fn names_that_are_no_names_are_refused_and_reach_no_address() {
    let world = World::with_feed().await;
    let calls = world.stand_ins.calls("").await.len();
    let long = format!("@{}", "a".repeat(10_000));
    for key in ["@../../x", "#a,b{id}", "@\0", "@😀", "#😀", "@", "#", "", "powr_io", "@a b", "@a/b", "@%2e%2e", &long]
    {
        let answer = world.ask("w1", key).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "bad_feed_key"), "{key:?}");
        assert!(answer.json()["detail"].as_str().is_some_and(|detail| detail.contains("`username_or_hashtag`")));
    }
    world.drain().await;
    assert_eq!(world.stand_ins.calls("").await.len(), calls);
    assert_eq!(world.feeds().await.len(), 1);
}

#[tokio::test]
async fn a_key_that_an_address_swallowed_and_a_word_that_is_none_are_refused() {
    let world = World::with_feed().await;

    // What stands behind a raw `#` never leaves the caller.
    let swallowed = world.http.get(&format!("{}/instagram?app_id=w1&username_or_hashtag=#food", world.url)).await;
    let number = world.http.get(&(world.feed_url("w1", "@powr_io") + "&is_settings=1")).await;
    let plain = world.http.get(&(world.feed_url("w1", "@powr_io") + "&is_settings=false")).await;
    let unlisted = world.ask("w1", "#food").await;

    assert_eq!((swallowed.status, swallowed.code().as_str()), (400, "bad_feed_key"));
    assert!(swallowed.text.contains("`#` is written as `%23`"), "{}", swallowed.text);
    assert_eq!((number.status, number.code().as_str(), plain.status), (400, "bad_parameter", 200));
    assert!(number.text.contains("`is_settings` is `true` or `false`"), "{}", number.text);
    assert!(unlisted.text.contains("`feeds`.") && !unlisted.text.contains("connect the account"), "{}", unlisted.text);
}

#[tokio::test]
async fn settings_name_the_hashtags_that_cannot_be_fetched() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    world.register("w1", &["#banned", "#food"]).await;
    for key in ["#banned", "#food"] {
        world.ask("w1", key).await;
    }
    world.drain().await;

    let settings =
        world.http.get(&(world.feed_url("w1", "#food") + "&is_settings=true")).await.json()["settings"].clone();

    let problem = &settings["problems"][0];
    assert_eq!(settings["problems"].as_array().map(Vec::len), Some(1), "{settings}");
    assert_eq!((problem["feed"].as_str(), problem["class"].as_str()), (Some("#banned"), Some("not_found")));
    assert!(problem["message"].as_str().is_some_and(|text| text.contains("hashtag")), "{problem}");
    assert!(problem["instagram_account"].is_null() && problem["next_try_at"].is_string(), "{problem}");
}

#[tokio::test]
async fn a_bare_sign_takes_its_name_from_following() {
    let world = World::with_feed().await;
    let url = format!("{}/instagram?app_id=w1&username_or_hashtag=@&following=powr_io", world.url);
    assert_eq!(world.http.get(&url).await.json()["feed"], "@powr_io");
}

#[tokio::test]
async fn only_the_apps_own_keys_are_served() {
    let world = World::with_feed().await;
    world.register("w1", &["#food", "@natgeo"]).await;
    world.register("w2", &[]).await;
    world.register("w3", &["#food"]).await;

    assert_eq!(world.ask("nobody", "@powr_io").await.code(), "app_unknown");
    for (app, key) in [("w1", "@apple"), ("w2", "@powr_io")] {
        let answer = world.ask(app, key).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "feed_not_registered"), "{app} {key}");
    }
    for (app, key) in [("w3", "#food"), ("w1", "@natgeo")] {
        let answer = world.ask(app, key).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
        let freshness = &answer.json()["freshness"];
        assert_eq!(
            (freshness["state"].as_str(), freshness["reason"].as_str()),
            (Some("blocked"), Some("not_connected"))
        );
    }
    assert_eq!(world.feeds().await.len(), 1, "no row for what nothing serves");
}

#[tokio::test]
async fn settings_show_the_accounts_and_are_not_kept() {
    let world = World::with_feed().await;
    let url = world.feed_url("w1", "@powr_io") + "&is_settings=true";

    let answer = world.http.get(&url).await;

    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    let settings = answer.json()["settings"].clone();
    assert_eq!(settings["accounts"][0]["instagram_account"], "powr_io");
    assert!(settings["accounts"][0]["ends_at"].is_string());
    assert_eq!(settings["problems"], json!([]));

    world.stand_ins.patch("powr_io", json!({"state": "password_changed"})).await;
    world.push_feed().await;
    world.drain().await;
    let problems = world.http.get(&url).await.json()["settings"]["problems"].clone();
    assert_eq!(
        (problems[0]["class"].as_str(), problems[0]["instagram_account"].as_str()),
        (Some("token_dead"), Some("powr_io"))
    );
    assert!(problems[0]["advice"].is_string());
}

#[tokio::test]
async fn a_first_fetch_that_waits_for_a_limit_says_how_long() {
    let world = World::start().await;
    world.connect("powr_io", "w1").await;
    let limited = graph_error(400, 80002, None);
    world.stand_ins.fault("limit", json!({"path_contains": "/media"}), limited).await;
    world.ask("w1", "@powr_io").await;
    world.drain().await;

    let parked = world.ask("w1", "@powr_io").await;

    assert_eq!(parked.status, 202);
    assert!(
        parked.header("retry-after").parse::<u64>().is_ok_and(|wait| wait > 600),
        "{}",
        parked.header("retry-after")
    );
    assert_eq!(parked.json()["freshness"]["reason"], "rate_limited");
    assert!(parked.json()["freshness"]["next_try_at"].is_string());
}

#[tokio::test]
async fn a_widget_on_another_site_may_read_why_it_is_not_served() {
    let world = World::start().await;
    for url in [world.feed_url("nobody", "@powr_io"), world.feed_url("nobody", "@"), format!("{}/jobs/x", world.url)] {
        let answer = world.http.get(&url).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{url}");
    }
}

#[tokio::test]
async fn origins_are_the_apps() {
    let world = World::with_feed().await;
    let ask = async |origin: &str| {
        let origin = [("origin", origin)];
        let answer = world.http.send(Method::GET, &world.feed_url("w1", "@powr_io"), &origin, None).await;
        assert!(answer.headers.get_all("vary").iter().any(|value| value.to_str().is_ok_and(|v| v.contains("Origin"))));
        answer.header("access-control-allow-origin").to_owned()
    };

    let before = ask("https://anywhere.example").await;
    let body = json!({"user": "owner", "allowed_origins": ["https://www.example.com"]});
    world.http.put_json(&format!("{}/v1/apps/w1", world.url), &body).await;

    assert_eq!(before, "*");
    assert_eq!(ask("https://www.example.com").await, "https://www.example.com");
    assert_eq!(ask("https://anywhere.example").await, "");
}

#[tokio::test]
async fn a_key_is_served_as_soon_as_its_account_is_connected() {
    let world = World::start().await;
    world.register("w1", &["@powr_io"]).await;
    assert_eq!(world.ask("w1", "@powr_io").await.json()["freshness"]["reason"], "not_connected");

    world.connect("powr_io", "w1").await;
    assert_eq!(world.ask("w1", "@powr_io").await.status, 202);
    world.drain().await;

    assert_eq!(world.ask("w1", "@powr_io").await.json()["freshness"]["state"], "fresh");
}

#[tokio::test]
async fn a_refetch_follows_the_clock() {
    let world = World::with_feed().await;
    world
        .http
        .post_json(
            &format!("{}/_sandbox/media", world.stand_ins.url),
            &json!({"user": "powr_io", "media_type": "IMAGE", "caption": "brand new"}),
        )
        .await;
    world.advance(TimeDelta::minutes(11)).await;
    world.ctx.queue.push(&worker::jobs::PushDue {}).await.expect("pushed");
    world.drain().await;

    assert_eq!(world.ask("w1", "@powr_io").await.json()["data"][0]["caption"], "brand new");
}

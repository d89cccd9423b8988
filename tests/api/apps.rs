//! `PUT /v1/apps/{app_id}`.

use serde_json::json;

use crate::harness::World;

#[tokio::test]
async fn an_app_is_registered_and_what_is_left_out_keeps_its_value() {
    let world = World::start().await;
    let url = format!("{}/v1/apps/w1", world.url);
    let all = json!({
        "user": "u", "app_type": "socialFeed", "feeds": ["@POWR_io", "#Food", "@powr_io"], "saved_before": true,
        "owner_email": "owner@example.com", "language": "de", "allowed_origins": ["https://www.example.com"],
    });

    let made = world.http.put_json(&url, &all).await;
    let changed = world.http.put_json(&url, &json!({"user": "u", "feeds": ["#trees"]})).await;

    assert_eq!((made.status, changed.status), (201, 200));
    assert_eq!(made.json()["feeds"], json!(["@powr_io", "#food"]));
    assert_eq!(changed.json()["feeds"], json!(["#trees"]));
    for field in ["app_type", "saved_before", "owner_email", "language", "allowed_origins"] {
        assert_eq!(changed.json()[field], all[field], "{field}");
    }
}

#[tokio::test]
async fn null_clears_what_may_be_unknown() {
    let world = World::start().await;
    let url = format!("{}/v1/apps/w1", world.url);
    let all = json!({"user": "u", "feeds": ["#food"], "owner_email": "owner@example.com", "language": "de"});
    world.http.put_json(&url, &all).await;

    let cleared = world.http.put_json(&url, &json!({"user": "u", "owner_email": null, "language": null})).await;

    assert_eq!(cleared.status, 200, "{}", cleared.text);
    assert_eq!((&cleared.json()["owner_email"], &cleared.json()["language"]), (&json!(null), &json!(null)));
    assert_eq!(cleared.json()["feeds"], json!(["#food"]));
}

#[tokio::test]
async fn bad_input_names_the_field_and_changes_nothing() {
    let world = World::start().await;
    let url = format!("{}/v1/apps/w1", world.url);
    for (body, says) in [
        (json!({}), "user"),
        (json!({"user": ""}), "`user` is missing"),
        (json!({"user": "u", "feeds": ["@ok", "@../../x"]}), "`feeds[1]`"),
        (json!({"user": "u", "feeds": "x"}), "`feeds`: expected a list"),
        (json!({"user": "u", "feeds": null}), "`feeds`: expected a list"),
        (json!({"user": "u", "allowed_origins": null}), "`allowed_origins`: expected a list"),
        (json!({"user": "u", "saved_before": null}), "`saved_before`: expected a boolean"),
        (json!({"user": "u", "owner_email": "nobody"}), "`owner_email`"),
        (json!({"user": "u", "allowed_origins": ["https://example.com/path"]}), "`allowed_origins[0]`"),
        (json!({"user": "u", "allowed_origins": ["javascript:alert(1)"]}), "`allowed_origins[0]`"),
        (json!({"user": "u", "colour": "red"}), "colour"),
        (json!({"user": "u", "app_id": "w2"}), "`app_id` is not the one of the address"),
        (json!({"user": "u\u{0}"}), "control characters"),
        (json!({"user": "u", "app_type": "a\u{0}"}), "`app_type`"),
        (json!({"user": "u", "owner_email": "a@b@c.d"}), "`owner_email`"),
        (json!({"user": "u", "allowed_origins": ["https://*.example.com"]}), "`allowed_origins[0]`"),
        (json!(["u", null, [], true]), "no JSON object"),
    ] {
        let answer = world.http.put_json(&url, &body).await;
        assert_eq!(answer.status, 400, "{body}");
        let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
        assert!(detail.contains(says), "{body}: {detail}");
    }
    assert_eq!(world.ask("w1", "@powr_io").await.code(), "app_unknown");
}

#[tokio::test]
async fn what_is_too_large_or_no_text_is_a_problem_too() {
    let world = World::start().await;
    let large = json!({"user": "u", "language": "x".repeat(300_000)});

    let too_large = world.http.put_json(&format!("{}/v1/apps/w1", world.url), &large).await;
    let no_text = world.http.get(&format!("{}/jobs/%ff", world.url)).await;

    assert_eq!((too_large.status, too_large.code().as_str()), (413, "body_too_large"));
    assert_eq!((no_text.status, no_text.code().as_str()), (400, "bad_request"));
}

#[tokio::test]
async fn an_exchange_registers_an_unknown_app_whatever_becomes_of_it() {
    let world = World::start().await;

    world.connect("no_pages", "w1").await;

    assert_eq!(world.ask("w1", "@powr_io").await.code(), "feed_not_registered");
}

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
async fn bad_input_names_the_field_and_changes_nothing() {
    let world = World::start().await;
    let url = format!("{}/v1/apps/w1", world.url);
    for (body, says) in [
        (json!({}), "user"),
        (json!({"user": ""}), "`user` is missing"),
        (json!({"user": "u", "feeds": ["@ok", "@../../x"]}), "`feeds[1]`"),
        (json!({"user": "u", "feeds": "x"}), "feeds"),
        (json!({"user": "u", "owner_email": "nobody"}), "`owner_email`"),
        (json!({"user": "u", "allowed_origins": ["https://example.com/path"]}), "`allowed_origins[0]`"),
        (json!({"user": "u", "allowed_origins": ["javascript:alert(1)"]}), "`allowed_origins[0]`"),
        (json!({"user": "u", "colour": "red"}), "colour"),
        (json!({"user": "u\u{0}"}), "control characters"),
    ] {
        let answer = world.http.put_json(&url, &body).await;
        assert_eq!(answer.status, 400, "{body}");
        let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
        assert!(detail.contains(says), "{body}: {detail}");
    }
    assert_eq!(world.ask("w1", "@powr_io").await.code(), "app_unknown");
}

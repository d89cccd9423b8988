//! `POST|GET|PATCH|DELETE /v1/crossposts`: who may join what, how it is changed, and what is shown before it is posted.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, World};

async fn ask(world: &World, method: Method, path: &str, app_id: &str, body: Option<&Value>) -> Answer {
    let proof = format!("Bearer {}", world.token(app_id, "owner"));
    let url = format!("{}/v1/crossposts{path}", world.url);
    world.http.send(method, &url, &[("authorization", &proof)], body).await
}

/// Both sides of `w1`.
async fn sides(world: &World) -> Value {
    let run = world.connect("powr_io", "w1").await;
    let x_account_id = world.connect_on_x("powr_io", "w1").await;
    json!({"install_id": run.result.expect("connected")["install_id"], "x_account_id": x_account_id})
}

#[tokio::test]
async fn one_is_made_seen_changed_and_ended_by_its_app_alone() {
    let world = World::signed().await;
    world.connect("natgeo", "w2").await;
    let wish = sides(&world).await;

    let made = ask(&world, Method::POST, "", "w1", Some(&wish)).await;

    assert_eq!(made.status, 201, "{}", made.text);
    let row = made.json();
    assert_eq!((&row["template"], &row["paused"]), (&json!("{caption}"), &json!(false)));
    assert_eq!(row["options"], json!({"link": false, "alt_text": true, "daily_cap": 25}));
    let path = format!("/{}", row["id"].as_str().expect("an id"));
    assert_eq!(ask(&world, Method::GET, &path, "w1", None).await.json(), row);
    assert_eq!(ask(&world, Method::GET, "", "w1", None).await.json(), json!({"data": [row], "next": null}));
    assert_eq!(ask(&world, Method::GET, "", "w2", None).await.json()["data"], json!([]));
    for (method, path, body) in [
        (Method::GET, path.clone(), None),
        (Method::GET, format!("{path}/preview"), None),
        (Method::PATCH, path.clone(), Some(json!({"paused": true}))),
        (Method::DELETE, path.clone(), None),
    ] {
        let foreign = ask(&world, method.clone(), &path, "w2", body.as_ref()).await;
        assert_eq!((foreign.status, foreign.code().as_str()), (404, "crosspost_unknown"), "{method} {path}");
    }
    let change =
        json!({"paused": true, "template": "{caption} {permalink}", "options": {"link": true, "daily_cap": 3}});
    let changed = ask(&world, Method::PATCH, &path, "w1", Some(&change)).await.json();
    assert_eq!((&changed["paused"], &changed["created_at"]), (&json!(true), &row["created_at"]), "{changed}");
    assert_eq!(changed["options"], json!({"link": true, "alt_text": true, "daily_cap": 3}));
    assert_eq!(ask(&world, Method::DELETE, &path, "w1", None).await.status, 204);
    assert_eq!(ask(&world, Method::DELETE, &path, "w1", None).await.status, 404);
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_the_field_and_the_fix() {
    let world = World::start().await;
    let wish = sides(&world).await;
    world.connect("natgeo", "w2").await;
    let url = format!("{}/v1/crossposts", world.url);
    let unknown = "0".repeat(32);
    for (field, value, status, code, says) in [
        ("install_id", json!(unknown), 404, "install_unknown", "connection"),
        ("x_account_id", json!("x"), 404, "x_account_unknown", "account on X"),
        ("template", json!("hello"), 400, "bad_body", "`template`"),
        ("template", json!("{caption} {likes}"), 400, "bad_body", "`template`"),
        ("template", json!("{permalink}"), 400, "bad_body", "13 times"),
        ("template", Value::Null, 400, "bad_body", "`template`"),
        ("options", json!({"daily_cap": 0}), 400, "bad_body", "`options.daily_cap`"),
        ("options", json!({"daily_cap": "3"}), 400, "bad_body", "daily_cap"),
        ("options", json!({"speed": 3}), 400, "bad_body", "options"),
        ("options", Value::Null, 400, "bad_body", "`options`: expected an object"),
        ("paused", json!(true), 400, "bad_body", "paused"),
    ] {
        let mut bad = wish.clone();
        bad[field] = value;
        let answer = world.http.post_json(&url, &bad).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{bad}: {}", answer.text);
        assert!(answer.text.contains(says), "{bad}: {}", answer.text);
    }
    let natgeo = world.installs().await.into_iter().find(|install| install.instagram_account == "natgeo");
    let apart = json!({"install_id": natgeo.expect("connected").id, "x_account_id": wish["x_account_id"]});
    assert_eq!(world.http.post_json(&url, &apart).await.code(), "no_common_app");
    assert_eq!(world.http.post_json(&url, &wish).await.status, 201);
    assert_eq!(world.http.post_json(&url, &wish).await.code(), "crosspost_exists");
}

#[tokio::test]
async fn the_preview_says_what_comes_next_at_what_cost_and_why_the_others_do_not() {
    let world = World::start().await;
    let id = world.crosspost(json!({})).await;
    let url = format!("{}/v1/crossposts/{id}", world.url);
    let paused = json!({"paused": true, "template": "New: {caption}"});
    world.http.send(Method::PATCH, &url, &[], Some(&paused)).await;
    world.advance(chrono::TimeDelta::seconds(2)).await;
    for caption in ["plain", "more at https://example.com/shop"] {
        world.stand_ins.post("powr_io", caption).await;
        world.advance(chrono::TimeDelta::seconds(2)).await;
    }
    world.push_feed().await;
    world.drain().await;

    let preview = world.http.get(&format!("{url}/preview")).await.json();

    assert_eq!((&preview["waits_for"], &preview["waits_until"]), (&json!("paused"), &Value::Null), "{preview}");
    let next: Vec<_> = preview["next"].as_array().expect("a list").iter().collect();
    let told: Vec<_> = next.iter().map(|post| (post["text"].as_str(), post["cost_usd"].as_str())).collect();
    assert_eq!(
        told,
        [(Some("New: plain"), Some("0.015")), (Some("New: more at https://example.com/shop"), Some("0.200"))]
    );
    assert_eq!((&next[0]["weight"], &next[0]["pictures"], &next[1]["has_link"]), (&json!(10), &json!(1), &json!(true)));
    let history = preview["others"].as_array().expect("a list");
    assert!(!history.is_empty() && history.iter().all(|media| media["state"] == "history"), "{preview}");
    assert!(world.stand_ins.x_posts().await.is_empty(), "looking posts nothing");

    world.http.send(Method::PATCH, &url, &[], Some(&json!({"paused": false}))).await;
    world.ten_minutes().await;
    let preview = world.http.get(&format!("{url}/preview")).await.json();
    assert_eq!((&preview["waits_for"], &preview["next"]), (&Value::Null, &json!([])));
    let posted: Vec<_> =
        preview["others"].as_array().expect("a list").iter().filter(|each| each["state"] == "posted").collect();
    assert_eq!(posted.len(), 2, "what was published meanwhile is posted when it goes on");
}

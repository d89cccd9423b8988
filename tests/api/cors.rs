//! What browsers on other sites may ask, and where nobody can be sent.

use reqwest::Method;
use serde_json::json;

use crate::harness::{Answer, World};

async fn preflight(world: &World, app_id: &str, origin: &str) -> Answer {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "authorization"),
    ];
    let url = format!("{}&is_settings=true", world.feed_url(app_id, "@powr_io"));
    world.http.send(Method::OPTIONS, &url, &headers, None).await
}

#[tokio::test]
async fn a_settings_page_on_the_apps_own_origin_may_send_its_proof() {
    let world = World::signed().await;
    world.connect("powr_io", "w1").await;
    let proof = format!("Bearer {}", world.token("w1", "owner"));
    let origins = json!({"user": "owner", "allowed_origins": ["https://www.example.com"]});
    let app = format!("{}/v1/apps/w1", world.url);
    let put = world.http.send(Method::PUT, &app, &[("authorization", &proof)], Some(&origins)).await;
    assert_eq!(put.status, 200);

    let (own, other) = (
        preflight(&world, "w1", "https://www.example.com").await,
        preflight(&world, "w1", "https://evil.example").await,
    );
    let unknown = preflight(&world, "nobody", "https://www.example.com").await;
    let url = format!("{}&is_settings=true", world.feed_url("w1", "@powr_io"));
    let asked = [("origin", "https://www.example.com"), ("authorization", proof.as_str())];
    let settings = world.http.send(Method::GET, &url, &asked, None).await;
    let refused = world.http.send(Method::GET, &url, &asked[..1], None).await;

    assert_eq!((own.status, own.header("access-control-allow-origin")), (204, "https://www.example.com"));
    assert!(own.header("access-control-allow-headers").contains("authorization"));
    assert!(own.header("vary").contains("Origin"));
    assert_eq!(other.header("access-control-allow-origin"), "");
    assert!(!unknown.header("access-control-allow-headers").contains("authorization"));
    assert_eq!(settings.header("access-control-allow-origin"), "https://www.example.com");
    assert!(settings.json()["settings"].is_object() && settings.header("cache-control") == "no-store");
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (401, "*"), "it may read why");
}

#[tokio::test]
async fn nobody_is_sent_anywhere_but_to_us_and_to_the_dialog() {
    let (open, signed) = (World::start().await, World::signed().await);
    for world in [&open, &signed] {
        let run = world.connect("two_pages", "w1").await.id;
        let evil = "https%3A%2F%2Fevil.example%2F";
        for path in [
            "/connect?app_id=w1&user=u".to_owned(),
            format!("/connect?app_id=w1&user=u&redirect_uri={evil}&next={evil}&url={evil}"),
            "/connect?app_id=%2F%2Fevil.example&user=https%3A%2F%2Fevil.example".to_owned(),
            "/connect/?app_id=w1&user=u".to_owned(),
            "//evil.example/connect?app_id=w1&user=u".to_owned(),
            "/%5Cevil.example/connect?app_id=w1&user=u".to_owned(),
            "/connect%2F..%2F%2Fevil.example?app_id=w1&user=u".to_owned(),
            format!("/users/oauth?again={evil}&after={evil}"),
            format!("/users/oauth?again={run}&after={evil}"),
            format!("/users/oauth?job_id={evil}"),
            format!("/users/oauth?code=x&state={evil}&redirect_uri={evil}"),
            format!("/jobs/{evil}/page"),
        ] {
            for host in ["evil.example", "evil.example:80", "\\evil.example", "//evil.example"] {
                for method in [Method::GET, Method::POST] {
                    let form = [("host", host), ("content-type", "application/x-www-form-urlencoded")];
                    let url = format!("{}{path}", world.url);
                    let answer = world.http.send_text(method, &url, &form, format!("page_id={evil}")).await;
                    let there = answer.header("location");
                    let is_ours = there.is_empty()
                        || there.starts_with(&format!("{}/", world.url))
                        || there.starts_with(&format!("{}/v26.0/dialog/oauth?", world.stand_ins.url))
                        || (there.starts_with('/') && !there.starts_with("//"));
                    assert!(is_ours, "{path} under {host}: {there}");
                    assert!(!answer.text.contains("href=\"http") && !answer.text.contains("href=\"//"), "{path}");
                }
            }
        }
    }
}

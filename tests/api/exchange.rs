//! `POST|GET /instagram/oauth`.

use reqwest::Method;
use serde_json::json;

use crate::harness::{World, within_reason};

#[tokio::test]
async fn a_token_is_taken_by_post_and_by_get() {
    let world = World::start().await;
    for method in [Method::POST, Method::GET] {
        let token = world.stand_ins.mint("powr_io").await;
        let url = format!("{}/instagram/oauth/?token={token}&appId=w1&user=u&app_type=socialFeed", world.url);

        let answer = world.http.send(method, &url, &[], None).await;

        assert_eq!(answer.status, 202, "{}", answer.text);
        let run_id = answer.json()["job_id"].as_str().expect("an id").to_owned();
        assert_eq!(answer.json()["status_url"], format!("{}/jobs/{run_id}", world.url));
        world.drain().await;
        assert_eq!(world.run(&run_id).await.error, None);
    }
}

#[tokio::test]
async fn a_body_serves_as_well_as_a_query() {
    let world = World::start().await;
    let token = world.stand_ins.mint("powr_io").await;
    let body = json!({"token": token, "appId": "w1", "user": "u", "app_type": "socialFeed"});

    let answer = world.http.post_json(&format!("{}/instagram/oauth", world.url), &body).await;

    assert_eq!(answer.status, 202);
}

#[tokio::test]
async fn a_body_is_a_form_or_json_however_its_kind_is_written() {
    let world = World::start().await;
    let url = format!("{}/instagram/oauth", world.url);
    let form = "application/x-www-form-urlencoded";
    let absent = json!({"token": "EAAx", "appId": "w1", "user": "u", "code": null, "page_id": null}).to_string();
    for (kind, body, status, says) in [
        ("application/json", absent.as_str(), 202, ""),
        ("Application/JSON; charset=utf-8", &absent, 202, ""),
        (form, "token=EAAx&appId=w1&user=u", 202, ""),
        (&form.to_uppercase(), "token=EAAx&appId=w1&user=u", 202, ""),
        ("application/json", r#"{"appId": "w1", "user": "u", "token": "a", "token": "b"}"#, 400, "`token` comes twice"),
        (
            "application/json",
            r#"{"appId": "w1", "user": "u", "token": "a", "token": null}"#,
            400,
            "`token` comes twice",
        ),
        ("application/json", r#"["EAAx"]"#, 400, "no JSON object"),
        ("application/json", r#"{"token": 1}"#, 400, "no JSON object"),
        ("application/json", "{} {}", 400, "no JSON object"),
        ("text/plain", &absent, 415, "Content-Type"),
        ("application/jsonp", &absent, 415, "Content-Type"),
        ("text/plain", "", 400, "`appId` is missing"),
    ] {
        let kind = [("content-type", kind)];
        let answer = world.http.send_text(Method::POST, &url, &kind, body.to_owned()).await;
        let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
        assert_eq!(answer.status, status, "{kind:?} {body}: {}", answer.text);
        assert!(detail.contains(says), "{kind:?} {body}: {detail}");
    }
}

#[tokio::test]
async fn whoever_prefers_to_wait_gets_the_end() {
    let world = World::start().await;
    let token = world.stand_ins.mint("powr_io").await;
    let url = format!("{}/instagram/oauth?token={token}&appId=w1&user=u", world.url);

    let wait = [("Prefer", "wait=30")];
    let (answer, ()) = tokio::join!(world.http.send(Method::POST, &url, &wait, None), async {
        within_reason(async {
            while world.ctx.queue.is_idle().await.expect("asked") {
                tokio::task::yield_now().await;
            }
        })
        .await;
        world.drain().await;
    });

    assert_eq!((answer.status, answer.json()["state"].as_str()), (200, Some("done")), "{}", answer.text);
    assert_eq!(answer.json()["result"]["instagram_account"], "powr_io");
    assert_eq!(answer.header("preference-applied"), "wait=30");
}

#[tokio::test]
async fn bad_input_names_the_field_and_writes_no_run() {
    let world = World::start().await;
    let long = "a".repeat(5_000);
    for (query, says) in [
        ("", "`appId` is missing"),
        ("appId=w1", "`user` is missing"),
        ("appId=w1&user=u", "either `token` or `code`"),
        ("appId=w1&user=u&token=a&code=b", "either `token` or `code`"),
        ("appId=w1&user=u&token=a%00b", "`token`"),
        (&format!("appId=w1&user=u&token={long}"), "`token`"),
        (&format!("appId={}&user=u&token=a", &long[..201]), "`appId` is longer"),
        ("appId=w1%0a&user=u&token=a", "control characters"),
        ("appId=w1&user=u&token=a&page_id=x", "`page_id`"),
        ("appId=w1&appId=w2&user=u&token=a", "`appId` comes twice"),
    ] {
        let answer = world.http.post(&format!("{}/instagram/oauth?{query}", world.url)).await;
        let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
        assert_eq!(answer.status, 400, "{query}");
        assert!(detail.contains(says), "{query}: {detail}");
    }
    world.drain().await;
    assert!(world.stand_ins.calls("v26").await.is_empty(), "nothing reached Meta");
}

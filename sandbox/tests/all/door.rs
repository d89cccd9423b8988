//! The door's own manners, the clock, and how the sandbox starts.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use reqwest::Method;
use sandbox::{Config, Sandbox};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::stand::Stand;

#[tokio::test]
async fn the_clock_answers_when_its_follower_has_caught_up() {
    let told = Arc::new(AtomicI64::new(0));
    let teller = Arc::clone(&told);
    let stand = Stand::start_with(Arc::new(move |offset_ms| {
        let teller = Arc::clone(&teller);
        Box::pin(async move {
            tokio::task::yield_now().await;
            teller.store(offset_ms, Ordering::SeqCst);
        })
    }))
    .await;

    stand.advance(10).await;
    stand.advance(5).await;

    assert_eq!(told.load(Ordering::SeqCst), 15_000);
    let clock = stand.get("/_sandbox/clock/").await.json();
    assert_eq!(clock["offset_ms"], 15_000);
    let sandbox = Sandbox::open(Config::new(stand.folder().join("sandbox"))).unwrap();
    assert_eq!(sandbox.clock_offset_ms(), 15_000);
}

#[tokio::test]
async fn problems_name_the_field_and_the_fix() {
    let stand = Stand::start().await;

    for (method, path, body, status, word) in [
        (Method::POST, "/_sandbox/clock", json!({}), 422, "advance_s"),
        (Method::POST, "/_sandbox/clock", json!({ "advance_s": -1 }), 422, "advance_s"),
        (Method::POST, "/_sandbox/clock", json!({ "advance_s": 1e300 }), 422, "advance_s"),
        (Method::POST, "/_sandbox/clock", json!({ "advance_s": i64::MAX }), 422, "advance_s"),
        (Method::POST, "/_sandbox/tokens", json!({ "user": "nobody" }), 404, "powr_io"),
        (Method::POST, "/_sandbox/tokens", json!([]), 422, "object"),
        (Method::POST, "/_sandbox/media", json!({ "user": "no_pages" }), 422, "user"),
        (Method::POST, "/_sandbox/media", json!({ "user": "powr_io", "media_type": "GIF" }), 422, "media_type"),
        (Method::POST, "/_sandbox/media", json!({ "user": "powr_io", "colour": 1 }), 422, "colour"),
        (Method::DELETE, "/_sandbox/media/1", json!({}), 404, "1"),
        (Method::PATCH, "/_sandbox/users/nobody", json!({}), 404, "powr_io"),
        (Method::PATCH, "/_sandbox/users/powr_io", json!({ "state": "sad" }), 422, "checkpoint"),
        (Method::PATCH, "/_sandbox/users/powr_io", json!({ "scopes": ["x"] }), 422, "scopes"),
        (Method::PATCH, "/_sandbox/users/powr_io", json!({ "usage_percent": "x" }), 422, "usage_percent"),
        (Method::PATCH, "/_sandbox/users/powr_io", json!({ "allowance": 0 }), 422, "allowance"),
        (Method::PATCH, "/_sandbox/users/powr_io", json!({ "name": "x" }), 422, "name"),
        (Method::GET, "/_sandbox/nothing", json!({}), 404, "/_sandbox/nothing"),
        (Method::GET, "/_sandbox/tokens", json!({}), 405, "GET"),
    ] {
        let answer = stand.call(method, path, Some(body.clone())).await;
        assert_eq!(answer.status, status, "{path} {body}: {}", answer.text());
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem = answer.json();
        assert_eq!(problem["status"], status);
        assert!(problem["detail"].as_str().unwrap().contains(word), "{problem}");
    }
}

#[tokio::test]
async fn outboxes_are_empty_for_now_and_the_door_is_not_recorded() {
    let stand = Stand::start().await;

    for path in ["/_sandbox/mails", "/_sandbox/posts/", "/_sandbox/alerts", "/_sandbox/calls/"] {
        assert_eq!(stand.get(path).await.json(), json!([]));
    }
}

#[tokio::test]
async fn a_new_post_is_the_newest_until_it_is_deleted() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    let feed = format!(
        "/v26.0/{account}?fields=media_count,media.limit(1){{caption,media_type,media_product_type}}\
         &access_token={token}"
    );
    let before = stand.get(&feed).await.json()["media_count"].as_i64().unwrap();

    let id = stand
        .post("/_sandbox/media", json!({ "user": "powr_io", "media_type": "REELS", "caption": "hi" }))
        .await
        .json()["id"]
        .as_str()
        .unwrap()
        .to_owned();

    let body = stand.get(&feed).await.json();
    assert_eq!(body["media_count"].as_i64().unwrap(), before + 1);
    let newest = &body["media"]["data"][0];
    assert_eq!(newest["id"], id.as_str());
    assert_eq!(newest["media_product_type"], "REELS");

    let path = format!("/_sandbox/media/{id}");
    assert_eq!(stand.call(Method::DELETE, &path, None).await.status, 204);
    let gone = stand.get(&format!("/v26.0/{id}?access_token={token}")).await;
    assert_eq!(gone.error(), (400, 100, 33));
}

#[tokio::test]
async fn it_refuses_to_listen_where_others_could_reach_it() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::open(Config::new(folder.path())).unwrap();
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();

    let refused = sandbox.serve(listener, async {}).await.unwrap_err();

    assert!(refused.to_string().contains("loopback"), "{refused}");
}

#[tokio::test]
async fn bytes_that_are_no_request_end_their_own_connection_alone() {
    let stand = Stand::start().await;
    let address = stand.base.strip_prefix("http://").unwrap().to_owned();

    for bytes in [
        b"\0\xff\xfe garbage\r\n\r\n".as_slice(),
        b"GET /v26.0/me?access_token=\xff\xfe HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        b"GET /\xf0\x9f\x98\x80 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer \xff\r\nconnection: close\r\n\r\n",
        b"POST /v26.0/oauth/access_token HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\nconnection: close\r\n\r\n\xff\xfe\xfd",
        b"PUT /_sandbox/faults/%ff HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}",
    ] {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok();
        let status = String::from_utf8_lossy(&answer).chars().skip(9).take(1).collect::<String>();
        assert_eq!(status, "4", "{}", String::from_utf8_lossy(bytes));
    }

    assert_eq!(stand.get("/_sandbox/users").await.status, 200);
}

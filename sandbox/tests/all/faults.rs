//! What goes wrong on purpose, and what is written down of it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stand::Stand;

async fn put(stand: &Stand, name: &str, fault: Value) {
    let path = format!("/_sandbox/faults/{name}");
    let answer = stand.call(Method::PUT, &path, Some(fault)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn a_fault_answers_as_it_is_told_and_so_many_times() {
    let stand = Stand::start().await;
    let token = stand.token("powr_io").await;
    let me = format!("/v26.0/me?access_token={token}");
    put(
        &stand,
        "busy",
        json!({
            "match": { "service": "graph", "path_contains": "/me" },
            "answer": { "status": 503, "headers": { "retry-after": "7", "content-type": "text/html" }, "body": "<html>" },
            "times": 2,
        }),
    )
    .await;

    for _ in 0..2 {
        let answer = stand.get(&me).await;
        assert_eq!((answer.status, answer.text().as_str()), (503, "<html>"));
        assert_eq!(answer.header("retry-after"), "7");
        assert_eq!(answer.header("content-type"), "text/html");
    }

    assert_eq!(stand.get(&me).await.status, 200);
    assert_eq!(stand.get("/_sandbox/faults").await.json(), json!([]));
}

#[tokio::test]
async fn an_answer_can_be_cut_short() {
    let stand = Stand::start().await;
    let answer = json!({ "status": 200, "headers": { "Content-Length": "100" }, "body": "{\"data\":[" });
    put(&stand, "short", json!({ "match": {}, "answer": answer, "times": 2 })).await;

    for _ in 0..2 {
        assert!(stand.try_call(Method::GET, "/v26.0/me", None).await.is_err());
    }

    assert_eq!(stand.get("/v26.0/me").await.status, 400);
}

#[tokio::test]
async fn a_fault_can_hit_one_account_alone() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    let (other_token, other) = stand.page_token("natgeo").await;
    put(&stand, "one", json!({ "match": { "ig_user_id": account }, "answer": { "status": 500, "body": "" } })).await;

    let hit = format!("/v26.0/{account}/media?fields=id&limit=1&access_token={token}");
    assert_eq!(stand.get(&hit).await.status, 500);
    let missed = format!("/v26.0/{other}/media?limit=1&access_token={other_token}");
    assert_eq!(stand.get(&missed).await.status, 200);

    stand.call(Method::DELETE, "/_sandbox/faults/one", None).await;
    assert_eq!(stand.get(&hit).await.status, 200);
}

#[tokio::test]
async fn a_call_that_hangs_is_seen_while_it_hangs() {
    let stand = Stand::start().await;
    let token = stand.token("powr_io").await;
    put(&stand, "hang", json!({ "match": { "path_contains": "/me" }, "hang_ms": 600_000 })).await;

    let me = format!("/v26.0/me?access_token={token}");
    let call = stand.get(&me);
    let seen = async {
        loop {
            let calls = stand.get("/_sandbox/calls?path_contains=/me").await.json();
            if let Some(call) = calls.as_array().unwrap().first() {
                return call.clone();
            }
        }
    };
    let seen = tokio::select! {
        _ = call => panic!("it did not hang"),
        seen = seen => seen,
    };

    assert!(seen["status"].is_null() && seen["path"] == "/v26.0/me", "{seen}");
}

#[tokio::test]
async fn a_short_wait_ends_in_the_real_answer() {
    let stand = Stand::start().await;
    let token = stand.token("powr_io").await;
    put(&stand, "slow", json!({ "match": {}, "hang_ms": 1 })).await;

    assert_eq!(stand.get(&format!("/me?access_token={token}")).await.status, 200);
}

#[tokio::test]
async fn a_dropped_call_gets_no_answer() {
    let stand = Stand::start().await;
    let token = stand.token("powr_io").await;
    let me = format!("/v26.0/me?access_token={token}");
    put(&stand, "drop", json!({ "match": {}, "drop": true, "times": 1 })).await;

    assert!(stand.try_call(Method::GET, &me, None).await.is_err());

    assert_eq!(stand.get(&me).await.status, 200);
    let calls = stand.get("/_sandbox/calls").await.json();
    assert!(calls[0]["status"].is_null() && calls[1]["status"] == 200);
}

#[tokio::test]
async fn an_answer_can_be_lost_after_the_call_has_happened() {
    let stand = Stand::start().await;
    let back = stand.consent("_user=powr_io").await;
    let code = crate::stand::parameter(&back, "code").unwrap();
    put(
        &stand,
        "lost",
        json!({ "match": { "path_contains": "access_token" }, "drop": true, "applied": true, "times": 1 }),
    )
    .await;
    let path = format!(
        "/v26.0/oauth/access_token?client_id=123456789012345&client_secret=sandbox-secret&code={code}\
         &redirect_uri=http%3A%2F%2F127.0.0.1%3A3000%2Fusers%2Foauth%3Fx%3D1"
    );

    assert!(stand.try_call(Method::GET, &path, None).await.is_err());
    assert_eq!(stand.get(&path).await.error(), (400, 100, 36_009));
}

#[tokio::test]
async fn calls_are_told_with_the_consent_that_all_their_tokens_stem_from() {
    let stand = Stand::start().await;
    for user in ["powr_io", "powr_io", "natgeo"] {
        let (token, account) = stand.page_token(user).await;
        stand.get(&format!("/v26.0/{account}?access_token={token}")).await;
    }
    stand.get("/v26.0/me?access_token=EAAnobodys").await;

    let calls = stand.get("/_sandbox/calls").await.json();
    let behind = calls.as_array().unwrap().iter().filter(|call| call["path"] != "/v26.0/dialog/oauth");
    let mut grants: Vec<_> = behind.map(|call| call["grant"].as_str()).collect();
    assert_eq!(grants.pop(), Some(None), "{calls}");
    grants.dedup();
    assert_eq!(grants.len(), 3, "one for each consent, from the code to the Page's token: {calls}");
    assert!(grants[0].is_some_and(|grant| grant.starts_with("powr_io@")), "{calls}");
}

#[tokio::test]
async fn calls_are_told_without_tokens_across_a_crash_and_can_be_forgotten() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    stand.get(&format!("/v26.0/{account}/media?access_token={token}")).await;
    stand.get("/v26.0/dialog/oauth").await;

    let stand = stand.crash().await;

    let calls = stand.get("/_sandbox/calls?path_contains=/media").await;
    assert!(!calls.text().contains("EAA"));
    let calls = calls.json();
    assert_eq!(calls.as_array().unwrap().len(), 1);
    let call = &calls[0];
    assert_eq!(call["service"], "graph");
    assert_eq!(call["method"], "GET");
    assert_eq!(call["path"], format!("/v26.0/{account}/media"));
    assert_eq!(call["ig_user_id"], account.as_str());
    assert_eq!(call["status"], 200);
    chrono::DateTime::parse_from_rfc3339(call["at"].as_str().unwrap()).unwrap();

    stand.call(Method::DELETE, "/_sandbox/calls?path_contains=/media", None).await;
    assert_eq!(stand.get("/_sandbox/calls?path_contains=/media").await.json(), json!([]));
    assert!(!stand.get("/_sandbox/calls").await.json().as_array().unwrap().is_empty());
    stand.call(Method::DELETE, "/_sandbox/calls", None).await;
    assert_eq!(stand.get("/_sandbox/calls").await.json(), json!([]));
}

#[tokio::test]
async fn a_fault_that_is_none_is_explained() {
    let stand = Stand::start().await;

    for (fault, word) in [
        (json!({ "match": {} }), "exactly one"),
        (json!({ "match": {}, "hang_ms": 1, "drop": true }), "exactly one"),
        (json!({ "match": { "host": "x" }, "drop": true }), "host"),
        (json!({ "match": { "service": "ftp" }, "drop": true }), "ftp"),
        (json!({ "answer": { "status": 99 } }), "answer.status"),
        (json!({ "answer": { "status": 200, "headers": { "a b": "" } } }), "answer.headers"),
        (json!({ "drop": true, "times": 0 }), "times"),
    ] {
        let answer = stand.call(Method::PUT, "/_sandbox/faults/x", Some(fault)).await;
        assert_eq!(answer.status, 422);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(word), "{detail}");
    }
}

#[tokio::test]
async fn a_waiting_call_does_not_hold_the_end_of_the_server() {
    let stand = Stand::start().await;
    put(&stand, "hang", json!({ "match": {}, "hang_ms": 600_000 })).await;
    let me = format!("{}/v26.0/me", stand.base);
    let other = Stand::start().await;

    let call = async { other.try_call(Method::GET, &me, None).await };
    let end = async {
        while stand.get("/_sandbox/calls").await.json() == json!([]) {}
        stand.restart().await
    };
    let (call, stand) = futures_util::join!(call, end);

    assert!(call.is_err());
    assert_eq!(stand.get("/_sandbox/calls").await.json().as_array().unwrap().len(), 1);
}

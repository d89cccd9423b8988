//! X's consents and tokens: codes of thirty seconds, pairs that are good until the next one, families that end.

use reqwest::Method;
use serde_json::json;

use crate::on_x::{BACK, Pair, SCOPES, VERIFIER, consent_page};
use crate::stand::{Stand, parameter};

const ME: &str = "users/me";

#[tokio::test]
async fn a_consent_becomes_tokens_for_two_hours_that_tell_whose_they_are() {
    let stand = Stand::start().await;
    let code = stand.x_code("powr_io").await;

    let answer = stand.trade(&code, VERIFIER, BACK).await;

    let body = answer.json();
    assert_eq!(
        (&body["token_type"], &body["expires_in"], &body["scope"]),
        (&json!("bearer"), &json!(7200), &json!(SCOPES))
    );
    let pair = Pair::of(&answer);
    let me = stand.x(Method::GET, ME, &pair.access, None).await;
    assert_eq!((me.status, &me.json()["data"]["username"]), (200, &json!("powr_io")));
    assert_eq!((me.header("x-rate-limit-limit"), me.header("x-rate-limit-remaining")), ("75", "74"));
    stand.advance(7_201).await;
    assert_eq!(stand.x(Method::GET, ME, &pair.access, None).await.status, 401);
}

#[tokio::test]
async fn a_code_serves_once_for_thirty_seconds_and_only_its_own_app() {
    let stand = Stand::start().await;
    let bad = |text: &str| json!({ "error": "invalid_request", "error_description": text });
    let invalid = bad("Value passed for the authorization code was invalid.");

    let code = stand.x_code("powr_io").await;
    assert_eq!(stand.trade(&code, VERIFIER, "http://127.0.0.1:3000/other").await.json(), invalid);
    let wrong = stand.trade(&code, "another proof", BACK).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text().contains("code verifier"), "{}", wrong.text());
    let form = [("grant_type", "authorization_code"), ("code", code.as_str())];
    let stranger = stand.at_the_token_door("token", "not the secret", &form).await;
    assert_eq!((stranger.status, &stranger.json()["error"]), (401, &json!("unauthorized_client")));
    let pair = Pair::of(&stand.trade(&code, VERIFIER, BACK).await);

    // A second use is a theft: what the first brought ends too.
    assert_eq!(stand.trade(&code, VERIFIER, BACK).await.json(), invalid);
    assert_eq!(stand.x(Method::GET, ME, &pair.access, None).await.status, 401);
    assert_eq!(stand.family().await["state"], "lost");

    let late = stand.x_code("powr_io").await;
    stand.advance(30).await;
    assert_eq!(stand.trade(&late, VERIFIER, BACK).await.json(), invalid);
}

#[tokio::test]
async fn each_refresh_ends_the_pair_before_and_an_old_token_ends_them_all() {
    let stand = Stand::start().await;
    let first = stand.on_x("powr_io").await;
    let second = Pair::of(&stand.renew(&first.refresh).await);
    let stand = stand.crash().await;

    assert_eq!(stand.x(Method::GET, ME, &first.access, None).await.status, 401);
    assert_eq!(stand.x(Method::GET, ME, &second.access, None).await.status, 200);
    let third = Pair::of(&stand.renew(&second.refresh).await);
    assert_eq!((&stand.family().await["state"], &stand.family().await["pairs"]), (&json!("alive"), &json!(3)));

    let reused = stand.renew(&first.refresh).await;

    assert_eq!(reused.status, 400);
    let said = json!({ "error": "invalid_request", "error_description": "Value passed for the token was invalid." });
    assert_eq!(reused.json(), said);
    assert_eq!(stand.family().await["state"], "lost");
    assert_eq!(stand.renew(&third.refresh).await.json(), said);
    assert_eq!(stand.x(Method::GET, ME, &third.access, None).await.status, 401);
}

#[tokio::test]
async fn the_time_without_a_living_token_is_told() {
    let stand = Stand::start().await;
    let mut pair = stand.on_x("powr_io").await;
    for wait_s in [6_000, 7_100, 7_260, 10] {
        stand.advance(wait_s).await;
        pair = Pair::of(&stand.renew(&pair.refresh).await);
    }

    let gap_ms = stand.family().await["longest_gap_ms"].as_i64().unwrap();
    assert!((60_000..90_000).contains(&gap_ms), "{gap_ms}");
    stand.advance(9_200).await;
    let gap_ms = stand.family().await["longest_gap_ms"].as_i64().unwrap();
    assert!((2_000_000..2_030_000).contains(&gap_ms), "while it lasts too: {gap_ms}");
}

#[tokio::test]
async fn an_answer_lost_after_a_refresh_leaves_the_old_token_used_up() {
    let stand = Stand::start().await;
    let pair = stand.on_x("powr_io").await;
    let fault = json!({ "match": { "path_contains": "oauth2/token" }, "drop": true, "applied": true, "times": 1 });
    stand.call(Method::PUT, "/_sandbox/faults/lost", Some(fault)).await;

    let form = json!({ "grant_type": "refresh_token", "refresh_token": pair.refresh });
    assert!(stand.try_call(Method::POST, "/x/2/oauth2/token", Some(form)).await.is_err());
    let again = stand.renew(&pair.refresh).await;

    assert_eq!(again.status, 200, "that call was no form, so X had not taken it");
    let fault = json!({
        "match": { "service": "x", "path_contains": "oauth2/token", "method": "post" },
        "answer": { "status": 503, "body": "" }, "applied": true, "times": 1,
    });
    stand.call(Method::PUT, "/_sandbox/faults/lost", Some(fault)).await;
    let next = Pair::of(&again);
    assert_eq!(stand.renew(&next.refresh).await.status, 503);
    assert_eq!(stand.family().await["pairs"], 3);
    assert_eq!(stand.renew(&next.refresh).await.status, 400);
    assert_eq!(stand.family().await["state"], "lost");
}

#[tokio::test]
async fn what_is_given_back_is_gone() {
    let stand = Stand::start().await;
    let revoke = async |token: &str| {
        let answer = stand.at_the_token_door("revoke", "sandbox-x-secret", &[("token", token)]).await;
        assert_eq!((answer.status, answer.json()), (200, json!({ "revoked": true })));
    };
    let pair = stand.on_x("powr_io").await;

    revoke(&pair.access).await;
    assert_eq!(stand.x(Method::GET, ME, &pair.access, None).await.status, 401);
    let next = Pair::of(&stand.renew(&pair.refresh).await);
    revoke(&next.refresh).await;

    assert_eq!(stand.x(Method::GET, ME, &next.access, None).await.status, 401);
    assert_eq!(stand.renew(&next.refresh).await.status, 400);
    assert_eq!(stand.family().await["state"], "revoked");
    revoke("nobody's").await;
}

#[tokio::test]
async fn a_person_who_takes_access_back_ends_it_until_the_next_consent() {
    let stand = Stand::start().await;
    let pair = stand.on_x("powr_io").await;

    stand.change_x("/users/powr_io", json!({ "state": "app_removed" })).await;

    assert_eq!(stand.x(Method::GET, ME, &pair.access, None).await.status, 401);
    assert_eq!(stand.renew(&pair.refresh).await.status, 400);
    let again = stand.on_x("powr_io").await;
    assert_eq!(stand.x(Method::GET, ME, &again.access, None).await.status, 200);
}

#[tokio::test]
async fn the_page_asks_who_to_be_and_explains_what_is_wrong() {
    let stand = Stand::start().await;

    let asked = stand.get(&consent_page(("_user", ""))).await;
    assert!(asked.text().contains("data-user=\"natgeo\"") && asked.text().contains("Upload media for you"));
    let denied = stand.get(&format!("{}&_cancel=1", consent_page(("_user", "")))).await;
    let back = denied.header("location").parse().unwrap();
    assert_eq!(parameter(&back, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&back, "state").as_deref(), Some("a b&c"));

    let long = "s".repeat(501);
    for (name, value, word) in [
        ("client_id", "another", "X_CLIENT_ID"),
        ("redirect_uri", "nowhere", "redirect_uri"),
        ("scope", "tweet.read everything", "everything"),
        ("code_challenge", "", "code_challenge"),
        ("code_challenge_method", "S512", "S512"),
        ("state", long.as_str(), "501"),
        ("response_type", "token", "response_type"),
    ] {
        let answer = stand.get(&consent_page((name, value))).await;
        assert_eq!(answer.status, 400, "{name}");
        assert!(answer.text().contains(word), "{name}: {}", answer.text());
    }
    assert_eq!(stand.get(&consent_page(("_user", "nobody"))).await.status, 404);
}

#[tokio::test]
async fn calls_are_told_with_the_account_by_whose_leave_they_are_made() {
    let stand = Stand::start().await;
    let (mine, other) = (stand.on_x("powr_io").await, stand.on_x("crowd_7").await);
    let fault = json!({ "match": { "x_user_id": "1702000000000000000" }, "answer": { "status": 500, "body": "" } });
    stand.call(Method::PUT, "/_sandbox/faults/mine", Some(fault)).await;

    assert_eq!(stand.x(Method::GET, ME, &mine.access, None).await.status, 500);
    assert_eq!(stand.x(Method::GET, ME, &other.access, None).await.status, 200);

    let calls = stand.get("/_sandbox/calls?path_contains=users/me").await;
    assert!(!calls.text().contains(&other.access));
    let calls = calls.json();
    assert_eq!((&calls[0]["x_user_id"], &calls[0]["service"]), (&json!("1702000000000000000"), &json!("x")));
    assert!(calls[1]["grant"].as_str().unwrap().starts_with("crowd_7@"), "{calls}");
    assert_eq!(stand.renew(&mine.refresh).await.status, 500, "at the token's door too");
    assert_eq!(stand.renew(&other.refresh).await.status, 200);
    let door = stand.get("/_sandbox/calls?path_contains=oauth2/token").await.json();
    let whose: Vec<_> = door.as_array().unwrap().iter().map(|call| call["x_user_id"].as_str().unwrap()).collect();
    let (mine, other) = ("1702000000000000000", "1703000000000000007");
    assert_eq!(whose, [mine, other, mine, other]);
    assert_eq!(stand.get("/").await.text().matches("href=\"/x/NatGeo\"").count(), 1);
}

//! How many calls an account has, what its headers say of them, and what `/_sandbox/usage` tells tests.

use serde_json::{Value, json};

use crate::stand::{Answer, DAY_S, Stand};

/// What the headers of an answer say of an account.
fn said(answer: &Answer, account: &str) -> (i64, i64) {
    let header: Value = serde_json::from_str(answer.header("x-business-use-case-usage")).unwrap();
    let entry = &header[account][0];
    let number = |field: &str| entry[field].as_i64().unwrap();
    (number("call_count"), number("estimated_time_to_regain_access"))
}

#[tokio::test]
async fn an_account_has_the_calls_that_tests_give_it_and_has_them_back_after_a_day() {
    let stand = Stand::start().await;
    let (page, account) = stand.page_token("powr_io").await;
    let read = format!("/v26.0/{account}?access_token={page}");
    stand.patch("powr_io", json!({"allowance": 20})).await;

    for call in 1..20 {
        let answer = stand.get(&read).await;
        assert_eq!((answer.status, said(&answer, &account)), (200, (call * 5, 0)));
    }
    let refused = stand.get(&read).await;
    assert_eq!(refused.error(), (400, 80_002, 0));
    let (percent, wait_min) = said(&refused, &account);
    assert_eq!(percent, 100);
    assert!((1_430..=1_440).contains(&wait_min), "{wait_min} minutes until the first calls are a day old");

    stand.advance(DAY_S + 60).await;
    let answer = stand.get(&read).await;
    assert_eq!((answer.status, said(&answer, &account)), (200, (5, 0)));
}

#[tokio::test]
async fn hashtags_are_counted_against_the_account_in_whose_name_they_are_asked_for() {
    let stand = Stand::start().await;
    let (page, account) = stand.page_token("powr_io").await;
    stand.patch("powr_io", json!({"allowance": 50})).await;

    let search = format!("/v26.0/ig_hashtag_search?user_id={account}&q=food&access_token={page}");
    let id = stand.get(&search).await.json()["data"][0]["id"].as_str().unwrap().to_owned();
    let list = stand.get(&format!("/v26.0/{id}/top_media?user_id={account}&access_token={page}")).await;

    assert_eq!((list.status, said(&list, &account)), (200, (4, 0)));
}

#[tokio::test]
async fn the_peak_and_the_refusals_of_an_account_are_remembered() {
    let stand = Stand::start().await;
    let (page, account) = stand.page_token("powr_io").await;
    stand.patch("powr_io", json!({"allowance": 4})).await;
    for _ in 0..5 {
        stand.get(&format!("/v26.0/{account}?access_token={page}")).await;
    }
    stand.advance(2 * DAY_S).await;

    let usage = stand.get("/_sandbox/usage").await.json();

    let own = usage.as_array().unwrap().iter().find(|each| each["ig_user_id"] == account.as_str()).unwrap();
    let numbers =
        ["allowance", "calls", "percent", "peak_percent", "refused"].map(|field| own[field].as_i64().unwrap());
    assert_eq!(numbers, [4, 0, 0, 125, 2]);
}

#[tokio::test]
async fn the_crowd_has_allowances_and_posts_of_its_own() {
    let stand = Stand::start().await;
    stand.patch("crowd_7", json!({"allowance": 10})).await;
    let new = stand.post("/_sandbox/media", json!({"user": "crowd_7", "caption": "hello"})).await.json();
    let (page, account) = stand.page_token("crowd_7").await;
    let (other_page, other) = stand.page_token("crowd_8").await;

    let posts = stand.get(&format!("/v26.0/{account}/media?access_token={page}")).await;
    let others = stand.get(&format!("/v26.0/{other}/media?access_token={other_page}")).await;

    assert_eq!((said(&posts, &account).0, said(&others, &other).0), (10, 1));
    let ids = |answer: &Answer| answer.json()["data"].as_array().unwrap().clone();
    assert_eq!((ids(&posts).len(), ids(&others).len()), (13, 12));
    assert_eq!(ids(&posts)[0]["id"], new["id"]);
    assert!(ids(&posts).iter().all(|post| !ids(&others).contains(post)));
}

#[tokio::test]
async fn an_allowance_is_a_number_of_calls_and_null_takes_it_back() {
    let stand = Stand::start().await;
    let (page, account) = stand.page_token("powr_io").await;
    stand.patch("powr_io", json!({"allowance": 1})).await;
    stand.patch("powr_io", json!({"allowance": null})).await;

    let answer = stand.get(&format!("/v26.0/{account}?access_token={page}")).await;

    assert_eq!((answer.status, said(&answer, &account)), (200, (1, 0)));
}

//! Who may ask for hashtags, for how many, and what is refused.

use futures_util::future::join_all;
use serde_json::json;

use crate::stand::{Answer, DAY_S, Stand};

const POWR: &str = "17841405822304914";
const COFFEE: &str = "17841431200450078";
const ROASTERY: &str = "17841431200450991";

fn path(account: &str, q: &str, token: &str) -> String {
    format!("/v26.0/ig_hashtag_search?user_id={account}&q={q}&access_token={token}")
}

async fn search(stand: &Stand, token: &str, account: &str, q: &str) -> Answer {
    stand.get(&path(account, q, token)).await
}

/// Asks for `tag0`, `tag1`, ….
async fn search_many(stand: &Stand, token: &str, account: &str, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let answer = search(stand, token, account, &format!("tag{number}")).await;
        assert_eq!(answer.status, 200, "{number}: {}", answer.text());
    }
}

/// Returns the names that count now.
async fn counted(stand: &Stand, token: &str, account: &str) -> Vec<String> {
    let path = format!("/v26.0/{account}/recently_searched_hashtags?limit=30&fields=name&access_token={token}");
    let body = stand.get(&path).await.json();
    body["data"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_thirty_first_tag_of_a_week_is_refused_and_counts_nothing() {
    let stand = Stand::start().await;
    let token = stand.long_token("two_pages").await;
    search_many(&stand, &token, COFFEE, 0..30).await;

    let refused = search(&stand, &token, COFFEE, "tag30").await;

    assert_eq!(refused.error(), (400, 18, 2_207_034));
    let error = refused.json()["error"].clone();
    assert_eq!(error["type"], "OAuthException");
    assert!(error["error_user_msg"].is_string() && error["error_user_title"].is_string());
    assert_eq!(counted(&stand, &token, COFFEE).await.len(), 30);
    search_many(&stand, &token, COFFEE, 0..30).await;
    assert_eq!(search(&stand, &token, ROASTERY, "tag30").await.status, 200);
    assert_eq!(search(&stand, &token, COFFEE, "tag30").await.error(), (400, 18, 2_207_034));
}

#[tokio::test]
async fn of_forty_tags_asked_at_once_thirty_are_found() {
    let stand = Stand::start().await;
    let (token, _) = stand.page_token("powr_io").await;
    let names: Vec<_> = (0..40).map(|number| format!("tag{number}")).collect();

    let answers = join_all(names.iter().map(|name| search(&stand, &token, POWR, name))).await;

    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 30);
    assert_eq!(answers.iter().filter(|answer| answer.error() == (400, 18, 2_207_034)).count(), 10);
    assert_eq!(counted(&stand, &token, POWR).await.len(), 30);
}

#[tokio::test]
async fn a_tag_counts_seven_days_from_its_first_query_across_a_crash() {
    let stand = Stand::start().await;
    let (token, _) = stand.page_token("powr_io").await;
    search_many(&stand, &token, POWR, 0..1).await;
    stand.advance(DAY_S).await;
    search_many(&stand, &token, POWR, 1..30).await;

    let stand = stand.crash().await;
    stand.advance(5 * DAY_S).await;
    search_many(&stand, &token, POWR, 0..30).await;
    assert_eq!(search(&stand, &token, POWR, "late").await.error(), (400, 18, 2_207_034));
    stand.advance(DAY_S).await;

    assert_eq!(search(&stand, &token, POWR, "late").await.status, 200);
    assert_eq!(search(&stand, &token, POWR, "tag0").await.error(), (400, 18, 2_207_034));
    let names = counted(&stand, &token, POWR).await;
    assert_eq!((names.len(), names[0].as_str()), (30, "late"));
    stand.advance(DAY_S).await;
    assert_eq!(counted(&stand, &token, POWR).await, ["late"]);
}

#[tokio::test]
async fn reading_a_known_id_counts_like_a_search() {
    let stand = Stand::start().await;
    let token = stand.long_token("two_pages").await;
    let found = search(&stand, &token, COFFEE, "food").await.json();
    let id = found["data"][0]["id"].as_str().unwrap();
    let read = |account: &str, edge: &str, more: &str| {
        format!("/v26.0/{id}{edge}?user_id={account}&access_token={token}{more}")
    };

    assert_eq!(stand.get(&read(ROASTERY, "", "&fields=name")).await.status, 200);
    assert_eq!(stand.get(&read(ROASTERY, "/top_media", "&fields=username")).await.error(), (400, 100, 0));
    assert_eq!(stand.get(&read(ROASTERY, "/top_media", "&limit=x")).await.error(), (400, 100, 0));
    assert!(counted(&stand, &token, ROASTERY).await.is_empty());
    assert_eq!(stand.get(&read(ROASTERY, "/top_media", "")).await.status, 200);
    assert_eq!(counted(&stand, &token, ROASTERY).await, ["food"]);

    search_many(&stand, &token, COFFEE, 0..29).await;
    stand.advance(7 * DAY_S).await;
    search_many(&stand, &token, COFFEE, 0..30).await;
    for edge in ["/recent_media", "/top_media"] {
        assert_eq!(stand.get(&read(COFFEE, edge, "")).await.error(), (400, 18, 2_207_034), "{edge}");
    }
}

#[tokio::test]
async fn what_is_searched_recently_comes_in_pages_of_ids() {
    let stand = Stand::start().await;
    let (token, _) = stand.page_token("powr_io").await;
    search_many(&stand, &token, POWR, 0..30).await;
    let ask = |more: &str| format!("/v26.0/{POWR}/recently_searched_hashtags?access_token={token}{more}");

    let first = stand.get(&ask("")).await.json();
    let second = stand.get(first["paging"]["next"].as_str().unwrap()).await.json();

    let sizes = [&first, &second].map(|page| page["data"].as_array().unwrap().len());
    assert_eq!(sizes, [25, 5]);
    assert_eq!(first["data"][0].as_object().unwrap().len(), 1);
    assert_eq!(stand.get(&ask("&limit=30")).await.json()["data"].as_array().unwrap().len(), 30);
}

#[tokio::test]
async fn what_cannot_be_searched_is_refused_and_counts_nothing() {
    let stand = Stand::start().await;
    let (token, _) = stand.page_token("powr_io").await;

    for name in ["banned", "Hidden", "nosuchtag"] {
        let answer = search(&stand, &token, POWR, name).await;
        assert_eq!(answer.error(), (400, 24, 2_207_024), "{name}");
        assert_eq!(answer.json()["error"]["message"], "The requested resource does not exist");
    }
    for q in ["%23food", "two%20words", "food%F0%9F%8D%95", "a-b", "%FF", "food&fields=colour"] {
        assert_eq!(search(&stand, &token, POWR, q).await.error(), (400, 100, 0), "{q}");
    }
    assert_eq!(search(&stand, &token, POWR, "").await.error(), (400, 100, 0));
    for path in [format!("/v26.0/ig_hashtag_search?q=food&access_token={token}"), "/v26.0/ig_hashtag_search".to_owned()]
    {
        let code = if path.contains("token") { 100 } else { 2500 };
        assert_eq!(stand.get(&path).await.error(), (400, code, 0));
    }
    for account in [COFFEE, "1", "me", "104523987612345"] {
        assert_eq!(search(&stand, &token, account, "food").await.error(), (400, 100, 33), "{account}");
    }

    assert!(counted(&stand, &token, POWR).await.is_empty());
}

#[tokio::test]
async fn without_the_permission_or_the_feature_nothing_is_found() {
    let stand = Stand::start().await;
    let (token, _) = stand.page_token("powr_io").await;
    let id = search(&stand, &token, POWR, "food").await.json()["data"][0]["id"].as_str().unwrap().to_owned();
    let paths = [
        path(POWR, "food", &token),
        format!("/v26.0/{id}?access_token={token}"),
        format!("/v26.0/{id}/top_media?user_id={POWR}&access_token={token}"),
        format!("/v26.0/{POWR}/recently_searched_hashtags?access_token={token}"),
    ];

    for patch in [json!({ "scopes": ["pages_show_list"] }), json!({ "public_content_access": false })] {
        stand.patch("powr_io", json!({ "scopes": null })).await;
        stand.patch("powr_io", patch).await;
        for path in &paths {
            assert_eq!(stand.get(path).await.error(), (400, 10, 0), "{path}");
        }
    }
    assert_eq!(stand.get(&format!("/v26.0/{POWR}/media?access_token={token}")).await.status, 200);
    stand.patch("powr_io", json!({ "public_content_access": null })).await;
    assert_eq!(stand.get(&paths[0]).await.status, 200);
    let no_role = stand.long_token("no_role").await;
    assert_eq!(search(&stand, &no_role, "17841455512309987", "food").await.error(), (400, 10, 0));
}

#[tokio::test]
async fn calls_are_told_with_who_asked_and_faults_find_them() {
    let stand = Stand::start().await;
    let token = stand.long_token("two_pages").await;
    let fault = json!({ "match": { "ig_user_id": COFFEE }, "answer": { "status": 500 }, "times": 1 });
    stand.call(reqwest::Method::PUT, "/_sandbox/faults/one", Some(fault)).await;

    let statuses = [
        search(&stand, &token, ROASTERY, "food").await.status,
        search(&stand, &token, COFFEE, "food").await.status,
        search(&stand, &token, COFFEE, "food").await.status,
    ];

    assert_eq!(statuses, [200, 500, 200]);
    let calls = stand.get("/_sandbox/calls?path_contains=ig_hashtag_search").await.json();
    let told: Vec<_> = calls.as_array().unwrap().iter().map(|call| call["ig_user_id"].clone()).collect();
    assert_eq!(told, [ROASTERY, COFFEE, COFFEE]);
    assert_eq!(calls[0]["path"], "/v26.0/ig_hashtag_search");
    let answer = search(&stand, &token, COFFEE, "food").await;
    assert!(answer.header("x-app-usage").contains("call_count"));
}

//! Nodes, fields, versions, and what is refused.

use serde_json::Value;

use crate::stand::Stand;

#[tokio::test]
async fn fields_nest_and_their_arguments_count() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;

    let body = stand
        .get(&format!(
            "/v26.0/{account}?fields=username,media.limit(2){{media_type,owner{{username}}}}&access_token={token}"
        ))
        .await
        .json();

    assert_eq!(body["id"], account.as_str());
    assert_eq!(body["username"], "powr_io");
    assert!(body.get("name").is_none());
    let media = &body["media"];
    assert_eq!(media["data"].as_array().unwrap().len(), 2);
    assert_eq!(media["data"][0]["owner"]["username"], "powr_io");
    let next = stand.get(media["paging"]["next"].as_str().unwrap()).await.json();
    assert_eq!(next["data"].as_array().unwrap().len(), 2);
    assert!(next["data"][0]["media_type"].is_string());
}

#[tokio::test]
async fn only_the_id_comes_when_nothing_is_asked() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;

    let body = stand.get(&format!("/v26.0/{account}?access_token={token}")).await.json();

    assert_eq!(body, serde_json::json!({ "id": account }));
}

#[tokio::test]
async fn an_unknown_field_fails_the_whole_call() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    let ask = |fields: &str| format!("/v26.0/{account}/media?fields={fields}&access_token={token}");

    let answer = stand.get(&ask("id,colour")).await;

    assert_eq!(answer.error(), (400, 100, 0));
    assert_eq!(
        answer.json()["error"]["message"],
        "(#100) Tried accessing nonexisting field (colour) on node type (IGMedia)"
    );
    assert_eq!(stand.get(&ask("id,children%7Bid")).await.error(), (400, 2500, 0));
    assert_eq!(stand.get(&ask("caption%7Bid%7D")).await.error(), (400, 2500, 0));
}

#[tokio::test]
async fn albums_and_their_parts_can_be_read_alone() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    let body = stand.get(&format!("/v26.0/{account}/media?fields=media_type&access_token={token}")).await.json();
    let items = body["data"].as_array().unwrap();
    let album = items.iter().find(|item| item["media_type"] == "CAROUSEL_ALBUM").unwrap();
    let album = album["id"].as_str().unwrap();

    let parts = stand.get(&format!("/v26.0/{album}/children?access_token={token}")).await.json();
    assert!(parts.get("paging").is_none());
    let part = parts["data"][0]["id"].as_str().unwrap();
    let part =
        stand.get(&format!("/v26.0/{part}?fields=media_type,caption,timestamp&access_token={token}")).await.json();
    assert_eq!(part["media_type"], "IMAGE");
    assert!(part.get("caption").is_none() && part["timestamp"].is_string());
}

#[tokio::test]
async fn me_accounts_pages_and_shows_the_instagram_accounts() {
    let stand = Stand::start().await;
    let token = stand.long_token("two_pages").await;
    let fields = "id,name,instagram_business_account%7Bid,username%7D";

    let first = stand.get(&format!("/v26.0/me/accounts?limit=1&fields={fields}&access_token={token}")).await.json();
    let second = stand.get(first["paging"]["next"].as_str().unwrap()).await.json();

    assert_eq!(first["data"][0]["instagram_business_account"]["username"], "harbor_coffee");
    assert_eq!(second["data"][0]["instagram_business_account"]["username"], "harbor_roastery");
    assert!(second["paging"].get("next").is_none());
}

#[tokio::test]
async fn anothers_object_does_not_exist() {
    let stand = Stand::start().await;
    let token = stand.token("powr_io").await;

    for id in ["17841400573960012", "23497828950", "1", "%F0%9F%98%80", "me%2F.."] {
        let answer = stand.get(&format!("/v26.0/{id}?access_token={token}")).await;
        assert_eq!(answer.error(), (400, 100, 33), "{id}");
        assert_eq!(answer.json()["error"]["type"], "GraphMethodException");
    }
}

#[tokio::test]
async fn versions_are_known_expired_or_never_heard_of() {
    let stand = Stand::start().await;
    let token = stand.token("powr_io").await;
    let me = |version: &str| format!("/{version}/me?access_token={token}");

    assert_eq!(stand.get(&me("v26.0")).await.header("facebook-api-version"), "v26.0");
    assert_eq!(stand.get(&me("v2.3")).await.header("facebook-api-version"), "v21.0");
    assert_eq!(stand.get(&me("graph.facebook.com/v25.0")).await.status, 200);
    assert_eq!(stand.get(&format!("/me?access_token={token}")).await.status, 200);
    assert_eq!(stand.get(&me("v99.0")).await.error(), (400, 2500, 0));
    assert_eq!(stand.get("/v26.0/me").await.error(), (400, 2500, 0));
    assert_eq!(stand.get(&me("v26.0/nothing/here")).await.status, 400);

    stand.advance(70 * crate::stand::DAY_S).await;
    let token = stand.token("powr_io").await;
    let answer = stand.get(&format!("/v21.0/me?access_token={token}")).await;
    assert_eq!(answer.header("facebook-api-version"), "v22.0");
}

#[tokio::test]
async fn a_token_may_travel_in_a_header_and_an_etag_saves_the_body() {
    let stand = Stand::start().await;
    let token = stand.token("powr_io").await;

    let answer = stand.get_with("/v26.0/me", "authorization", &format!("Bearer {token}")).await;
    assert_eq!(answer.json()["name"], "POWR Owner");
    let etag = answer.header("etag").to_owned();
    let again = stand.get_with(&format!("/v26.0/me?access_token={token}"), "if-none-match", &etag).await;
    assert_eq!(again.status, 304);
}

#[tokio::test]
async fn usage_headers_rise_with_calls_and_fall_with_time() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    let path = format!("/v26.0/{account}?access_token={token}");
    let usage = |answer: crate::stand::Answer| {
        let header: Value = serde_json::from_str(answer.header("x-business-use-case-usage")).unwrap();
        assert_eq!(header.as_object().unwrap().len(), 2);
        let entry = &header[&account][0];
        assert_eq!(entry["type"], "instagram");
        entry["call_count"].as_i64().unwrap()
    };
    let before = usage(stand.get(&path).await);
    assert!(stand.get(&path).await.header("x-app-usage").contains("call_count"));

    for _ in 0..120 {
        stand.get(&path).await;
    }
    let after = usage(stand.get(&path).await);
    assert!(after > before, "{before} {after}");

    stand.advance(25 * 3_600).await;
    assert_eq!(usage(stand.get(&path).await), before);
}

#[tokio::test]
async fn nothing_that_is_sent_breaks_it() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    let long = "a".repeat(7_000);
    let braces = "a%7B".repeat(1_500);

    for path in [
        format!("/{long}"),
        "/v26.0/%FF%FE?access_token=%FF".to_owned(),
        "/v26.0/me?fields=%FF%FE&access_token=%C3%28".to_owned(),
        "//////".to_owned(),
        "/v/".to_owned(),
        "/v99999999999999999999.0/me".to_owned(),
        format!("/v26.0/{account}/media?limit=99999999999999999999999&access_token={token}"),
        format!("/v26.0/{account}/media?limit=-1&access_token={token}"),
        format!("/v26.0/{account}/media?after=%00&access_token={token}"),
        format!("/v26.0/{account}/media?since=never&access_token={token}"),
        format!("/v26.0/{account}?fields={braces}&access_token={token}"),
        "/cdn/".to_owned(),
        "/cdn/square/1.jpg?oe=zz&oh=".to_owned(),
        "/_sandbox/".to_owned(),
        "/_sandbox/users/x/y/z".to_owned(),
        "/x/2/tweets".to_owned(),
    ] {
        let answer = stand.get(&path).await;
        assert!((400..500).contains(&answer.status), "{path:.80}: {}", answer.status);
    }
    let capped = format!("/v26.0/{account}/media?limit=18446744073709551615&access_token={token}");
    assert_eq!(stand.get(&capped).await.status, 200);
    let inspected = stand.debug(&long).await;
    assert_eq!(inspected["is_valid"], false);
}

//! What tests can do to people, and what the Graph then says.

use serde_json::json;

use crate::stand::{DAY_S, REDIRECT, Stand, parameter};

#[tokio::test]
async fn the_people_of_the_contract_are_there() {
    let stand = Stand::start().await;

    let users = stand.get("/_sandbox/users").await.json();

    let find = |name: &str| {
        let users = users.as_array().unwrap();
        users.iter().find(|user| user["user"] == name).unwrap().clone()
    };
    assert_eq!(find("powr_io")["ig_username"], "powr_io");
    assert_eq!(find("natgeo")["ig_username"], "natgeo");
    assert_eq!(find("two_pages")["pages"].as_array().unwrap().len(), 2);
    assert!(find("no_instagram")["pages"][0]["ig_user_id"].is_null());
    assert_eq!(find("no_pages")["pages"], json!([]));
    assert!(find("no_role")["ig_user_id"].is_string());
}

#[tokio::test]
async fn no_role_lists_its_page_but_no_read_of_its_account_works() {
    let stand = Stand::start().await;
    let token = stand.long_token("no_role").await;

    let pages = stand
        .get(&format!(
            "/v26.0/me/accounts?fields=access_token,instagram_business_account%7Bid,username%7D&access_token={token}"
        ))
        .await
        .json();
    let account = pages["data"][0]["instagram_business_account"]["id"].as_str().unwrap();
    let page = pages["data"][0]["access_token"].as_str().unwrap();

    for path in [account.to_owned(), format!("{account}/media")] {
        for token in [&token, page] {
            let answer = stand.get(&format!("/v26.0/{path}?fields=id&access_token={token}")).await;
            assert_eq!(answer.error(), (400, 100, 0));
            assert_eq!(answer.json()["error"]["type"], "IGApiException");
            assert_eq!(answer.json()["error"]["message"], "Unsupported request - method type: get");
        }
    }
}

#[tokio::test]
async fn states_kill_tokens_with_their_own_subcodes() {
    let stand = Stand::start().await;
    let (page, account) = stand.page_token("powr_io").await;
    let read = format!("/v26.0/{account}?access_token={page}");

    for (state, error) in [
        ("password_changed", (400, 190, 460)),
        ("app_removed", (400, 190, 458)),
        ("checkpoint", (400, 190, 459)),
        ("page_role_lost", (400, 190, 492)),
        ("deleted", (400, 100, 33)),
        ("suspended", (400, 100, 33)),
        ("page_unlinked", (400, 100, 33)),
        ("page_not_granted", (400, 100, 33)),
        ("personal", (400, 10, 0)),
        ("restricted", (400, 25, 2_207_050)),
        ("ok", (200, 0, 0)),
    ] {
        stand.patch("powr_io", json!({ "state": state })).await;
        let answer = stand.get(&read).await;
        assert_eq!(answer.error(), error, "{state}");
        let is_valid = stand.debug(&page).await["is_valid"] == true;
        let ends_tokens = ["password_changed", "app_removed", "checkpoint", "page_role_lost"].contains(&state);
        assert_eq!(is_valid, !ends_tokens, "{state}");
    }
}

#[tokio::test]
async fn what_befalls_an_account_shows_in_the_list_of_pages() {
    let stand = Stand::start().await;
    let token = stand.long_token("powr_io").await;
    let list = format!("/v26.0/me/accounts?fields=id,instagram_business_account&access_token={token}");
    for (state, pages, accounts) in [
        ("ok", 1, 1),
        ("suspended", 1, 1),
        ("page_unlinked", 1, 0),
        ("personal", 1, 0),
        ("deleted", 1, 0),
        ("page_not_granted", 0, 0),
    ] {
        stand.patch("powr_io", json!({ "state": state })).await;
        let listed = stand.get(&list).await.json()["data"].as_array().cloned().unwrap();
        let carried = listed.iter().filter(|page| page["instagram_business_account"].is_object()).count();
        assert_eq!((listed.len(), carried), (pages, accounts), "{state}");
    }
}

#[tokio::test]
async fn a_page_that_is_shared_no_more_is_in_no_list_of_targets_until_the_next_consent() {
    let stand = Stand::start().await;
    let old = stand.long_token("powr_io").await;
    stand.patch("powr_io", json!({ "state": "page_not_granted" })).await;
    let new = stand.long_token("powr_io").await;
    for (token, targets) in [(old, 0), (new, 1)] {
        let granular = stand.debug(&token).await["granular_scopes"].clone();
        let of = |scope: &str| {
            let found = granular.as_array().unwrap().iter().find(|granted| granted["scope"] == scope).cloned();
            found.unwrap()["target_ids"].as_array().map(Vec::len)
        };
        assert_eq!((of("pages_show_list"), of("instagram_basic")), (Some(targets), Some(targets)));
    }
}

#[tokio::test]
async fn another_app_s_token_is_not_spoken_of_and_reads_nothing() {
    let stand = Stand::start().await;
    let (page, account) = stand.page_token("powr_io").await;
    stand.patch("powr_io", json!({ "state": "other_app" })).await;

    assert_eq!(stand.get(&format!("/v26.0/{account}?access_token={page}")).await.error(), (400, 100, 33));
    let ours = "123456789012345%7Csandbox-secret";
    let answer = stand.get(&format!("/v26.0/debug_token?input_token={page}&access_token={ours}")).await;
    assert_eq!(answer.error(), (400, 100, 0));
}

#[tokio::test]
async fn a_new_consent_cures_a_changed_password_but_not_a_lost_role() {
    let stand = Stand::start().await;
    let old = stand.token("powr_io").await;
    stand.patch("powr_io", json!({ "state": "password_changed" })).await;

    let new = stand.token("powr_io").await;

    assert_eq!(stand.debug(&old).await["is_valid"], false);
    assert_eq!(stand.debug(&new).await["is_valid"], true);
    stand.patch("powr_io", json!({ "state": "page_role_lost" })).await;
    let newer = stand.token("powr_io").await;
    let pages = stand.get(&format!("/me/accounts?access_token={newer}")).await.json();
    assert_eq!(pages["data"], json!([]));
}

#[tokio::test]
async fn scopes_limit_earlier_tokens_and_later_consents() {
    let stand = Stand::start().await;
    let (page, account) = stand.page_token("powr_io").await;

    stand.patch("powr_io", json!({ "scopes": ["pages_show_list"] })).await;

    let read = format!("/v26.0/{account}/media?access_token={page}");
    assert_eq!(stand.get(&read).await.error(), (400, 10, 0));
    let back = stand.consent("_user=powr_io").await;
    let code = parameter(&back, "code").unwrap();
    let token = stand.exchange(&code, REDIRECT).await.json();
    let data = stand.debug(token["access_token"].as_str().unwrap()).await;
    assert_eq!(data["scopes"], json!(["public_profile", "pages_show_list"]));

    stand.patch("powr_io", json!({ "scopes": null })).await;
    assert_eq!(stand.get(&read).await.status, 200);
}

#[tokio::test]
async fn ends_can_be_set_and_a_reauthorized_consent_renews_them() {
    let stand = Stand::start().await;
    let (page, account) = stand.page_token("powr_io").await;
    let user = stand.long_token("powr_io").await;
    stand.patch("powr_io", json!({ "token_expires_in_s": DAY_S, "data_access_expires_in_s": DAY_S })).await;
    let now_s = stand.debug(&user).await["issued_at"].as_i64().unwrap();
    let end = |data: serde_json::Value, name: &str| data[name].as_i64().unwrap() - now_s;
    assert!((0..=1 + 5).contains(&(end(stand.debug(&user).await, "expires_at") - DAY_S)));
    assert_eq!(stand.debug(&page).await["expires_at"], 0);
    assert!(end(stand.debug(&page).await, "data_access_expires_at") <= DAY_S + 6);

    stand.advance(DAY_S + 10).await;
    let read = format!("/v26.0/{account}?access_token={page}");
    assert_eq!(stand.get(&read).await.error(), (400, 10, 0));
    assert_eq!(stand.debug(&page).await["is_valid"], true);
    assert_eq!(stand.debug(&user).await["error"]["subcode"], 463);

    stand.consent("_user=powr_io&auth_type=reauthorize").await;
    let (page, _) = stand.page_token("powr_io").await;
    let end_s = end(stand.debug(&page).await, "data_access_expires_at");
    assert!(end_s > 90 * DAY_S, "{end_s}");
}

#[tokio::test]
async fn pinned_usage_is_told_and_at_a_hundred_refused() {
    let stand = Stand::start().await;
    let (page, account) = stand.page_token("powr_io").await;
    let read = format!("/v26.0/{account}?access_token={page}");
    let usage = |answer: &crate::stand::Answer| {
        let header = answer.header("x-business-use-case-usage");
        serde_json::from_str::<serde_json::Value>(header).unwrap()[&account][0].clone()
    };

    stand.patch("powr_io", json!({ "usage_percent": 85 })).await;
    let answer = stand.get(&read).await;
    assert_eq!((answer.status, usage(&answer)["call_count"].as_i64()), (200, Some(85)));

    stand.patch("powr_io", json!({ "usage_percent": 100 })).await;
    let answer = stand.get(&read).await;
    assert_eq!(answer.error(), (400, 80_002, 0));
    assert!(usage(&answer)["estimated_time_to_regain_access"].as_i64().unwrap() > 0);
    let (other, other_account) = stand.page_token("natgeo").await;
    let other = stand.get(&format!("/v26.0/{other_account}?access_token={other}")).await;
    assert_eq!(other.status, 200);
}

#[tokio::test]
async fn changes_survive_a_restart() {
    let stand = Stand::start().await;
    let (page, account) = stand.page_token("powr_io").await;
    let first = format!("/v26.0/{account}/media?limit=100&access_token={page}");
    let before = stand.get(&first).await.json()["data"].clone();
    let new = stand
        .post("/_sandbox/media", json!({ "user": "powr_io", "media_type": "CAROUSEL_ALBUM", "caption": "new" }))
        .await
        .json();
    stand.patch("powr_io", json!({ "usage_percent": 42 })).await;

    let stand = stand.restart().await;

    let after = stand.get(&first).await;
    assert!(after.header("x-business-use-case-usage").contains("\"call_count\":42"));
    let after = after.json()["data"].clone();
    assert_eq!(after[0]["id"], new["id"]);
    assert_eq!(after.as_array().unwrap()[1..], before.as_array().unwrap()[..]);
}

#[tokio::test]
async fn a_businesss_page_is_listed_only_with_its_permission() {
    let stand = Stand::start().await;
    let listed = async |token: &str| {
        let body = stand.get(&format!("/v26.0/me/accounts?access_token={token}")).await.json();
        body["data"].as_array().unwrap().len()
    };
    let with = stand.token("in_business").await;
    assert_eq!(listed(&with).await, 1);

    let back = stand.consent("_user=in_business").await;
    let code = parameter(&back, "code").unwrap();
    let without = stand.exchange(&code, REDIRECT).await.json();

    assert_eq!(listed(without["access_token"].as_str().unwrap()).await, 0);
}

#[tokio::test]
async fn a_person_can_remove_the_app_through_the_graph() {
    let stand = Stand::start().await;
    let token = stand.token("powr_io").await;
    let me = format!("/v26.0/me?access_token={token}");

    let path = format!("/v26.0/me/permissions?access_token={token}");
    let removed = stand.call(reqwest::Method::DELETE, &path, None).await;

    assert_eq!(removed.json(), json!({ "success": true }));
    assert_eq!(stand.get(&me).await.error(), (400, 190, 458));
}

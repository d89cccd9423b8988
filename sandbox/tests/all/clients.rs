//! The habits of clients that we have not written: Meta's SDKs for Python and Node, and others from their registries.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stand::{REDIRECT, Stand, parameter};

const JSON: (&str, &str) = ("content-type", "application/json");
/// `123456789012345:sandbox-secret`.
const BASIC: &str = "Basic MTIzNDU2Nzg5MDEyMzQ1OnNhbmRib3gtc2VjcmV0";

#[tokio::test]
async fn a_code_is_exchanged_by_a_form_whose_app_stands_in_a_basic_header() {
    let stand = Stand::start().await;
    let code = parameter(&stand.consent("_user=powr_io").await, "code").unwrap();
    let redirect: String = url::form_urlencoded::byte_serialize(REDIRECT.as_bytes()).collect();
    let form = format!("grant_type=authorization_code&code={code}&redirect_uri={redirect}");
    let kind = ("content-type", "application/x-www-form-urlencoded;charset=UTF-8");
    let ask = |path: &'static str, basic: &'static str| {
        let (stand, form) = (&stand, &form);
        async move { stand.send(Method::POST, path, &[kind, ("authorization", basic)], form).await }
    };

    // `123456789012345:wrong`
    assert_eq!(ask("/oauth/access_token", "Basic MTIzNDU2Nzg5MDEyMzQ1Ondyb25n").await.error(), (400, 1, 0));
    assert_eq!(ask("/oauth/access_token", "Basic !").await.error(), (400, 100, 0));
    let answer = ask("/v24.0/oauth/access_token/", BASIC).await;

    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["token_type"], "bearer");
    assert!(answer.json()["expires_in"].is_i64());
}

#[tokio::test]
async fn a_get_may_have_a_json_body_and_a_node_a_slash_at_its_end() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    let path = format!("/v24.0/{account}/?fields=username&access_token={token}");

    for body in ["{}", "", "null", "[1]", r#"{"fields":"id"}"#] {
        let answer = stand.send(Method::GET, &path, &[JSON], body).await;
        assert_eq!(answer.json(), json!({ "id": account, "username": "powr_io" }), "{body}");
    }
    let body = json!({ "fields": ["username"], "access_token": token }).to_string();
    let answer = stand.send(Method::GET, &format!("/v24.0/{account}"), &[JSON], &body).await;
    assert_eq!(answer.json()["username"], "powr_io");
}

#[tokio::test]
async fn the_next_page_is_where_the_caller_found_the_first_and_asks_the_same() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    let port = stand.base.rsplit_once(':').unwrap().1;
    for (host, prefix) in [("127.0.0.1", ""), ("localhost", "/graph.facebook.com")] {
        let base = format!("http://{host}:{port}{prefix}/v24.0/");
        let mut next = Some(format!(
            "{base}{account}/media?fields=id,children%7Bid%7D&summary=true&limit=25&locale=de_DE&access_token={token}"
        ));
        let mut ids: Vec<String> = Vec::new();
        while let Some(url) = next {
            assert!(url.starts_with(&base), "{url}");
            assert_eq!(url.matches("access_token=").count(), 1, "{url}");
            let page = stand.get(&url).await.json();
            assert_eq!(page["summary"], json!({ "total_count": 60 }), "{url}");
            ids.extend(page["data"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            next = page["paging"]["next"].as_str().map(str::to_owned);
            assert!(next.as_ref().is_none_or(|next| next.contains("locale=de_DE")));
        }
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((count, ids.len()), (60, 60));
    }
    // A name that is not this machine's is nobody's address.
    let path = format!("/v24.0/{account}/media?limit=1&access_token={token}");
    let page = stand.get_with(&path, "host", "graph.facebook.com").await.json();
    assert!(page["paging"]["next"].as_str().unwrap().starts_with(&stand.base));
}

#[tokio::test]
async fn a_time_that_was_answered_can_be_asked_again() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    let ask = |more: &str| format!("/v24.0/{account}/media?fields=timestamp&access_token={token}{more}");
    let media = stand.get(&ask("&limit=3")).await.json();
    let time = media["data"][2]["timestamp"].as_str().unwrap();
    let (day, hour) = (&time[..10], &time[11..19]);

    for since in
        [time.replace('+', "%2B"), format!("{day}T{hour}Z"), format!("{day}T{hour}"), format!("{day}%20{hour}")]
    {
        let newer = stand.get(&ask(&format!("&since={since}"))).await.json();
        assert_eq!(newer["data"].as_array().unwrap().len(), 3, "{since}");
    }
    assert_eq!(stand.get(&ask("&since=soon")).await.error(), (400, 100, 0));
}

#[tokio::test]
async fn a_total_is_told_where_it_is_asked() {
    let stand = Stand::start().await;
    let token = stand.token("two_pages").await;
    let ask = |more: &'static str| {
        let path = format!("/v24.0/me/accounts?fields=id&access_token={token}{more}");
        let stand = &stand;
        async move { stand.get(&path).await.json() }
    };

    assert_eq!(ask("&summary=true&limit=1").await["summary"]["total_count"], 2);
    assert_eq!(ask("&summary=total_count").await["summary"]["total_count"], 2);
    for off in ["", "&summary=false", "&summary=0"] {
        assert!(ask(off).await.get("summary").is_none(), "{off}");
    }
    let inside = format!("/me?fields=accounts.limit(1).summary(true)%7Bid%7D&access_token={token}");
    assert_eq!(stand.get(&inside).await.json()["accounts"]["summary"]["total_count"], 2);
}

#[tokio::test]
async fn several_objects_are_asked_by_ids_with_commas_or_as_json() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    let media = stand.get(&format!("/v24.0/{account}/media?limit=2&access_token={token}")).await.json();
    let (one, two) = (media["data"][0]["id"].as_str().unwrap(), media["data"][1]["id"].as_str().unwrap());

    for ids in [format!("{one},{two}"), format!("%5B%22{one}%22,%22{two}%22%5D")] {
        for root in ["/", "/v24.0/", "/v24.0"] {
            let body = stand.get(&format!("{root}?ids={ids}&fields=media_type&access_token={token}")).await.json();
            assert_eq!(body.as_object().unwrap().len(), 2, "{root} {body}");
            assert!(body[one]["media_type"].is_string());
        }
    }
    let edges = stand.get(&format!("/v24.0/media?ids={account}&limit=3&access_token={token}")).await.json();
    assert_eq!(edges[&account]["data"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn what_meta_knows_and_nobody_has_is_left_out_and_what_it_does_not_know_is_an_error() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    let user = stand.token("powr_io").await;

    for (token, id, fields) in [
        (&user, "me", "short_name,middle_name,gender,birthday,link,picture.type(large),email"),
        (&token, "me", "username,about,cover,emails,phone,website,link,location,verification_status"),
        (&token, &account, "ig_id,shopping_product_tag_eligibility,mentioned_media"),
        (&token, &account, "media.limit(1){audio_id,is_ai_generated,media_audio_type,boost_ads_list}"),
    ] {
        let answer = stand.get(&format!("/v24.0/{id}/?fields={fields}&access_token={token}")).await;
        assert_eq!(answer.status, 200, "{fields}: {}", answer.text());
        let wrong = stand.get(&format!("/v24.0/{id}/?fields={fields},shoe_size&access_token={token}")).await;
        assert_eq!(wrong.error(), (400, 100, 0), "{fields}");
    }
}

#[tokio::test]
async fn who_cannot_send_delete_says_so_in_a_post() {
    let stand = Stand::start().await;
    let token = stand.token("powr_io").await;

    let read = stand.send(Method::POST, "/v24.0/me", &[], &format!("method=get&access_token={token}")).await;
    assert_eq!(read.json()["name"], "POWR Owner");
    let path = format!("/v24.0/me/permissions?method=delete&access_token={token}");
    assert_eq!(stand.send(Method::POST, &path, &[], "").await.json(), json!({ "success": true }));

    assert_eq!(stand.get(&format!("/v24.0/me?access_token={token}")).await.error(), (400, 190, 458));
}

#[tokio::test]
async fn a_picture_is_where_the_caller_is_sent_or_what_is_named() {
    let stand = Stand::start().await;
    let token = stand.token("powr_io").await;

    let sent = stand.get(&format!("/v24.0/me/picture?access_token={token}")).await;
    assert_eq!((sent.status, sent.header("content-type")), (302, "image/jpeg"));
    assert_eq!(stand.get(sent.header("location")).await.status, 200);
    let named = stand.get(&format!("/v24.0/me/picture?redirect=0&access_token={token}")).await.json();
    assert_eq!(named["data"]["url"], sent.header("location"));
}

#[tokio::test]
async fn hosts_of_instagram_login_do_not_take_these_tokens() {
    let stand = Stand::start().await;
    let token = stand.token("powr_io").await;

    let answer = stand.get(&format!("/graph.instagram.com/v24.0/me?access_token={token}")).await;

    assert_eq!(answer.error(), (400, 190, 0));
    assert_eq!(answer.json()["error"]["message"], "Invalid OAuth access token - Cannot parse access token");
}

#[tokio::test]
async fn a_browser_may_ask_before_it_asks() {
    let stand = Stand::start().await;
    let asked = [("access-control-request-headers", "authorization"), ("origin", "http://a.example")];

    let answer = stand.send(Method::OPTIONS, "/v24.0/me", &asked, "").await;

    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-headers"), "authorization");
}

#[tokio::test]
async fn others_accounts_are_discovered_by_name_with_cursors_alone() {
    let stand = Stand::start().await;
    let (token, account) = stand.page_token("powr_io").await;
    // An account's id outlives its tokens.
    let ask = |token: &str, name: &str, media: &str| {
        format!(
            "/v24.0/{account}?fields=business_discovery.username({name}){{username,followers_count,{media}{{id,caption}}}}\
             &access_token={token}"
        )
    };
    assert_eq!(stand.get(&ask(&token, "natgeo", "media")).await.error(), (400, 10, 0), "a permission is missing");
    stand
        .patch(
            "powr_io",
            json!({ "scopes": ["pages_show_list", "instagram_basic", "pages_read_engagement", "instagram_manage_insights"] }),
        )
        .await;
    let (token, _) = stand.page_token("powr_io").await;

    let first = stand.get(&ask(&token, "natgeo", "media.limit(4)")).await.json();
    let found = &first["business_discovery"];
    assert_eq!((&found["username"], &first["id"]), (&json!("natgeo"), &json!(account)));
    let paging = &found["media"]["paging"];
    assert!(paging.get("next").is_none(), "{paging}");
    let after = paging["cursors"]["after"].as_str().unwrap();
    let second = stand.get(&ask(&token, "natgeo", &format!("media.after({after}).limit(4)"))).await.json();
    let ids = |page: &Value| page["business_discovery"]["media"]["data"].clone();
    assert_ne!(ids(&first), ids(&second));
    assert_eq!(stand.get(&ask(&token, "nobody.at.all", "media")).await.error(), (400, 110, 2_207_013));
    let insights = format!("/v24.0/{account}/insights?metric=reach,views&period=day&access_token={token}");
    assert_eq!(stand.get(&insights).await.json()["data"][1]["name"], "views");
}

//! The login dialog.

use serde_json::json;

use crate::stand::{REDIRECT, Stand, parameter};

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn the_page_offers_every_person_and_a_way_out() {
    let stand = Stand::start().await;

    let page = stand
        .get(&format!(
            "/www.facebook.com/v26.0/dialog/oauth?client_id=123456789012345&redirect_uri={}\
             &state=%22%3E%3Cscript%3E&scope=instagram_basic",
            encoded(REDIRECT)
        ))
        .await;

    assert_eq!(page.status, 200);
    let html = page.text();
    for user in ["powr_io", "natgeo", "two_pages", "no_instagram", "no_pages", "no_role"] {
        assert!(html.contains(&format!("data-user=\"{user}\"")), "{user}");
    }
    assert!(html.contains("data-action=\"cancel\""));
    assert!(!html.contains("<script>"), "the state is not escaped");
}

#[tokio::test]
async fn a_consent_goes_back_with_code_and_state_behind_the_apps_own_query() {
    let stand = Stand::start().await;

    let back = stand.consent("_user=powr_io").await;

    assert!(back.as_str().starts_with(&format!("{REDIRECT}&code=AQ")), "{back}");
    assert_eq!(parameter(&back, "state").unwrap(), "s&t");
    assert_eq!(back.fragment(), Some("_=_"));
}

#[tokio::test]
async fn cancel_goes_back_denied() {
    let stand = Stand::start().await;

    let answer = stand
        .form(
            "/v26.0/dialog/oauth",
            &[
                ("client_id", "123456789012345"),
                ("redirect_uri", "http://127.0.0.1:3000/users/oauth"),
                ("state", "abc"),
                ("_cancel", "1"),
            ],
        )
        .await;

    assert_eq!(answer.status, 302);
    assert_eq!(
        answer.header("location"),
        "http://127.0.0.1:3000/users/oauth?error=access_denied&error_code=200\
         &error_reason=user_denied&error_description=Permissions+error&state=abc#_=_"
    );
}

#[tokio::test]
async fn the_form_grants_what_is_ticked() {
    let stand = Stand::start().await;

    let answer = stand
        .form(
            "/v26.0/dialog/oauth",
            &[
                ("client_id", "123456789012345"),
                ("redirect_uri", REDIRECT),
                ("scope", "instagram_basic,pages_show_list,pages_read_engagement"),
                ("_scope", "pages_show_list"),
                ("_scope", "instagram_basic"),
                ("_page", "112233445599001"),
                ("_user", "two_pages"),
            ],
        )
        .await;
    let back: url::Url = answer.header("location").parse().unwrap();
    let code = parameter(&back, "code").unwrap();
    let token = stand.exchange(&code, REDIRECT).await.json();
    let token = token["access_token"].as_str().unwrap();

    let data = stand.debug(token).await;
    assert_eq!(data["scopes"], json!(["public_profile", "pages_show_list", "instagram_basic"]));
    assert_eq!(data["granular_scopes"][0]["target_ids"], json!(["112233445599001"]));
    let pages = stand.get(&format!("/me/accounts?access_token={token}")).await.json();
    assert_eq!(pages["data"].as_array().unwrap().len(), 1);
    let permissions = stand.get(&format!("/me/permissions?access_token={token}")).await.json();
    let declined = json!({ "permission": "pages_read_engagement", "status": "declined" });
    assert!(permissions["data"].as_array().unwrap().contains(&declined));
}

#[tokio::test]
async fn what_is_no_login_gets_an_error_page() {
    let stand = Stand::start().await;
    let redirect = encoded(REDIRECT);

    for query in [
        format!("client_id=1&redirect_uri={redirect}"),
        "client_id=123456789012345".to_owned(),
        "client_id=123456789012345&redirect_uri=javascript:alert(1)".to_owned(),
        format!("client_id=123456789012345&redirect_uri={redirect}&scope=read_minds"),
        format!("client_id=123456789012345&redirect_uri={redirect}&response_type=token"),
        format!("client_id=123456789012345&redirect_uri={redirect}&_user=nobody"),
    ] {
        let page = stand.get(&format!("/v26.0/dialog/oauth?{query}")).await;
        assert!((400..500).contains(&page.status), "{query}");
        assert!(page.text().contains("data-error"), "{query}");
    }
}

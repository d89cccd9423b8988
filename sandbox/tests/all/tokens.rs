//! Codes and tokens: how they begin, what they say, how they end.

use serde_json::json;

use crate::stand::{DAY_S, REDIRECT, Stand, parameter};

async fn code(stand: &Stand) -> String {
    let url = stand.consent("_user=powr_io").await;
    parameter(&url, "code").unwrap()
}

#[tokio::test]
async fn a_code_becomes_a_short_token_then_a_long_one_then_a_page_token_without_end() {
    let stand = Stand::start().await;

    let answer = stand.exchange(&code(&stand).await, REDIRECT).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("facebook-api-version"), "v26.0");
    let short = answer.json();
    assert_eq!(short["token_type"], "bearer");
    assert_eq!(short["expires_in"], 5_400);
    let short = short["access_token"].as_str().unwrap();
    assert!(short.starts_with("EAA"));
    assert!(short.chars().all(|char| char.is_ascii_alphanumeric()), "{short}");

    let long = stand.extend(short).await;
    assert_eq!(long["expires_in"], 5_183_944);
    let long = long["access_token"].as_str().unwrap();

    let answer = stand.get(&format!("/v26.0/me/accounts?access_token={long}")).await.json();
    let page = &answer["data"][0];
    assert_eq!(page["name"], "POWR");
    assert_eq!(page["tasks"].as_array().unwrap().len(), 6);
    let page_token = page["access_token"].as_str().unwrap();

    let data = stand.debug(page_token).await;
    assert_eq!(data["type"], "PAGE");
    assert_eq!(data["expires_at"], 0);
    assert_eq!(data["profile_id"], "104523987612345");
    assert_eq!(data["is_valid"], true);
}

#[tokio::test]
async fn debug_token_tells_what_a_token_is() {
    let stand = Stand::start().await;

    let token = stand.token("two_pages").await;
    let data = stand.debug(&token).await;

    assert_eq!(data["app_id"], "123456789012345");
    assert_eq!(data["type"], "USER");
    assert_eq!(data["user_id"], "10229874512345603");
    assert!(data.get("issued_at").is_none());
    let scopes: Vec<_> = data["granular_scopes"].as_array().unwrap().clone();
    assert!(scopes.contains(&json!({
        "scope": "instagram_basic",
        "target_ids": ["17841431200450078", "17841431200450991"],
    })));
    assert!(scopes.contains(&json!({ "scope": "business_management" })));
    assert!(stand.debug(&stand.long_token("natgeo").await).await["issued_at"].is_i64());

    let garbage = stand.debug("EAAnonsense").await;
    assert_eq!(garbage["is_valid"], false);
    assert_eq!(garbage["error"]["code"], 190);

    let app = stand.debug("123456789012345%7Csandbox-secret").await;
    assert_eq!(app["type"], "APP");
    assert_eq!(stand.get("/v26.0/debug_token?input_token=x").await.error(), (400, 2500, 0));
}

#[tokio::test]
async fn a_code_works_once_even_across_a_crash() {
    let stand = Stand::start().await;
    let code = code(&stand).await;
    assert_eq!(stand.exchange(&code, REDIRECT).await.status, 200);

    let again = stand.exchange(&code, REDIRECT).await;
    assert_eq!(again.error(), (400, 100, 36_009));
    assert_eq!(again.json()["error"]["message"], "This authorization code has been used.");

    let stand = stand.crash().await;
    assert_eq!(stand.exchange(&code, REDIRECT).await.error(), (400, 100, 36_009));
}

#[tokio::test]
async fn of_many_exchanges_at_once_one_gets_the_token() {
    let stand = Stand::start().await;
    let code = code(&stand).await;

    let answers = futures_util::future::join_all((0..20).map(|_| stand.exchange(&code, REDIRECT))).await;

    let won = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(won, 1);
}

#[tokio::test]
async fn a_code_needs_its_own_address_app_and_secret_and_ends_after_ten_minutes() {
    let stand = Stand::start().await;
    let first = code(&stand).await;

    let other = REDIRECT.replace("x=1", "x=2");
    assert_eq!(stand.exchange(&first, &other).await.error(), (400, 100, 36_008));
    let ask = |id: &str, secret: &str| {
        format!(
            "/v26.0/oauth/access_token?client_id={id}&client_secret={secret}&redirect_uri=http%3A%2F%2Fa\
             &code={first}"
        )
    };
    assert_eq!(stand.get(&ask("1", "sandbox-secret")).await.error(), (400, 101, 0));
    assert_eq!(stand.get(&ask("123456789012345", "wrong")).await.error(), (400, 1, 0));
    assert_eq!(stand.exchange("AQnonsense", REDIRECT).await.error(), (400, 100, 0));
    assert_eq!(stand.exchange(&first, REDIRECT).await.status, 200);

    let second = code(&stand).await;
    stand.advance(601).await;
    assert_eq!(stand.exchange(&second, REDIRECT).await.error(), (400, 100, 36_007));
}

#[tokio::test]
async fn the_clock_ends_tokens_and_survives_a_crash() {
    let stand = Stand::start().await;
    let short = stand.token("powr_io").await;
    let long = stand.long_token("powr_io").await;

    stand.advance(2 * 3_600).await;
    let stand = stand.crash().await;
    let me = |token: &str| format!("/v26.0/me?access_token={token}");
    assert_eq!(stand.get(&me(&short)).await.error(), (400, 190, 463));
    assert_eq!(stand.get(&me(&long)).await.status, 200);
    assert_eq!(stand.debug(&short).await["error"]["subcode"], 463);

    stand.advance(60 * DAY_S).await;
    let ended = stand.get(&me(&long)).await;
    assert_eq!(ended.error(), (400, 190, 463));
    assert!(ended.header("www-authenticate").contains("invalid_token"));
}

#[tokio::test]
async fn extending_a_long_token_gives_a_new_string_with_the_same_end() {
    let stand = Stand::start().await;
    let first = stand.long_token("powr_io").await;
    stand.advance(10 * DAY_S).await;

    let second = stand.extend(&first).await["access_token"].as_str().unwrap().to_owned();

    assert_ne!(first, second);
    assert_eq!(stand.debug(&first).await["expires_at"], stand.debug(&second).await["expires_at"]);
}

#[tokio::test]
async fn data_access_ends_after_ninety_days_while_the_page_token_stays_valid() {
    let stand = Stand::start().await;
    let (page, account) = stand.page_token("powr_io").await;
    let read = format!("/v26.0/{account}/media?access_token={page}");

    stand.advance(89 * DAY_S).await;
    assert_eq!(stand.get(&read).await.status, 200);
    stand.advance(2 * DAY_S).await;

    assert_eq!(stand.get(&read).await.error(), (400, 10, 0));
    assert_eq!(stand.debug(&page).await["is_valid"], true);
}

#[tokio::test]
async fn a_wrong_proof_is_refused_and_a_right_one_taken() {
    use hmac::{Hmac, Mac};
    let stand = Stand::start().await;
    let token = stand.token("powr_io").await;
    let proof = |message: &str| {
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"sandbox-secret").unwrap();
        mac.update(message.as_bytes());
        let bytes = mac.finalize().into_bytes();
        bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    };
    let now = stand.get("/_sandbox/clock").await.json()["now"].as_str().unwrap().to_owned();
    let now_s = chrono::DateTime::parse_from_rfc3339(&now).unwrap().timestamp();
    let me = format!("/v26.0/me?access_token={token}");

    let classic = format!("{me}&appsecret_proof={}", proof(&token));
    assert_eq!(stand.get(&classic).await.status, 200);
    let timed = |at_s: i64| {
        let proof = proof(&format!("{token}|{at_s}"));
        format!("{me}&appsecret_proof={proof}&appsecret_time={at_s}")
    };
    assert_eq!(stand.get(&timed(now_s)).await.status, 200);
    assert_eq!(stand.get(&timed(now_s - 400)).await.error(), (400, 100, 0));
    let wrong = stand.get(&format!("{me}&appsecret_proof=00")).await;
    assert_eq!(wrong.error(), (400, 100, 0));
    assert_eq!(wrong.json()["error"]["message"], "Invalid appsecret_proof provided in the API argument");
}

#[tokio::test]
async fn the_app_can_ask_for_its_own_token() {
    let stand = Stand::start().await;

    let answer = stand
        .get(
            "/oauth/access_token?grant_type=client_credentials&client_id=123456789012345\
             &client_secret=sandbox-secret",
        )
        .await
        .json();

    let token = answer["access_token"].as_str().unwrap().replace('|', "%7C");
    assert_eq!(stand.debug(&token).await["type"], "APP");
    let me = stand.get(&format!("/me?access_token={token}")).await;
    assert_eq!(me.error(), (400, 2500, 0));
}

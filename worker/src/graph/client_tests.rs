//! The client against a stand-in: what it sends, and what it makes of each kind of answer.

use std::error::Error as _;

use secrecy::SecretString;

use super::stand_in::{Reply, StandIn, client};
use super::*;

const ID: &str = "17841405822304914";

fn token() -> SecretString {
    "EAAuserToken".into()
}

async fn user_error(reply: Reply) -> Error {
    let meta = StandIn::start([reply]).await;
    meta.graph.ig_user(&token(), ID).await.unwrap_err()
}

#[tokio::test]
async fn a_read_carries_version_bearer_and_proof_and_no_token_in_its_url() {
    let meta = StandIn::start([Reply::ok(r#"{"id":17841405822304914}"#)]).await;
    let user = meta.graph.ig_user(&token(), ID).await.unwrap();
    assert_eq!(user.id, ID);

    let seen = &meta.seen()[0];
    assert_eq!(seen.path, format!("/graph/v26.0/{ID}"));
    assert_eq!(seen.authorization.as_deref(), Some("Bearer EAAuserToken"));
    assert_eq!(seen.query["appsecret_proof"], proof::appsecret_proof(&"sandbox-secret".into(), &token()));
    assert!(seen.query.values().all(|value| !value.contains("EAAuser")));
    assert!(seen.user_agent.starts_with("feedkeeper/"));
}

#[tokio::test]
async fn a_code_is_exchanged_with_the_dialog_s_own_redirect_uri() {
    let meta =
        StandIn::start([Reply::ok(r#"{"access_token":"EAAnew","token_type":"bearer","expires_in":5183944}"#)]).await;
    let redirect = "https://feeds.example/users/oauth?x=1&y=a b";
    let grant = meta.graph.exchange_code(&"AQBcode".into(), redirect).await.unwrap();
    assert_eq!(grant.token.expose_secret(), "EAAnew");
    assert_eq!(grant.expires_in, Some(Duration::from_secs(5_183_944)));

    let seen = &meta.seen()[0];
    assert_eq!(seen.path, "/graph/v26.0/oauth/access_token");
    assert_eq!(seen.query["redirect_uri"], redirect);
    assert_eq!(seen.query["code"], "AQBcode");
    assert_eq!(seen.query["client_secret"], "sandbox-secret");
}

#[tokio::test]
async fn a_used_code_is_refused_by_its_numbers() {
    let meta = StandIn::start([Reply::new(400, include_str!("fixtures/100_36009_code_used.json"))]).await;
    let exchanged = meta.graph.exchange_code(&"AQB".into(), "https://x/").await;
    assert!(exchanged.unwrap_err().is_code_refused());
}

#[tokio::test]
async fn a_short_token_is_extended_and_an_unknown_end_is_no_error() {
    let meta = StandIn::start([Reply::ok("access_token=EAAlong")]).await;
    let grant = meta.graph.extend(&token()).await.unwrap();
    assert_eq!(grant.token.expose_secret(), "EAAlong");
    assert_eq!(grant.expires_in, None);
    let seen = &meta.seen()[0];
    assert_eq!(seen.query["grant_type"], "fb_exchange_token");
    assert_eq!(seen.query["fb_exchange_token"], "EAAuserToken");
}

#[tokio::test]
async fn a_token_is_inspected_with_the_app_s_own() {
    let meta = StandIn::start([Reply::ok(
        r#"{"data":{"app_id":"123456789012345","type":"USER","is_valid":true,"expires_at":0}}"#,
    )])
    .await;
    let info = meta.graph.debug_token(&token()).await.unwrap();
    assert!(info.is_valid);
    assert_eq!(info.expires_at, Expiry::Never);
    let seen = &meta.seen()[0];
    assert_eq!(seen.query["access_token"], "123456789012345|sandbox-secret");
    assert_eq!(seen.query["input_token"], "EAAuserToken");
}

#[tokio::test]
async fn without_an_app_nothing_is_exchanged_and_nobody_is_called() {
    let meta = StandIn::start([]).await;
    let graph = client(meta.url.clone(), None);
    let failed = [
        graph.extend(&token()).await.unwrap_err(),
        graph.exchange_code(&"c".into(), "https://x/").await.unwrap_err(),
        graph.debug_token(&token()).await.unwrap_err(),
    ];
    for error in failed {
        assert_eq!(error.class(), Class::AppMisconfigured);
    }
    assert!(meta.seen().is_empty());
}

#[tokio::test]
async fn an_id_that_is_no_number_reaches_no_url() {
    let meta = StandIn::start([]).await;
    for id in ["", "../me", "1/2", "1?x", "me", "１２", "1\0", &"1".repeat(33)] {
        let error = meta.graph.ig_user(&token(), id).await.unwrap_err();
        assert_eq!(error.class(), Class::BadRequest, "{id:?}");
        let error = meta.graph.media(&token(), id, 50).await.unwrap_err();
        assert_eq!(error.class(), Class::BadRequest, "{id:?}");
    }
    assert!(meta.seen().is_empty());
}

#[tokio::test]
async fn a_token_that_no_header_holds_is_a_bad_request() {
    let meta = StandIn::start([]).await;
    let error = meta.graph.ig_user(&"EAA\nx".into(), ID).await.unwrap_err();
    assert_eq!(error.class(), Class::BadRequest);
    assert!(!format!("{error:?}").contains("EAA"));
}

#[tokio::test]
async fn a_dead_token_is_told_under_any_status() {
    for status in [400, 401, 500] {
        let body = include_str!("fixtures/190_463_expired.json");
        let error = user_error(Reply::new(status, body)).await;
        assert_eq!(error.class(), Class::TokenDead);
        assert_eq!(error.details().status, Some(status));
        assert_eq!(error.details().subcode, Some(463));
        assert_eq!(error.details().fbtrace_id.as_deref(), Some("A1expiredTrace"));
    }
}

#[tokio::test]
async fn an_error_under_status_200_is_an_error() {
    let error = user_error(Reply::ok(r#"{"error":{"message":"(#803)","code":803}}"#)).await;
    assert_eq!(error.class(), Class::NotFound);
}

#[tokio::test]
async fn a_limit_carries_the_wait_of_the_usage_header() {
    let reply = Reply::new(403, include_str!("fixtures/80002_account_limit.json")).header(
        "x-business-use-case-usage",
        r#"{"1":[{"type":"instagram","call_count":100,"estimated_time_to_regain_access":5}]}"#,
    );
    match user_error(reply).await {
        Error::RateLimited { retry_after, scope, .. } => {
            assert_eq!(retry_after, Some(Duration::from_mins(5)));
            assert_eq!(scope, Scope::Account);
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn html_and_redirects_and_an_empty_answer_pass_by_themselves() {
    for reply in [
        Reply::new(502, include_str!("fixtures/gateway.html")),
        Reply::new(302, "").header("location", "https://www.facebook.com/"),
        Reply::new(500, ""),
    ] {
        assert_eq!(user_error(reply).await.class(), Class::Transient);
    }
}

#[tokio::test]
async fn a_success_that_does_not_parse_says_where_and_not_what() {
    for body in ["", "<html>", r#"{"name":"EAAsecret"}"#, r#"{"id":"1""#] {
        let error = user_error(Reply::ok(body)).await;
        assert_eq!(error.class(), Class::Transient, "{body}");
        let text = format!("{error} {error:?}");
        assert!(text.contains("malformed answer") && text.contains("line 1"), "{text}");
        assert!(!text.contains("EAAsecret"), "{text}");
    }
}

#[tokio::test]
async fn an_answer_beyond_all_measure_is_not_taken_in() {
    let error = user_error(Reply::ok(" ".repeat(BODY_LIMIT + 1))).await;
    assert!(error.to_string().contains("longer than any answer"));
}

#[tokio::test]
async fn a_host_that_is_not_there_is_transient_and_keeps_its_cause() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let graph = client(Url::parse(&format!("http://{address}")).unwrap(), None);
    let error = graph.ig_user(&token(), ID).await.unwrap_err();
    assert_eq!(error.class(), Class::Transient);
    assert_eq!(error.details().message, "no connection");
    let source = error.source().unwrap();
    assert!(!source.to_string().contains(ID), "{source}");
}

#[tokio::test]
async fn an_unknown_field_costs_the_extras_and_not_the_user() {
    let meta = StandIn::start([
        Reply::new(
            400,
            r#"{"error":{"message":"(#100) Tried accessing nonexisting field (media_count) on node type (IGUser)","code":100}}"#,
        ),
        Reply::ok(r#"{"id":"1","username":"powr_io"}"#),
    ])
    .await;
    let user = meta.graph.ig_user(&token(), "1").await.unwrap();
    assert_eq!(user.username.as_deref(), Some("powr_io"));
    assert_eq!(user.followers_count, None);
    assert_eq!(meta.seen()[1].query["fields"], "id,username");
}

#[tokio::test]
async fn another_version_than_the_asked_one_is_noticed_once() {
    let reply = || Reply::ok(r#"{"id":"1"}"#).header("facebook-api-version", "v27.0");
    let meta = StandIn::start([reply(), reply()]).await;
    assert!(!meta.graph.inner.upgrade_seen.load(Ordering::Relaxed));
    meta.graph.ig_user(&token(), "1").await.unwrap();
    assert!(meta.graph.inner.upgrade_seen.load(Ordering::Relaxed));
    meta.graph.ig_user(&token(), "1").await.unwrap();
}

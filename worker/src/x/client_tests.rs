//! What is sent to X, and what is made of its answers: against a listener that answers from a list.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use queue::clock::SystemClock;

use super::*;
use crate::graph::Class;

type Script = Arc<(Mutex<VecDeque<(u16, &'static str)>>, Mutex<Vec<Seen>>)>;

/// Method, path, authorization, content type, body.
type Seen = (String, String, String, String, String);

async fn answer(State(script): State<Script>, request: Request) -> Response<String> {
    let (parts, body) = request.into_parts();
    let header = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let (authorization, kind) = (header("authorization"), header("content-type"));
    let (method, path) = (parts.method.to_string(), parts.uri.to_string());
    let body = axum::body::to_bytes(body, 100_000).await.unwrap();
    let body = String::from_utf8_lossy(&body).into_owned();
    script.1.lock().unwrap().push((method, path, authorization.unwrap_or_default(), kind.unwrap_or_default(), body));
    let (status, text) = script.0.lock().unwrap().pop_front().unwrap_or((599, "asked too often"));
    Response::builder().status(status).body(text.to_owned()).unwrap()
}

async fn x_that_answers(replies: &[(u16, &'static str)]) -> (X, Script) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let script: Script = Arc::new((Mutex::new(replies.iter().copied().collect()), Mutex::default()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/x", listener.local_addr().unwrap()).parse().unwrap();
    let router = Router::new().fallback(answer).with_state(script.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let client = Some(ClientCredentials { id: "me".into(), secret: "secret".to_owned().into() });
    (X::new(Config { base_url, client }, Arc::new(SystemClock)).unwrap(), script)
}

#[tokio::test]
async fn a_code_and_a_refresh_token_are_sent_as_forms_by_our_apps_right() {
    const PAIR: &str = r#"{"token_type":"bearer","expires_in":7200,"access_token":"a","scope":"tweet.read users.read","refresh_token":"r"}"#;
    let (x, script) = x_that_answers(&[(200, PAIR), (200, r#"{"access_token":"b"}"#), (200, "{}")]).await;

    let first = x.exchange_code(&"c d".to_owned().into(), "https://f.example/x/callback", &"v".to_owned().into()).await;
    let second = x.refresh(&"r".to_owned().into()).await.unwrap();
    x.revoke(&"r".to_owned().into()).await.unwrap();

    let first = first.unwrap();
    assert_eq!((first.lives.as_secs(), first.scopes.len()), (7200, 2));
    assert_eq!(first.refresh_token.unwrap().expose_secret(), "r");
    assert!(second.refresh_token.is_none() && second.lives.as_secs() == 7200);
    let seen = script.1.lock().unwrap().clone();
    let form = "application/x-www-form-urlencoded";
    let basic = "Basic bWU6c2VjcmV0";
    for ((method, path, authorization, kind, _), wanted) in seen.iter().zip(["token", "token", "revoke"]) {
        assert_eq!((method.as_str(), path.as_str()), ("POST", format!("/x/2/oauth2/{wanted}").as_str()));
        assert_eq!((authorization.as_str(), kind.as_str()), (basic, form));
    }
    assert_eq!(
        seen[0].4,
        "grant_type=authorization_code&code=c+d&redirect_uri=https%3A%2F%2Ff.example%2Fx%2Fcallback&code_verifier=v"
    );
    assert_eq!((seen[1].4.as_str(), seen[2].4.as_str()), ("grant_type=refresh_token&refresh_token=r", "token=r"));
}

#[tokio::test]
async fn what_cannot_be_read_is_unclear_and_what_was_not_sent_is_not() {
    let (x, script) =
        x_that_answers(&[(200, "<html>"), (200, "{}"), (200, r#"{"data":{"id":"../1","username":"u"}}"#)]).await;
    let token = "t".to_owned().into();

    for _ in 0..2 {
        assert!(x.refresh(&token).await.unwrap_err().is_unclear());
    }
    assert!(x.me(&token).await.unwrap_err().is_unclear(), "an id that is no number");
    let seen = script.1.lock().unwrap().clone();
    assert_eq!((seen[2].1.as_str(), seen[2].2.as_str()), ("/x/2/users/me", "Bearer t"));

    let nobody = Config { base_url: "http://127.0.0.1:9".parse().unwrap(), client: None };
    let nobody = X::new(nobody, Arc::new(SystemClock)).unwrap();
    let error = nobody.me(&token).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }) && !error.is_unclear(), "{error}");
    assert_eq!(nobody.refresh(&token).await.unwrap_err().class(), Class::AppMisconfigured, "no app is configured");
}

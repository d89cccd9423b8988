//! Every type here that holds a token, a code or a secret shows none of it when it is printed, as a log or a panic may.

use std::fmt::Debug;
use std::time::Duration;

use secrecy::SecretString;

use crate::exchange::access::{Access, End, Person};
use crate::exchange::pages::ChosenPage;
use crate::exchange::{AppRef, Credential, Input, Request};
use crate::graph::{AppCredentials, Config, Grant, Graph, IgUser, Page};

const SECRET: &str = "EAAunseen123";

fn secret() -> SecretString {
    SECRET.into()
}

fn assert_unseen(holder: &impl Debug) {
    for text in [format!("{holder:?}"), format!("{holder:#?}")] {
        assert!(!text.contains("unseen"), "{text}");
    }
}

#[test]
fn what_an_exchange_works_on_is_not_seen() {
    let app = AppRef { app_id: "w1".into(), user: "u".into(), app_type: String::new() };
    let code = Credential::Code { code: secret(), redirect_uri: "https://x/users/oauth".into() };
    for credential in [code, Credential::Short(secret()), Credential::Long(secret())] {
        assert_unseen(&credential);
        assert_unseen(&Input { app: app.clone(), page_id: None, reconnect: None, credential: credential.clone() });
        assert_unseen(&Request { app: app.clone(), page_id: None, reconnect: None, credential });
    }
}

#[test]
fn what_meta_grants_is_not_seen() {
    let page: Page = serde_json::from_value(serde_json::json!({"id": "1", "access_token": SECRET})).unwrap();
    let profile: IgUser = serde_json::from_value(serde_json::json!({"id": "17"})).unwrap();
    let chosen = ChosenPage { id: "1".into(), name: "P".into(), token: secret(), account_id: "17".into() };
    assert_unseen(&page);
    assert_unseen(&chosen);
    assert_unseen(&Grant { token: secret(), expires_in: Some(Duration::from_mins(1)) });
    assert_unseen(&Access {
        user_token: secret(),
        person: Person { user_id: None, scopes: Vec::new(), expires_at: None },
        page: chosen,
        profile,
        end: End { token: None, data_access: None, is_estimate: false },
    });
}

#[test]
fn who_we_are_to_meta_is_not_seen() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let app = AppCredentials { id: "1".into(), secret: secret() };
    let config =
        Config { base_url: "https://graph.facebook.com".parse().unwrap(), version: "v26.0".into(), app: Some(app) };
    assert_unseen(&config);
    assert_unseen(&Graph::new(config).unwrap());
}

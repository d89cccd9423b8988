//! Tokens of the Facebook Login family: the dialog's code, the long-lived user token, and what Meta knows
//! of a token (developers.facebook.com, access token guide; reference of `debug_token`).

use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::envelope::Envelope;
use super::{Answer, Call, Error, Graph, classify, lenient};

const TOKEN_PATH: [&str; 2] = ["oauth", "access_token"];

/// A token that was granted.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The token.
    pub token: SecretString,
    /// How long it lives. `None` is unknown and no error: Meta leaves it out, or says 0; `debug_token` tells.
    pub expires_in: Option<Duration>,
}

/// An end as `debug_token` tells it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expiry {
    /// Meta says 0: no timed end.
    Never,
    /// That moment.
    At(DateTime<Utc>),
    /// Meta says nothing, or nonsense.
    #[default]
    Unknown,
}

/// Whose token it is; an open set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A person's.
    User,
    /// A Page's.
    Page,
    /// Our app's own.
    App,
    /// A business's machine user's.
    SystemUser,
    /// Whatever else Meta says.
    Other(String),
}

/// What Meta knows of a token.
#[derive(Debug, Deserialize)]
pub struct TokenInfo {
    /// The app that it belongs to; empty when Meta cannot read the token at all.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub app_id: String,
    /// The person, under an id that holds for our app only.
    #[serde(default, deserialize_with = "lenient::text")]
    pub user_id: Option<String>,
    /// The Page, for a Page's token.
    #[serde(default, deserialize_with = "lenient::text")]
    pub profile_id: Option<String>,
    /// Whose token it is.
    #[serde(default, rename = "type", deserialize_with = "kind")]
    pub kind: Option<TokenKind>,
    /// Whether it works now. It does not say that data can be read: see `data_access_expires_at`.
    pub is_valid: bool,
    /// The token's own end.
    #[serde(default, deserialize_with = "lenient::expiry")]
    pub expires_at: Expiry,
    /// The end of data access, 90 days after the person's last visit.
    #[serde(default, deserialize_with = "lenient::expiry")]
    pub data_access_expires_at: Expiry,
    /// The scopes granted.
    #[serde(default, deserialize_with = "lenient::texts")]
    pub scopes: Vec<String>,
    /// The scopes with the Pages and accounts that were ticked.
    #[serde(default, deserialize_with = "lenient::list")]
    pub granular_scopes: Vec<GranularScope>,
    /// Why it is not valid, classified as if a call had failed with it.
    #[serde(default, deserialize_with = "why_invalid")]
    pub error: Option<Error>,
}

/// A scope and what it was granted for.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct GranularScope {
    /// The scope.
    #[serde(deserialize_with = "lenient::id")]
    pub scope: String,
    /// The Pages or accounts that were ticked. `None` is all of them; an empty list is none.
    #[serde(default, deserialize_with = "targets")]
    pub target_ids: Option<Vec<String>>,
}

impl Graph {
    /// Exchanges the dialog's single-use code; `redirect_uri` must be the dialog's, byte for byte.
    pub async fn exchange_code(&self, code: &SecretString, redirect_uri: &str) -> Result<Grant, Error> {
        const CALL: &str = "exchange_code";
        let app = self.app(CALL)?;
        let query = vec![
            ("client_id", app.id.clone()),
            ("client_secret", app.secret.expose_secret().to_owned()),
            ("redirect_uri", redirect_uri.to_owned()),
            ("code", code.expose_secret().to_owned()),
        ];
        self.grant(CALL, query).await
    }

    /// Exchanges a short-lived user token for one of about 60 days. On a long-lived one the end may stay
    /// where it was: ask `debug_token` before believing in a renewal.
    pub async fn extend(&self, short: &SecretString) -> Result<Grant, Error> {
        const CALL: &str = "extend";
        let app = self.app(CALL)?;
        let query = vec![
            ("grant_type", "fb_exchange_token".to_owned()),
            ("client_id", app.id.clone()),
            ("client_secret", app.secret.expose_secret().to_owned()),
            ("fb_exchange_token", short.expose_secret().to_owned()),
        ];
        self.grant(CALL, query).await
    }

    /// Asks Meta what it knows of a token. An invalid token is an answer, not an error.
    pub async fn debug_token(&self, token: &SecretString) -> Result<TokenInfo, Error> {
        #[derive(Deserialize)]
        struct Wrapped {
            data: TokenInfo,
        }
        const CALL: &str = "debug_token";
        let app = self.app(CALL)?;
        // The app's own token is its id and its secret: it needs no proof beside it.
        let ours = format!("{}|{}", app.id, app.secret.expose_secret());
        let wrapped: Wrapped = self
            .get(Call {
                name: CALL,
                path: &[CALL],
                query: vec![("input_token", token.expose_secret().to_owned()), ("access_token", ours)],
                token: None,
            })
            .await?;
        Ok(wrapped.data)
    }

    /// Asks Meta whether it knows our app by its id and its secret.
    pub async fn check_app(&self) -> Result<TokenInfo, Error> {
        let app = self.app("debug_token")?;
        self.debug_token(&format!("{}|{}", app.id, app.secret.expose_secret()).into()).await
    }

    async fn grant(&self, name: &'static str, query: Vec<(&'static str, String)>) -> Result<Grant, Error> {
        let call = Call { name, path: &TOKEN_PATH, query, token: None };
        let answer = self.send(call).await?;
        read_grant(&answer)
    }
}

#[derive(Default, Deserialize)]
struct Granted {
    #[serde(default, deserialize_with = "lenient::secret")]
    access_token: Option<SecretString>,
    #[serde(default, deserialize_with = "lenient::number")]
    expires_in: Option<i64>,
    // The key of old replies.
    #[serde(default, deserialize_with = "lenient::number")]
    expires: Option<i64>,
}

/// Reads a grant as JSON, or as the form that versions before 2.3 sent.
fn read_grant(answer: &Answer) -> Result<Grant, Error> {
    let granted = match answer.parse::<Granted>() {
        Ok(granted) => granted,
        Err(_) if answer.body.starts_with(b"access_token=") => read_form(&answer.body),
        Err(error) => return Err(error),
    };
    let seconds = granted.expires_in.or(granted.expires).unwrap_or(0);
    let token = granted.access_token.ok_or_else(|| Error::malformed(answer.call, answer.status, "no token in it"))?;
    Ok(Grant { token, expires_in: u64::try_from(seconds).ok().filter(|seconds| *seconds > 0).map(Duration::from_secs) })
}

fn read_form(body: &[u8]) -> Granted {
    let mut granted = Granted::default();
    for (name, value) in url::form_urlencoded::parse(body) {
        match &*name {
            "access_token" if !value.is_empty() => {
                granted.access_token = Some(value.into_owned().into());
            }
            "expires" | "expires_in" => granted.expires = value.trim().parse().ok(),
            _ => {}
        }
    }
    granted
}

fn kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<TokenKind>, D::Error> {
    let word = lenient::text(deserializer)?;
    Ok(word.map(|word| match word.as_str() {
        "USER" => TokenKind::User,
        "PAGE" => TokenKind::Page,
        "APP" => TokenKind::App,
        "SYSTEM_USER" => TokenKind::SystemUser,
        _ => TokenKind::Other(word),
    }))
}

fn targets<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(value.as_array().map(|ids| ids.iter().filter_map(lenient::as_text).collect()))
}

fn why_invalid<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Error>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(value.as_object().map(|error| classify::inspected(Envelope::from_object(error))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Class;

    fn grant(body: &str) -> Result<Grant, Error> {
        read_grant(&Answer { call: "extend", status: 200, body: body.as_bytes().to_vec() })
    }

    fn info(body: &str) -> TokenInfo {
        serde_json::from_str(body).unwrap()
    }

    #[test]
    fn a_grant_is_read_in_every_form_seen() {
        for (body, seconds) in [
            (r#"{"access_token":"t","token_type":"bearer","expires_in":5184000}"#, Some(5_184_000)),
            (r#"{"access_token":"t","expires_in":"60"}"#, Some(60)),
            (r#"{"access_token":"t","expires":6621}"#, Some(6621)),
            (r#"{"access_token":"t"}"#, None),
            (r#"{"access_token":"t","expires_in":0}"#, None),
            (r#"{"access_token":"t","expires_in":-3}"#, None),
            ("access_token=t&expires=6621", Some(6621)),
            ("access_token=t", None),
        ] {
            let grant = grant(body).unwrap();
            assert_eq!(grant.token.expose_secret(), "t", "{body}");
            assert_eq!(grant.expires_in, seconds.map(Duration::from_secs), "{body}");
        }
    }

    #[test]
    fn a_grant_without_a_token_is_a_visible_failure() {
        for body in ["{}", r#"{"access_token":""}"#, "\"3e4a\"", "<html>", ""] {
            let error = grant(body).unwrap_err();
            assert_eq!(error.class(), Class::Transient, "{body}");
            assert!(error.to_string().contains("malformed answer"), "{body}");
        }
    }

    #[test]
    fn a_page_s_token_never_ends_but_its_data_access_does() {
        let info = info(
            r#"{"app_id":100000000000,"type":"PAGE","is_valid":true,"expires_at":0,"data_access_expires_at":1563217616,
                "scopes":["instagram_basic"],"user_id":1207059,"profile_id":123456789,
                "granular_scopes":[{"scope":"pages_show_list"},{"scope":"instagram_basic","target_ids":["17841405793187218",12]},{"scope":"x","target_ids":[]}]}"#,
        );
        assert_eq!(info.app_id, "100000000000");
        assert_eq!(info.user_id.as_deref(), Some("1207059"));
        assert_eq!(info.profile_id.as_deref(), Some("123456789"));
        assert_eq!(info.kind, Some(TokenKind::Page));
        assert_eq!(info.expires_at, Expiry::Never);
        let end = DateTime::from_timestamp(1_563_217_616, 0).unwrap();
        assert_eq!(info.data_access_expires_at, Expiry::At(end));
        let targets: Vec<_> =
            info.granular_scopes.iter().map(|granted| granted.target_ids.as_ref().map(Vec::len)).collect();
        assert_eq!(targets, [None, Some(2), Some(0)]);
        assert!(info.error.is_none());
    }

    #[test]
    fn an_invalid_token_comes_with_its_reason() {
        let info = info(
            r#"{"error":{"code":190,"message":"Session has expired","subcode":463},"is_valid":false,"scopes":[]}"#,
        );
        assert!(!info.is_valid);
        assert_eq!(info.app_id, "");
        assert_eq!(info.expires_at, Expiry::Unknown);
        let error = info.error.unwrap();
        assert_eq!(error.class(), Class::TokenDead);
        assert_eq!(error.details().subcode, Some(463));
    }
}

//! Pairs of tokens: from a code, renewed, revoked. A refresh token serves once, and so does a code.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::{Body, Call, Error, Proof, X};

/// The name of the call that turns a code into a pair.
pub(super) const EXCHANGE: &str = "exchange_code";
/// The name of the call that renews a pair.
pub(super) const REFRESH: &str = "refresh";
/// How long an access token lives where X does not say.
const USUAL_LIFE: Duration = Duration::from_hours(2);
/// No access token lives longer: what says more is a slip.
const LONGEST_LIFE: Duration = Duration::from_hours(24 * 60);

/// A pair of tokens.
#[derive(Clone, Debug)]
pub struct Grant {
    /// What calls are made with.
    pub access_token: SecretString,
    /// What the next pair is got with; none without the scope `offline.access`.
    pub refresh_token: Option<SecretString>,
    /// How long the access token lives.
    pub lives: Duration,
    /// What was granted; empty if X does not say.
    pub scopes: Vec<String>,
}

#[derive(Deserialize)]
struct Reply {
    access_token: SecretString,
    refresh_token: Option<SecretString>,
    expires_in: Option<u64>,
    scope: Option<String>,
}

impl X {
    /// Turns the dialog's code into a pair.
    pub(crate) async fn exchange_code(
        &self,
        code: &SecretString,
        redirect_uri: &str,
        verifier: &SecretString,
    ) -> Result<Grant, Error> {
        let fields = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.expose_secret().to_owned()),
            ("redirect_uri", redirect_uri.to_owned()),
            ("code_verifier", verifier.expose_secret().to_owned()),
        ];
        self.grant(EXCHANGE, fields).await
    }

    /// Renews a pair: its refresh token has served when this is answered, and may have if it is not.
    pub(crate) async fn refresh(&self, refresh_token: &SecretString) -> Result<Grant, Error> {
        let fields = vec![
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", refresh_token.expose_secret().to_owned()),
        ];
        self.grant(REFRESH, fields).await
    }

    /// Ends a token.
    pub(crate) async fn revoke(&self, token: &SecretString) -> Result<(), Error> {
        let fields = vec![("token", token.expose_secret().to_owned())];
        let call = Call::post("revoke", &["oauth2", "revoke"], Proof::App, Body::Form(fields));
        self.send(call).await.map(drop)
    }

    async fn grant(&self, call: &'static str, fields: Vec<(&'static str, String)>) -> Result<Grant, Error> {
        let answer = self.send(Call::post(call, &["oauth2", "token"], Proof::App, Body::Form(fields))).await?;
        let Reply { access_token, refresh_token, expires_in, scope } = answer.parse()?;
        if access_token.expose_secret().is_empty() {
            return Err(answer.malformed("no token"));
        }
        let scopes = scope.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        let refresh_token = refresh_token.filter(|token| !token.expose_secret().is_empty());
        let lives = expires_in.map_or(USUAL_LIFE, Duration::from_secs).min(LONGEST_LIFE);
        Ok(Grant { access_token, refresh_token, lives, scopes })
    }
}

//! Who asks, and for what they may ask.
//!
//! The host platform signs what its callers may do ([`token`]); operators have keys ([`key`]); a browser that is sent
//! to `/connect` brings a token that serves once ([`ticket`]), and from there on has a cookie ([`browser`]).

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use secrecy::SecretString;

use crate::problem::Problem;
use crate::state::AppState;

mod browser;
mod key;
mod ticket;
mod token;

pub(crate) use browser::BrowserProof;
pub use key::ApiKey;
pub(crate) use ticket::Ticket;
use token::Claims;

/// `AUTH`: whose word counts.
#[derive(Clone, Debug)]
pub enum Auth {
    /// Every caller is taken as authorised.
    Open,
    /// The host platform signs with this secret (`APP_TOKEN_SECRET`) what its callers may do.
    Signed(SecretString),
}

/// Who asks, once that is proven.
#[derive(Debug)]
pub(crate) enum Caller {
    /// Anybody, under `AUTH=open`.
    Anybody,
    /// Somebody for whom the host platform signed.
    Host(Claims),
    /// An operator with a key.
    Operator,
}

impl Caller {
    /// Reads the proof that a request brings as `Authorization: Bearer`.
    pub(crate) async fn of(state: &AppState, headers: &HeaderMap) -> Result<Self, Problem> {
        let Auth::Signed(secret) = &state.config.auth else { return Ok(Self::Anybody) };
        let proof = bearer(headers)?;
        if ApiKey::is_meant(proof) {
            key::check(state, proof).await?;
            return Ok(Self::Operator);
        }
        token::open(secret, proof, state.wall.now()).map(Self::Host)
    }

    /// Returns the one app whose rows the caller sees; `None`: all.
    pub(crate) fn app(&self) -> Option<&str> {
        match self {
            Self::Host(claims) => Some(&claims.app),
            Self::Anybody | Self::Operator => None,
        }
    }

    /// Refuses a caller who may not ask for this app.
    pub(crate) fn may_ask_for(&self, app_id: &str) -> Result<(), Problem> {
        match self {
            Self::Host(claims) if claims.app != app_id => {
                Err(Problem::forbidden("The token's `app` is another one than the app that is asked for."))
            }
            _ => Ok(()),
        }
    }

    /// Refuses a caller who may not ask for this app of this user.
    pub(crate) fn may_ask_as(&self, app_id: &str, user: &str) -> Result<(), Problem> {
        self.may_ask_for(app_id)?;
        match self {
            Self::Host(claims) if claims.user != user => {
                Err(Problem::forbidden("The token's `user` is another one than the user that is asked for."))
            }
            _ => Ok(()),
        }
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        Self::of(state, &parts.headers).await
    }
}

/// Returns whether a text is, beyond doubt, a proof of somebody's: what they have put in the wrong field.
pub(crate) fn is_proof(text: &str) -> bool {
    ApiKey::is_one(text) || token::is_one(text)
}

fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let detail = "Send `Authorization: Bearer` with a token that the host platform signed, or with an API key.";
    let (Some(value), None) = (given.next(), given.next()) else {
        return Err(Problem::unauthorised("unauthorised", detail));
    };
    value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, proof)| proof.trim())
        .ok_or_else(|| Problem::unauthorised("unauthorised", detail))
}

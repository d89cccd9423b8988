//! `/x/2/oauth2/token` and `/revoke`: a code for the first pair, a refresh token for the next, and a token given back.

use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::call::Call;
use super::families::{self, ACCESS_LIFE_MS, NoPair, Pair};
use super::refusal::Refusal;
use super::token::{CODE_LIFE_MS, Code, Kind, Token, family};
use crate::graph::Params;
use crate::signing::{same, sha256};

/// Gives a pair of tokens.
pub(super) fn token(call: &Call<'_>) -> Result<Response, Refusal> {
    let form = form(call)?;
    let pair = match form.get("grant_type") {
        Some("authorization_code") => first(call, &form)?,
        Some("refresh_token") => next(call, &form)?,
        _ => return Err(Refusal::bad_grant("Value passed for the grant_type was invalid.")),
    };
    let mut body = json!({
        "token_type": "bearer",
        "expires_in": ACCESS_LIFE_MS / 1000,
        "access_token": pair.access,
        "scope": pair.token.scopes.text(),
    });
    if let Some(refresh) = pair.refresh {
        body["refresh_token"] = refresh.into();
    }
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// Takes a token back; one that is none is taken back already.
pub(super) fn revoke(call: &Call<'_>) -> Result<Response, Refusal> {
    let form = form(call)?;
    let Some(text) = form.get("token") else {
        return Err(Refusal::bad_grant("Missing required parameter [token]."));
    };
    for kind in [Kind::Access, Kind::Refresh] {
        if let Some(token) = Token::read(&call.shared.key, kind, text) {
            families::revoke(call.shared, kind, &token)?;
        }
    }
    Ok(Json(json!({ "revoked": true })).into_response())
}

fn first(call: &Call<'_>, form: &Params) -> Result<Pair, Refusal> {
    let bad = || Refusal::bad_grant("Value passed for the authorization code was invalid.");
    let text = form.get("code").ok_or_else(bad)?;
    let code = Code::read(&call.shared.key, text).ok_or_else(bad)?;
    let is_late = call.shared.clock.now_ms() >= code.consent_ms.saturating_add(CODE_LIFE_MS);
    let redirect_hash = sha256(form.get("redirect_uri").unwrap_or_default().as_bytes());
    if is_late || !same(&redirect_hash, &code.redirect_hash) {
        return Err(bad());
    }
    if !code.is_proven_by(form.get("code_verifier").unwrap_or_default()) {
        return Err(Refusal::bad_grant("Value passed for the code verifier did not match the code challenge."));
    }
    if !call.shared.x.used_codes.mark(text)? {
        families::lose(call.shared, &family(&code.person, code.consent_ms))?;
        return Err(bad());
    }
    let token = Token { person: code.person, consent_ms: code.consent_ms, pair: 1, ends_ms: 0, scopes: code.scopes };
    Ok(families::begin(call.shared, token)?)
}

fn next(call: &Call<'_>, form: &Params) -> Result<Pair, Refusal> {
    let bad = || Refusal::bad_grant("Value passed for the token was invalid.");
    let old = form.get("refresh_token").and_then(|text| Token::read(&call.shared.key, Kind::Refresh, text));
    families::refresh(call.shared, &old.ok_or_else(bad)?).map_err(|no_pair| match no_pair {
        NoPair::Invalid => bad(),
        NoPair::Failed(error) => error.into(),
    })
}

/// Reads the form of an app that shows who it is.
fn form(call: &Call<'_>) -> Result<Params, Refusal> {
    let is_form = call.header(header::CONTENT_TYPE).starts_with("application/x-www-form-urlencoded");
    if !is_form {
        return Err(Refusal::bad_grant("The content type must be application/x-www-form-urlencoded."));
    }
    let config = &call.shared.config;
    let right = format!("{}:{}", config.x_client_id, config.x_client_secret);
    let (scheme, proof) = call.header(header::AUTHORIZATION).split_once(' ').unwrap_or_default();
    let proof = STANDARD.decode(proof.trim()).unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("basic") || !same(&proof, right.as_bytes()) {
        return Err(Refusal::unknown_app());
    }
    Ok(Params::parse("", call.body))
}

//! `oauth/access_token`: a code or a short token for a longer one, and the app's own token.

use serde_json::{Value, json};

use super::Error;
use super::auth::{self, app_token_secret};
use super::params::Params;
use super::request::Request;
use crate::code::Code;
use crate::signing::same;
use crate::state::Shared;
use crate::token::Token;

/// Answers the token endpoint. The app may name itself in the parameters or in a Basic header.
pub(crate) fn access_token(shared: &Shared, request: &Request) -> Result<Value, Error> {
    let params = &request.params;
    let client_id = request.client_id().ok_or_else(|| missing("client_id"))?;
    if client_id != shared.config.app_id {
        return Err(Error::unknown_app());
    }
    let secret = request.client_secret().ok_or_else(|| missing("client_secret"))?;
    if !same(secret.as_bytes(), shared.config.app_secret.as_bytes()) {
        return Err(Error::wrong_secret());
    }
    match params.get("grant_type") {
        Some("fb_exchange_token") => extend(shared, params),
        Some("client_credentials") => Ok(json!({
            "access_token": format!("{}|{}", shared.config.app_id, app_token_secret(shared)),
            "token_type": "bearer",
        })),
        None | Some("authorization_code") => exchange(shared, params),
        Some(other) => Err(Error::parameter(format!("Invalid grant_type: {other}"))),
    }
}

fn required<'a>(params: &'a Params, name: &str) -> Result<&'a str, Error> {
    params.get(name).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Error {
    Error::parameter(format!("Missing {name} parameter."))
}

fn exchange(shared: &Shared, params: &Params) -> Result<Value, Error> {
    let redirect_uri = required(params, "redirect_uri")?;
    let text = required(params, "code")?;
    let code = Code::read(&shared.key, text).ok_or_else(|| Error::parameter("Invalid verification code format."))?;
    let used = || Error::code(36_009, "This authorization code has been used.");
    if shared.used_codes.has(text) {
        return Err(used());
    }
    let now_ms = shared.clock.now_ms();
    if !code.is_alive(now_ms) {
        return Err(Error::code(36_007, "This authorization code has expired."));
    }
    if !code.goes_to(redirect_uri) {
        return Err(Error::code(
            36_008,
            "Error validating verification code. Please make sure your redirect_uri is identical \
             to the one you used in the OAuth dialog request",
        ));
    }
    // Of two calls with the same code, this decides which one gets the token.
    if !shared.used_codes.mark(text)? {
        return Err(used());
    }
    let mut token = Token::short(code.person, &shared.config.app_id, now_ms, code.asked, code.granted);
    token.consent_ms = code.consent_ms;
    token.pages = code.pages;
    answer(shared, &token)
}

fn extend(shared: &Shared, params: &Params) -> Result<Value, Error> {
    let text = required(params, "fb_exchange_token")?;
    let token = Token::read(&shared.key, text)
        .filter(|token| token.app_id == shared.config.app_id)
        .ok_or_else(|| Error::not_a_token(text))?;
    auth::check(shared, &token)?;
    answer(shared, &token.extended(shared.clock.now_ms()))
}

fn answer(shared: &Shared, token: &Token) -> Result<Value, Error> {
    auth::check(shared, token)?;
    let end_s = auth::end_s(&shared.patch(token.person), token);
    let mut body = json!({
        "access_token": token.write(&shared.key)?,
        "token_type": "bearer",
    });
    // A token without an end is answered without this field.
    if end_s != 0 {
        body["expires_in"] = end_s.saturating_sub(shared.clock.now_s()).into();
    }
    Ok(body)
}

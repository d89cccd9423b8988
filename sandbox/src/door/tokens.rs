//! `POST /_sandbox/tokens`: the short-lived user token that Meta's login button hands to a page.

use axum::Json;
use axum::extract::State;
use bytes::Bytes;
use serde_json::{Value, json};

use super::body::Fields;
use super::{Answer, Problem, Sandbox};
use crate::people;
use crate::scopes::Scopes;
use crate::token::Token;

/// Mints a token, as if the person had just consented to the login button; `grant` is by what the record of calls names
/// that consent.
pub(super) async fn mint(State(shared): Sandbox, body: Bytes) -> Answer<Value> {
    let mut fields = Fields::read(&body)?;
    let user = fields.required("user")?;
    fields.done("user")?;
    let person = people::by_user(&user).ok_or_else(|| Problem::no_such_user(&user))?;
    let asked = Scopes::login_button();
    // What a test says that the person grants may be more than the button asks for.
    let granted = shared.patch(person).scopes.map_or(asked, |scopes| Scopes(scopes.value));
    let now_ms = shared.clock.stamp_ms();
    let token = Token::short(person, &shared.config.app_id, now_ms, asked, granted);
    Ok(Json(json!({ "access_token": token.write(&shared.key)?, "grant": token.grant() })))
}

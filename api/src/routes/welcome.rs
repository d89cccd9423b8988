//! The way to the page that stands before Meta's dialog: the host platform's token is used up, and leaves the address; what
//! the page goes on with is the browser's cookie.

use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::connect::found;
use crate::auth::BrowserProof;
use crate::pages::address;
use crate::problem::Problem;
use crate::state::AppState;

/// What Meta is to ask anew, and the refusal after which somebody tries again.
pub(super) type How<'a> = (Option<&'a str>, Option<&'a str>);

/// Sends a browser to the page, with the cookie that proves who was sent there.
pub(super) fn enter(state: &AppState, proof: &BrowserProof, how: How<'_>) -> Result<Response, Problem> {
    let visit = entities::new_id();
    let cookie = proof.set_cookie(&state.keyring, &visit, state.config.is_https());
    let cookie = cookie.map_err(|error| Problem::unavailable(&error))?;
    Ok(([(header::SET_COOKIE, cookie)], found(of_visit("welcome", &visit, how))).into_response())
}

/// Returns where the page's button leads.
pub(super) fn begin_url(visit: &str, how: How<'_>) -> String {
    of_visit("begin", visit, how)
}

fn of_visit(step: &str, visit: &str, (auth_type, after): How<'_>) -> String {
    address("/users/oauth", &[(step, Some(visit)), ("auth_type", auth_type), ("after", after)])
}

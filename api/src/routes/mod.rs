//! One file for each address, or for a few that belong together; and what they read alike.

use axum::extract::rejection::QueryRejection;
use axum::http::{HeaderMap, StatusCode, header};
use worker::exchange::is_credential;

use crate::auth::is_proof;
use crate::problem::Problem;

pub(crate) mod apps;
pub(crate) mod assets;
pub(crate) mod callback;
pub(crate) mod connect;
pub(crate) mod crosspost_changes;
pub(crate) mod crossposts;
pub(crate) mod deletions;
pub(crate) mod disconnect;
pub(crate) mod exchange;
pub(crate) mod feed;
pub(crate) mod health;
pub(crate) mod home;
pub(crate) mod installs;
pub(crate) mod jobs;
pub(crate) mod meta;
pub(crate) mod migration;
pub(crate) mod moving;
pub(crate) mod page_choice;
mod paging;
pub(crate) mod reconnect;
pub(crate) mod settings;
pub(crate) mod welcome;
pub(crate) mod x_accounts;
pub(crate) mod x_callback;
pub(crate) mod x_connect;

/// The longest id that a host platform may give an app or a user.
const LONGEST_NAME: usize = 200;

/// Answers what is no route. Its address is not repeated: somebody may have put a token into it.
pub(crate) async fn fallback() -> Problem {
    Problem::not_found("no_such_route", "There is nothing at this address; see the README for the routes.")
}

/// What is wrong with a query, and what to do: its values are not repeated.
pub(crate) fn bad_query(rejection: &QueryRejection) -> Problem {
    let text = rejection.body_text();
    let what = text.strip_prefix("Failed to deserialize query string: ").unwrap_or("it is no list of names and values");
    let detail = format!("The query cannot be read: {what}. Send each parameter once, percent-encoded.");
    Problem::bad_request("bad_query", detail)
}

/// Returns the kind of a request's body, such as `application/json`; empty if it names none.
pub(crate) fn body_kind(headers: &HeaderMap) -> String {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A form's kind of body.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// Answers a route that is asked with another method.
pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This address is asked with another method.")
}

/// Returns a host platform's id, checked: present, short, without control characters, and no secret: ids are kept and
/// shown in the clear.
pub(crate) fn name(field: &str, value: Option<String>) -> Result<String, Problem> {
    let value = value.unwrap_or_default();
    let problem = |fix: &str| Err(Problem::bad_request("bad_parameter", format!("`{field}` {fix}.")));
    if value.is_empty() {
        return problem("is missing");
    }
    if value.len() > LONGEST_NAME {
        return problem("is longer than 200 bytes");
    }
    if value.chars().any(char::is_control) {
        return problem("holds control characters");
    }
    if is_credential(&value) || is_proof(&value) {
        return problem("is a token, a code, a key or a secret, which belong into no field but their own");
    }
    Ok(value)
}

/// Returns the value, or an empty text where it is absent; checked like [`name`].
pub(crate) fn optional_name(field: &str, value: Option<String>) -> Result<String, Problem> {
    value.filter(|value| !value.is_empty()).map_or_else(|| Ok(String::new()), |value| name(field, Some(value)))
}

/// Returns a field's name as somebody wrote it, to be repeated in an error. What is too long or too odd to be a slip
/// of the pen is not repeated: it may be a secret in the wrong place.
pub(crate) fn written_name(name: &str) -> &str {
    let is_plain = name.len() <= 30 && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if is_plain && !name.is_empty() { name } else { "…" }
}

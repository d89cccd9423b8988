//! One file per route.

use axum::http::{StatusCode, Uri};

use crate::problem::Problem;

pub(crate) mod apps;
pub(crate) mod assets;
pub(crate) mod callback;
pub(crate) mod connect;
pub(crate) mod exchange;
pub(crate) mod feed;
pub(crate) mod health;
pub(crate) mod home;
pub(crate) mod jobs;
pub(crate) mod page_choice;
pub(crate) mod settings;

/// The longest id that a host platform may give an app or a user.
const LONGEST_NAME: usize = 200;

/// Answers what is no route.
pub(crate) async fn fallback(uri: Uri) -> Problem {
    let path: String = uri.path().chars().take(100).collect();
    Problem::not_found("no_such_route", format!("There is nothing at {path}."))
}

/// Answers a route that is asked with another method.
pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This address is asked with another method.")
}

/// Returns a host platform's id, checked: present, short, and without control characters.
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
    Ok(value)
}

/// Returns the value, or an empty text where it is absent; checked like [`name`].
pub(crate) fn optional_name(field: &str, value: Option<String>) -> Result<String, Problem> {
    value.filter(|value| !value.is_empty()).map_or_else(|| Ok(String::new()), |value| name(field, Some(value)))
}

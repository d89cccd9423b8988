//! The way back to the app: its own address, untouched, with what the dialog adds behind it.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::form_urlencoded::Serializer;

/// What Facebook leaves at the end of every way back.
const FRAGMENT: &str = "#_=_";

/// An app's address with the state that it wants back.
pub(super) struct Redirect<'a> {
    uri: &'a str,
    state: Option<&'a str>,
}

impl<'a> Redirect<'a> {
    /// Returns the way back to an address.
    pub(super) fn new(uri: &'a str, state: Option<&'a str>) -> Self {
        Self { uri, state }
    }

    /// Returns the app's address as it was given.
    pub(super) fn uri(&self) -> &'a str {
        self.uri
    }

    /// Goes back with a code.
    pub(super) fn consented(&self, code: &str) -> Response {
        self.go(&[("code", code)])
    }

    /// Goes back with the news that the person declined.
    pub(super) fn denied(&self) -> Response {
        self.go(&[
            ("error", "access_denied"),
            ("error_code", "200"),
            ("error_reason", "user_denied"),
            ("error_description", "Permissions error"),
        ])
    }

    fn go(&self, added: &[(&str, &str)]) -> Response {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(added);
        if let Some(state) = self.state {
            query.append_pair("state", state);
        }
        let base = self.uri.split('#').next().unwrap_or_default();
        let joint = match base.split_once('?') {
            None => "?",
            Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
            Some(_) => "&",
        };
        let target = format!("{base}{joint}{}{FRAGMENT}", query.finish());
        match HeaderValue::try_from(target) {
            Ok(target) => (
                StatusCode::FOUND,
                [(header::LOCATION, target), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
            )
                .into_response(),
            Err(_) => StatusCode::BAD_REQUEST.into_response(),
        }
    }
}

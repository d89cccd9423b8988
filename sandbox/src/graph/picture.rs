//! `/{id}/picture`: Meta sends the caller on to the file, unless it is asked to name it.

use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::Request;

/// Tells whether a call wants to be sent on to a picture.
pub(super) fn is_asked(request: &Request) -> bool {
    let names_it = request.params.get("redirect").is_some_and(|redirect| !super::params::is_on(redirect));
    request.method == Method::GET && matches!(request.parts()[..], [_, "picture"]) && !names_it
}

/// Returns the way to a picture.
pub(super) fn redirect(body: &Value) -> Option<Response> {
    let url = body["data"]["url"].as_str()?;
    let headers = [(header::LOCATION, url), (header::CONTENT_TYPE, "image/jpeg")];
    Some((StatusCode::FOUND, headers).into_response())
}

//! Which page of another origin a browser lets use the door: the one that the sandbox was told of, and no other. A browser
//! sends some writes without asking first; those of other pages are refused.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::state::Shared;

/// Lets that page's scripts ask and read.
pub(crate) async fn allow(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let known = shared.config.page_origin.as_deref();
    let asked =
        request.headers().get(header::ORIGIN).filter(|asked| known.is_some_and(|known| *asked == known)).cloned();
    let Some(origin) = asked else {
        return if is_foreign(&request) { StatusCode::FORBIDDEN.into_response() } else { next.run(request).await };
    };
    let is_question = request.method() == Method::OPTIONS;
    let mut response = if is_question { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if is_question {
        let methods = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    response
}

/// Whether a page of another origin than ours writes by the door.
fn is_foreign(request: &Request) -> bool {
    let Some(origin) = request.headers().get(header::ORIGIN) else { return false };
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_own = is_loopback(host) && origin.as_bytes() == format!("http://{host}").as_bytes();
    request.uri().path().starts_with("/_sandbox") && !request.method().is_safe() && !is_own
}

/// Whether a host, with its port, is a name of this machine: others may lead here too, by whoever owns them.
fn is_loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    ["127.0.0.1", "localhost", "[::1]"].contains(&name)
}

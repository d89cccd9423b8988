//! Which page of another origin a browser lets use the door: the one that the sandbox was told of, and no other.

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
    let Some(origin) = asked else { return next.run(request).await };
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

//! What is said about every request in the log, and to browsers with every page.

use axum::body::Body;
use axum::extract::MatchedPath;
use axum::http::{HeaderName, HeaderValue, Request, header};
use axum::response::Response;
use tower_http::classify::{ServerErrorsAsFailures, SharedClassifier};
use tower_http::trace::TraceLayer;
use tracing::Span;

use crate::config::Config;

type RequestSpan = fn(&Request<Body>) -> Span;

/// Logs each request by its method and its route. Never by its address: tokens, codes and states travel in the query,
/// an id that is its own proof in the path, and a lost caller puts anything anywhere.
pub(crate) fn trace() -> TraceLayer<SharedClassifier<ServerErrorsAsFailures>, RequestSpan> {
    let span: RequestSpan = |request| {
        let route = route(request.extensions().get::<MatchedPath>());
        let span = tracing::info_span!("request", method = method(request), route);
        // Whoever asks may be part of something larger.
        if let Some(parent) = request.headers().get("traceparent").and_then(|parent| parent.to_str().ok()) {
            queue::trace::follow(&span, parent);
        }
        span
    };
    TraceLayer::new_for_http().make_span_with(span)
}

/// A method is whatever the caller writes; one that is none of ours is not repeated.
pub(crate) fn method(request: &Request<Body>) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| request.method() == known).unwrap_or("other")
}

/// The route of a request as it is written in the router, and not as the caller wrote it.
pub(crate) fn route(matched: Option<&MatchedPath>) -> &str {
    matched.map_or("none", MatchedPath::as_str)
}

/// Lets a page's form lead to Meta's dialog: a browser asks the policy of every address that it is sent on to, and phones are
/// sent on within Meta. Only for pages whose forms are ours.
pub(crate) fn let_forms_lead_away(response: &mut Response, config: &Config) {
    let dialog = config.dialog.base_url.origin().ascii_serialization();
    widen(response, "form-action 'self'", &format!("https: {dialog}"));
}

/// Lets a page's scripts ask another origin too. Only for the demo page, which plays with the stand-ins.
pub(crate) fn let_scripts_ask(response: &mut Response, origin: &str) {
    widen(response, "connect-src 'self'", origin);
}

/// Adds what a page's policy allows.
fn widen(response: &mut Response, allowed: &str, more: &str) {
    let headers = response.headers_mut();
    let policy = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
    let policy = policy.map(|policy| policy.replace(allowed, &format!("{allowed} {more}")));
    if let Some(policy) = policy.and_then(|policy| HeaderValue::try_from(policy).ok()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Puts on a page what keeps it from being framed, scripted, or telling others where a person came from.
pub(crate) fn protect(response: &mut Response, config: &Config) {
    let media = config.media_origins.join(" ");
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: {media}; media-src {media}; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

//! The pages that people see: templates filled, with the headers that protect them.

use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use chrono::{DateTime, Utc};
use entities::app;
use url::form_urlencoded;
use worker::exchange::AppRef;
use worker::feed_body::rfc3339;

use crate::auth::{Auth, BrowserProof};
use crate::headers::protect;
use crate::languages::Language;
use crate::state::AppState;

/// The most sites that a page names; of the rest it says how many there are.
const NAMED_SITES: usize = 6;

/// Whether a caller is a browser that a person looks at.
pub(crate) fn is_wanted(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|kinds| kinds.to_str().ok()).is_some_and(|kinds| kinds.contains("text/html"))
}

/// Where a person may begin again for `app`. Where `/connect` asks for a token, which only the host platform can sign,
/// the browser that began the run has a proof of its own; so it has where the run began at a reconnect link, which tells what
/// account is wanted.
pub(crate) fn retry_url(
    state: &AppState,
    headers: &HeaderMap,
    (run_id, is_reconnect): (&str, bool),
    app: &AppRef,
    after: Option<&str>,
) -> Option<String> {
    if matches!(state.config.auth, Auth::Open) && !is_reconnect {
        return Some(connect_url(app, after));
    }
    let proof = BrowserProof::of(headers, &state.keyring, run_id)?;
    proof.may_try_again(state.now()).then(|| address("/users/oauth", &[("again", Some(run_id)), ("after", after)]))
}

/// Takes a run's cookie from its browser.
pub(crate) fn forget_proof(response: &mut Response, state: &AppState, run_id: &str) {
    if let Ok(cookie) = HeaderValue::try_from(BrowserProof::unset_cookie(run_id, state.config.is_https())) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Returns where a person begins to connect an account to an app.
pub(crate) fn connect_url(app: &AppRef, after: Option<&str>) -> String {
    let AppRef { app_id, user, app_type } = app;
    let params =
        [("app_id", Some(app_id.as_str())), ("user", Some(user)), ("app_type", Some(app_type)), ("after", after)];
    address("/connect", &params)
}

/// Returns an address of ours; what is empty is left out.
pub(crate) fn address(path: &str, params: &[(&str, Option<&str>)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in params {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            query.append_pair(name, value);
        }
    }
    format!("{path}?{}", query.finish())
}

/// A day, or a time of a day, for a page: in words, and for scripts.
#[derive(Debug)]
pub(crate) struct Shown {
    /// In words.
    pub words: String,
    /// As RFC 3339 writes it.
    pub at: String,
}

impl Shown {
    /// Writes a day.
    pub(crate) fn new(l: &Language, at: DateTime<Utc>) -> Self {
        Self { words: l.date(at), at: rfc3339(at) }
    }

    /// Writes a day and a time.
    pub(crate) fn with_time(l: &Language, at: DateTime<Utc>) -> Self {
        Self { words: format!("{}, {} UTC", l.date(at), at.format("%H:%M")), at: rfc3339(at) }
    }
}

/// Whether we know an app's sites, and not only its kind and its id.
pub(crate) fn is_known(app: &app::Model) -> bool {
    !app.allowed_origins.0.is_empty()
}

/// Names the sites of these apps as their owner knows them; of many the first.
pub(crate) fn shown_on(apps: &[app::Model]) -> String {
    let sites = worker::letters::sites(apps);
    let (named, more) = sites.split_at(sites.len().min(NAMED_SITES));
    let named = named.join(", ");
    if more.is_empty() { named } else { format!("{named}, … (+{})", more.len()) }
}

/// Writes a page in a language.
pub(crate) fn render_in(state: &AppState, status: StatusCode, l: &Language, page: &impl Template) -> Response {
    let mut response = render(state, status, page);
    response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(l.tag));
    response
}

/// Writes a page.
pub(crate) fn render(state: &AppState, status: StatusCode, page: &impl Template) -> Response {
    let mut response = match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    };
    protect(&mut response, &state.config);
    response
}

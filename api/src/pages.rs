//! The pages that people see: templates filled, with the headers that protect them.

use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use entities::job_run::State;
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded;
use worker::exchange::AppRef;

use crate::auth::{Auth, BrowserProof};
use crate::headers::protect;
use crate::job_view::RunView;
use crate::problem::Problem;
use crate::state::AppState;

/// Why somebody is turned away at the door, in words.
#[derive(Debug)]
pub(crate) struct Refused {
    /// Stable, for machines.
    pub code: &'static str,
    /// The heading.
    pub title: &'static str,
    /// What happened.
    pub message: &'static str,
    /// The one fix.
    pub advice: &'static str,
}

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage {
    code: &'static str,
    title: &'static str,
    message: &'static str,
    advice: &'static str,
    retry_url: Option<String>,
}

#[derive(Template)]
#[template(path = "progress.html")]
struct ProgressPage {
    job_id: String,
    state: &'static str,
    result: Option<ResultView>,
    error: Option<ErrorView>,
    app_id: String,
    retry_url: Option<String>,
    home_url: Option<String>,
    poll_url: String,
}

struct ResultView {
    account: String,
    page_name: String,
    ends_at: Option<String>,
}

#[derive(Deserialize)]
struct ErrorView {
    code: String,
    message: String,
    advice: String,
    #[serde(default)]
    pages: Vec<PageView>,
}

#[derive(Deserialize)]
struct PageView {
    id: String,
    name: String,
    account: Option<String>,
    usable: bool,
}

/// What somebody does who cannot begin again from our pages.
pub(crate) const FROM_THE_SITE: &str = "Start again from your site's settings.";

/// Answers with the page that says why; without a way to begin again from here it says where there is one.
pub(crate) fn refused(state: &AppState, status: StatusCode, page: &Refused, retry_url: Option<String>) -> Response {
    let &Refused { code, title, message, mut advice } = page;
    if retry_url.is_none() {
        advice = FROM_THE_SITE;
    }
    render(state, status, &RefusedPage { code, title, message, advice, retry_url })
}

/// Answers with the page that says why, to somebody who did not begin at a site: it says itself where to go on.
pub(crate) fn turned_away(state: &AppState, status: StatusCode, page: &Refused) -> Response {
    let &Refused { code, title, message, advice } = page;
    render(state, status, &RefusedPage { code, title, message, advice, retry_url: None })
}

/// Whether a caller is a browser that a person looks at.
pub(crate) fn is_wanted(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|kinds| kinds.to_str().ok()).is_some_and(|kinds| kinds.contains("text/html"))
}

/// Answers a person with the page that says what a problem means for them, and anybody else with the problem.
pub(crate) fn or_problem(state: &AppState, headers: &HeaderMap, problem: Problem) -> Response {
    if !is_wanted(headers) {
        return problem.into_response();
    }
    let (status, code) = (problem.status(), problem.code());
    tracing::debug!(code, "turned away at the door");
    let (title, message, advice) = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => NO_ENTRY,
        StatusCode::SERVICE_UNAVAILABLE if code == "app_misconfigured" => NOT_SET_UP,
        StatusCode::SERVICE_UNAVAILABLE => AWAY,
        _ => BROKEN_LINK,
    };
    let mut response = render(state, status, &RefusedPage { code, title, message, advice, retry_url: None });
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// A heading, what happened, and the one fix.
type Words = (&'static str, &'static str, &'static str);

const NO_ENTRY: Words = (
    "This link cannot be used",
    "The link that leads here works once, for a few minutes, and for the site that made it.",
    FROM_THE_SITE,
);
const BROKEN_LINK: Words = (
    "This link is broken",
    "The address that brought you here lacks something, or holds something twice or in a form that we cannot read.",
    FROM_THE_SITE,
);
const NOT_SET_UP: Words = (
    "Connecting is not set up yet",
    "Whoever runs this service has to set up its Facebook app before anybody can connect an account.",
    "Tell the people behind your site; then try again.",
);
const AWAY: Words = (
    "We cannot do this right now",
    "A part of the service cannot be reached. It is not your fault, and it passes.",
    "Wait a moment, then load this page again.",
);

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

/// Answers with a run's progress or outcome.
pub(crate) fn progress(state: &AppState, headers: &HeaderMap, view: &RunView) -> Response {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let result = view.run.result.as_ref().map(|result| ResultView {
        account: text(&result["instagram_account"]).unwrap_or_default(),
        page_name: text(&result["page"]["name"]).unwrap_or_default(),
        ends_at: text(&result["ends_at"]),
    });
    let error: Option<ErrorView> = view.run.error.clone().and_then(|error| serde_json::from_value(error).ok());
    let app = AppRef {
        app_id: view.run.app_id.clone().unwrap_or_default(),
        user: view.run.user.clone().unwrap_or_default(),
        app_type: String::new(),
    };
    let after = error.as_ref().map(|error| error.code.as_str());
    let page = ProgressPage {
        retry_url: retry_url(state, headers, (&view.run.id, view.run.subject.is_some()), &app, after),
        poll_url: format!("/users/oauth?job_id={}", view.run.id),
        home_url: state.config.demo.as_ref().map(|demo| demo.page_of(&app.app_id).to_owned()),
        job_id: view.run.id.clone(),
        state: view.state.as_str(),
        result,
        error,
        app_id: app.app_id,
    };
    let mut response = render(state, StatusCode::OK, &page);
    if view.run.state == State::Done && BrowserProof::of(headers, &state.keyring, &view.run.id).is_some() {
        // Nothing is left to try again, so nothing is left in the browser to be stolen.
        forget_proof(&mut response, state, &view.run.id);
    }
    response
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
fn address(path: &str, params: &[(&str, Option<&str>)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in params {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            query.append_pair(name, value);
        }
    }
    format!("{path}?{}", query.finish())
}

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

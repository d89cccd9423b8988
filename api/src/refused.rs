//! Who is turned away at the door, and the page that says why.

use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::languages::{Language, Service, Told};
use crate::pages::{is_wanted, render_in};
use crate::problem::Problem;
use crate::sending::Sent;
use crate::state::AppState;

/// Why somebody is turned away at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The person said no.
    Denied,
    /// The dialog failed.
    DialogFailed,
    /// The state is none of ours.
    Forged,
    /// The state is of another browser.
    Foreign,
    /// The state has been used.
    Reused,
    /// The state is too old.
    Expired,
    /// The dialog gave neither a code nor a reason.
    NoCode,
    /// Nobody knows the run.
    UnknownRun,
    /// It is too late to go on from our page.
    TooLate,
    /// It was tried again too often.
    TooOften,
    /// The choice of a Page is over.
    ChoiceExpired,
    /// The letter's link is none of ours.
    LinkForged,
    /// The letter's link is too old.
    LinkExpired,
    /// What the letter's link renews is gone.
    LinkForgotten,
    /// The letter's link has served.
    LinkUsed,
    /// The host platform's word is missing or does not count.
    NoEntry,
    /// The address cannot be read.
    BrokenLink,
    /// The operator has set up no app at the other side.
    NotSetUp,
    /// A part of the service is away.
    Away,
}

impl Refused {
    /// All of them.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 19] = [
        Self::Denied,
        Self::DialogFailed,
        Self::Forged,
        Self::Foreign,
        Self::Reused,
        Self::Expired,
        Self::NoCode,
        Self::UnknownRun,
        Self::TooLate,
        Self::TooOften,
        Self::ChoiceExpired,
        Self::LinkForged,
        Self::LinkExpired,
        Self::LinkForgotten,
        Self::LinkUsed,
        Self::NoEntry,
        Self::BrokenLink,
        Self::NotSetUp,
        Self::Away,
    ];

    /// Returns its word for machines: stable.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::DialogFailed => "dialog_failed",
            Self::Forged => "state_forged",
            Self::Foreign => "state_foreign",
            Self::Reused => "state_reused",
            Self::Expired => "state_expired",
            Self::NoCode => "no_code",
            Self::UnknownRun => "job_unknown",
            Self::TooLate => "again_too_late",
            Self::TooOften => "again_too_often",
            Self::ChoiceExpired => "choice_expired",
            Self::LinkForged => "link_forged",
            Self::LinkExpired => "link_expired",
            Self::LinkForgotten => "link_unknown",
            Self::LinkUsed => "link_used",
            Self::NoEntry => "unauthorised",
            Self::BrokenLink => "bad_request",
            Self::NotSetUp => "app_misconfigured",
            Self::Away => "unavailable",
        }
    }

    /// Whether something was changed before, so that the page must not say otherwise; or nothing could have been.
    const fn is_done(self) -> bool {
        matches!(self, Self::Reused | Self::LinkUsed | Self::UnknownRun)
    }

    /// Returns what a problem means for a person.
    fn of(problem: &Problem) -> Self {
        match problem.status() {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Self::NoEntry,
            StatusCode::SERVICE_UNAVAILABLE if problem.code() == "app_misconfigured" => Self::NotSetUp,
            StatusCode::SERVICE_UNAVAILABLE => Self::Away,
            StatusCode::CONFLICT => Self::ChoiceExpired,
            StatusCode::NOT_FOUND => Self::UnknownRun,
            _ => Self::BrokenLink,
        }
    }
}

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage {
    l: &'static Language,
    code: &'static str,
    told: Told,
    is_done: bool,
    retry_url: Option<String>,
    sent: Sent,
}

/// Answers with the page that says why; without a way to begin again from here it says where there is one.
pub(crate) fn refused(
    state: &AppState,
    l: &'static Language,
    (why, service): (Refused, Service),
    retry_url: Option<String>,
) -> Response {
    let mut told = (l.refused)(why, service);
    if retry_url.is_none() {
        l.general.from_the_site.clone_into(&mut told.advice);
    }
    page(state, l, StatusCode::BAD_REQUEST, (why, why.code(), service), told, retry_url)
}

/// Answers with the page that says why, to somebody who did not begin at a site: it says itself where to go on.
pub(crate) fn turned_away(state: &AppState, l: &'static Language, why: Refused) -> Response {
    let told = (l.refused)(why, Service::Facebook);
    page(state, l, StatusCode::BAD_REQUEST, (why, why.code(), Service::Facebook), told, None)
}

/// Answers a person with the page that says what a problem means for them, and anybody else with the problem.
pub(crate) fn or_problem(state: &AppState, headers: &HeaderMap, service: Service, problem: Problem) -> Response {
    if !is_wanted(headers) {
        return problem.into_response();
    }
    let (status, code, why) = (problem.status(), problem.code(), Refused::of(&problem));
    tracing::debug!(code, "turned away at the door");
    let l = Language::choose(None, headers);
    let mut response = page(state, l, status, (why, code, service), (l.refused)(why, service), None);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

fn page(
    state: &AppState,
    l: &'static Language,
    status: StatusCode,
    (why, code, service): (Refused, &'static str, Service),
    told: Told,
    retry_url: Option<String>,
) -> Response {
    let sent = Sent::new(l, service, &told, None);
    render_in(state, status, l, &RefusedPage { l, code, told, is_done: why.is_done(), retry_url, sent })
}

//! `GET /users/oauth`: Meta sends the browser back, with a code or with a no.
//!
//! The page that answers shows the progress of the run and, by `?job_id=`, its outcome: the one-time code leaves the
//! address bar, and a reload asks for the outcome instead of using the code again.

use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use queue::Job;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::{IntoParams, IntoResponses};
use worker::exchange::{Credential, Request, is_credential};
use worker::jobs::ExchangeToken;

use super::bad_query;
use super::connect::{Again, to_dialog};
use super::exchange::begin;
use super::reconnect::wanted;
use crate::auth::BrowserProof;
use crate::connect_state::ConnectState;
use crate::document::refusals::{
    APP_MISCONFIGURED, BAD_PARAMETER, BAD_QUERY, Responses, UNAVAILABLE, or_page, refusals,
};
use crate::job_view;
use crate::pages::{self, FROM_THE_SITE, Refused};
use crate::problem::Problem;
use crate::state::AppState;

/// What Meta sends, or our own page asks.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Params {
    /// Meta's one-time code.
    #[param(value_type = Option<String>, format = Password)]
    code: Option<SecretString>,
    /// The state that `/connect` gave.
    #[param(value_type = Option<String>, format = Password)]
    state: Option<SecretString>,
    /// Meta's word for a no, or for what went wrong.
    error: Option<String>,
    /// Why, in Meta's words: `user_denied` is a no.
    error_reason: Option<String>,
    /// Meta's number for what went wrong.
    error_code: Option<String>,
    /// What went wrong, in Meta's words.
    error_message: Option<String>,
    /// The job whose progress is shown.
    job_id: Option<String>,
    /// The job whose browser wants to try again.
    again: Option<String>,
    /// The refusal after which it does.
    after: Option<String>,
}

/// What Meta sends in place of a code.
enum Trouble {
    /// The person said no.
    Denied,
    /// The dialog failed; Meta's word for it, as far as it may be repeated in the log.
    AtMeta(String),
}

impl Trouble {
    fn of(params: &Params) -> Option<Self> {
        let Params { error, error_reason, error_code, error_message, .. } = params;
        let word = [error, error_code, error_message].into_iter().flatten().next()?;
        if error.as_deref() == Some("access_denied") || error_reason.as_deref() == Some("user_denied") {
            return Some(Self::Denied);
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let is_word = (1..=40).contains(&word.len()) && word.bytes().all(plain) && !is_credential(word);
        Some(Self::AtMeta(if is_word { word.clone() } else { "…".to_owned() }))
    }
}

struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        or_page(refusals(&[&[BAD_QUERY, BAD_PARAMETER, APP_MISCONFIGURED, UNAVAILABLE]]))
    }
}

/// Brings a person back from Meta's dialog; made for browsers.
///
/// Starts the exchange and shows its progress; or shows that of one under way; or sends a browser to the dialog again.
#[utoipa::path(
    get,
    path = "/users/oauth",
    tag = "connect",
    operation_id = "arrive",
    security(()),
    params(Params),
    responses(
        (status = 200, description = "The page with the progress and the outcome.", body = String,
            content_type = "text/html"),
        (status = 302, description = "To Meta's dialog again."),
        Refusals,
    ),
)]
pub(crate) async fn arrive(
    State(state): State<AppState>,
    headers: HeaderMap,
    params: Result<Query<Params>, QueryRejection>,
) -> Response {
    let arrived = match params {
        Ok(Query(params)) => take(&state, &headers, params).await,
        Err(error) => Err(bad_query(&error)),
    };
    arrived.unwrap_or_else(|problem| pages::or_problem(&state, &headers, problem))
}

async fn take(state: &AppState, headers: &HeaderMap, params: Params) -> Result<Response, Problem> {
    if let Some(job_id) = params.job_id {
        return Ok(match job_view::find(state, &job_id, Duration::ZERO).await {
            Ok(view) if view.run.kind == ExchangeToken::NAME => pages::progress(state, headers, &view),
            Ok(_) => refused(state, headers, &UNKNOWN_RUN, None),
            Err(problem) if problem.is(StatusCode::NOT_FOUND) => refused(state, headers, &UNKNOWN_RUN, None),
            Err(problem) => return Err(problem),
        });
    }
    if let Some(run_id) = params.again {
        return again(state, headers, &run_id, params.after.as_deref()).await;
    }
    let trouble = Trouble::of(&params);
    let Some(connect) = ConnectState::open(&state.keyring, params.state.unwrap_or_default().expose_secret()) else {
        return Ok(refused(state, headers, &FORGED, None));
    };
    let refused = |page| refused(state, headers, page, Some(&connect));
    if connect.is_over(state.now()) {
        return Ok(refused(&EXPIRED));
    }
    if BrowserProof::of(headers, &state.keyring, &connect.run_id).is_none() {
        return Ok(refused(&FOREIGN));
    }
    let of_size = |code: &SecretString| (1..=4_096).contains(&code.expose_secret().len());
    let code = match (trouble, params.code.filter(of_size)) {
        (None, Some(code)) => code,
        (Some(Trouble::Denied), _) => {
            // A no uses the state up as a yes does.
            let run_id = connect.run_id.clone();
            let is_new = ExchangeToken::deny(&state.db, run_id, &connect.app, state.now()).await?;
            return Ok(refused(if is_new { &DENIED } else { &REUSED }));
        }
        (Some(Trouble::AtMeta(word)), _) => {
            // Nobody decided anything: the state stays as it is, and the way through the dialog may be gone again.
            tracing::warn!(word, "Meta's dialog ended with an error of its own");
            return Ok(refused(&DIALOG_FAILED));
        }
        (None, None) => return Ok(refused(&NO_CODE)),
    };
    let reconnect = match &connect.link {
        None => None,
        Some(link) => match wanted(state, link).await? {
            Ok(reconnect) => Some(reconnect),
            Err(page) => return Ok(pages::turned_away(state, StatusCode::BAD_REQUEST, page)),
        },
    };
    let credential = Credential::Code { code, redirect_uri: state.config.redirect_uri() };
    let request = Request { app: connect.app.clone(), page_id: None, reconnect, credential };
    if !begin(state, connect.run_id.clone(), request).await? {
        return Ok(refused(&REUSED));
    }
    let view = job_view::find(state, &connect.run_id, Duration::ZERO).await?;
    Ok(pages::progress(state, headers, &view))
}

/// Begins anew for the app of a run that this browser began.
async fn again(state: &AppState, headers: &HeaderMap, run_id: &str, after: Option<&str>) -> Result<Response, Problem> {
    let proof = BrowserProof::of(headers, &state.keyring, run_id).filter(|proof| proof.may_try_again(state.now()));
    let Some(proof) = proof else { return Ok(refused(state, headers, &TOO_LATE, None)) };
    let again = Again::read(None, after)?;
    if !proof.take_a_try(state).await? {
        return Ok(refused(state, headers, &TOO_OFTEN, None));
    }
    let mut response = to_dialog(state, proof, again).await?;
    // The new run has a cookie of its own.
    pages::forget_proof(&mut response, state, run_id);
    Ok(response)
}

const DENIED: Refused = Refused {
    code: "denied",
    title: "You said no, and that is fine",
    message: "Facebook told us that you did not agree.",
    advice: "If that was a slip, try again and choose Continue.",
};
const DIALOG_FAILED: Refused = Refused {
    code: "dialog_failed",
    title: "Facebook could not finish this",
    message: "Facebook told us that something went wrong on its side. It is nothing that you did.",
    advice: "Wait a moment, then try again.",
};
const FORGED: Refused = Refused {
    code: "state_forged",
    title: "This link is not one of ours",
    message: "The address that brought you here was not made by us, or was changed on the way.",
    advice: FROM_THE_SITE,
};
const FOREIGN: Refused = Refused {
    code: "state_foreign",
    title: "This was started in another browser",
    message: "For your safety a connection can only be finished in the browser in which it was started.",
    advice: "Start again here, in one go.",
};
const REUSED: Refused = Refused {
    code: "state_reused",
    title: "This step is done already",
    message: "This answer from Facebook has been used; it works once.",
    advice: "If your account is not connected yet, start again.",
};
const EXPIRED: Refused = Refused {
    code: "state_expired",
    title: "That took a little too long",
    message: "The answer from Facebook came after the time that we keep a connection open for.",
    advice: "Start again; it takes less than a minute.",
};
const NO_CODE: Refused = Refused {
    code: "no_code",
    title: "Facebook sent nothing to work with",
    message: "The answer from Facebook holds neither a code nor a reason.",
    advice: "Start again.",
};
const UNKNOWN_RUN: Refused = Refused {
    code: "job_unknown",
    title: "This connection is no longer known",
    message: "Ended connections can be looked at for 7 days.",
    advice: FROM_THE_SITE,
};

const TOO_LATE: Refused = Refused {
    code: "again_too_late",
    title: "This page has waited too long",
    message: "Trying again from here works for two hours, in the browser in which you began.",
    advice: FROM_THE_SITE,
};

const TOO_OFTEN: Refused = Refused {
    code: "again_too_often",
    title: "That was tried a little too often",
    message: "Trying again from here works ten times.",
    advice: FROM_THE_SITE,
};

fn refused(state: &AppState, headers: &HeaderMap, page: &Refused, connect: Option<&ConnectState>) -> Response {
    let app_id = connect.map(|connect| connect.app.app_id.as_str());
    // Anybody can cause it, as often as they like.
    tracing::debug!(code = page.code, app_id, "connection refused at the door");
    let retry = connect.and_then(|ConnectState { run_id, app, link, .. }| {
        pages::retry_url(state, headers, (run_id, link.is_some()), app, None)
    });
    pages::refused(state, StatusCode::BAD_REQUEST, page, retry)
}

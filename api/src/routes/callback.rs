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
use super::welcome::{How, begin_url};
use crate::auth::BrowserProof;
use crate::connect_state::ConnectState;
use crate::document::refusals::{
    APP_MISCONFIGURED, BAD_PARAMETER, BAD_QUERY, Responses, UNAVAILABLE, or_page, or_turned_away, refusals,
};
use crate::languages::{Language, Service};
use crate::pages;
use crate::problem::Problem;
use crate::progress_page::progress;
use crate::refused::{self, Refused, or_problem, turned_away};
use crate::state::AppState;
use crate::{job_view, welcome_page};

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
    /// The visit whose browser is asked first whether it wants to begin.
    welcome: Option<String>,
    /// The visit whose browser begins, from that page.
    begin: Option<String>,
    /// The refusal after which it tries again.
    after: Option<String>,
    /// What Meta is to ask anew.
    auth_type: Option<String>,
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

/// Why somebody is told by a page that it does not go on.
const TURNED_AWAY: [Refused; 12] = [
    Refused::Denied,
    Refused::DialogFailed,
    Refused::Forged,
    Refused::Foreign,
    Refused::Reused,
    Refused::Expired,
    Refused::NoCode,
    Refused::UnknownRun,
    Refused::TooLate,
    Refused::TooOften,
    Refused::LinkForgotten,
    Refused::LinkUsed,
];

struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        let responses = or_page(refusals(&[&[BAD_QUERY, BAD_PARAMETER, APP_MISCONFIGURED, UNAVAILABLE]]));
        or_turned_away(responses, &TURNED_AWAY)
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
    arrived.unwrap_or_else(|problem| or_problem(&state, &headers, Service::Facebook, problem))
}

async fn take(state: &AppState, headers: &HeaderMap, params: Params) -> Result<Response, Problem> {
    if let Some(job_id) = params.job_id {
        return Ok(match job_view::find(state, &job_id, Duration::ZERO).await {
            Ok(view) if view.run.kind == ExchangeToken::NAME => progress(state, headers, &view).await,
            Ok(_) => refused(state, headers, Refused::UnknownRun, None).await,
            Err(problem) if problem.is(StatusCode::NOT_FOUND) => {
                refused(state, headers, Refused::UnknownRun, None).await
            }
            Err(problem) => return Err(problem),
        });
    }
    let how = (params.auth_type.as_deref(), params.after.as_deref());
    if let Some(run_id) = params.welcome {
        return Ok(match proof(state, headers, &run_id) {
            Some(proof) => welcome_page::show(state, headers, &proof.app.app_id, begin_url(&run_id, how)).await,
            None => refused(state, headers, Refused::TooLate, None).await,
        });
    }
    if let Some(run_id) = params.begin {
        // Whoever comes back from the dialog by the browser's own button begins again: the cookie stays.
        return again(state, headers, &run_id, how).await.map(|(response, _)| response);
    }
    if let Some(run_id) = params.again {
        let (mut response, has_begun) = again(state, headers, &run_id, how).await?;
        if has_begun {
            // The new run has a cookie of its own.
            pages::forget_proof(&mut response, state, &run_id);
        }
        return Ok(response);
    }
    let trouble = Trouble::of(&params);
    let Some(connect) = ConnectState::open(&state.keyring, params.state.unwrap_or_default().expose_secret()) else {
        return Ok(refused(state, headers, Refused::Forged, None).await);
    };
    let refused = |why| refused(state, headers, why, Some(&connect));
    if connect.is_over(state.now()) {
        return Ok(refused(Refused::Expired).await);
    }
    if BrowserProof::of(headers, &state.keyring, &connect.run_id).is_none() {
        return Ok(refused(Refused::Foreign).await);
    }
    let of_size = |code: &SecretString| (1..=4_096).contains(&code.expose_secret().len());
    let code = match (trouble, params.code.filter(of_size)) {
        (None, Some(code)) => code,
        (Some(Trouble::Denied), _) => {
            // A no uses the state up as a yes does.
            let run_id = connect.run_id.clone();
            let is_new = ExchangeToken::deny(&state.db, run_id, &connect.app, state.now()).await?;
            return Ok(refused(if is_new { Refused::Denied } else { Refused::Reused }).await);
        }
        (Some(Trouble::AtMeta(word)), _) => {
            // Nobody decided anything: the state stays as it is, and the way through the dialog may be gone again.
            tracing::warn!(word, "Meta's dialog ended with an error of its own");
            return Ok(refused(Refused::DialogFailed).await);
        }
        (None, None) => return Ok(refused(Refused::NoCode).await),
    };
    let reconnect = match &connect.link {
        None => None,
        Some(link) => match wanted(state, link).await? {
            Ok(reconnect) => Some(reconnect),
            Err(why) => {
                let l = Language::of_app(state, headers, &connect.app.app_id).await;
                return Ok(turned_away(state, l, why));
            }
        },
    };
    let credential = Credential::Code { code, redirect_uri: state.config.redirect_uri() };
    let request = Request { app: connect.app.clone(), page_id: None, reconnect, credential };
    if !begin(state, connect.run_id.clone(), request).await? {
        return Ok(refused(Refused::Reused).await);
    }
    let view = job_view::find(state, &connect.run_id, Duration::ZERO).await?;
    Ok(progress(state, headers, &view).await)
}

/// What this browser may still go on with, from a page of ours.
fn proof(state: &AppState, headers: &HeaderMap, run_id: &str) -> Option<BrowserProof> {
    BrowserProof::of(headers, &state.keyring, run_id).filter(|proof| proof.may_try_again(state.now()))
}

/// Begins anew for the app of a run that this browser began; or says why not.
async fn again(
    state: &AppState,
    headers: &HeaderMap,
    run_id: &str,
    (auth_type, after): How<'_>,
) -> Result<(Response, bool), Problem> {
    let Some(proof) = proof(state, headers, run_id) else {
        return Ok((refused(state, headers, Refused::TooLate, None).await, false));
    };
    let again = Again::read(auth_type, after)?;
    if !proof.take_a_try(state).await? {
        return Ok((refused(state, headers, Refused::TooOften, None).await, false));
    }
    Ok((to_dialog(state, proof, again).await?, true))
}

async fn refused(state: &AppState, headers: &HeaderMap, why: Refused, connect: Option<&ConnectState>) -> Response {
    let app_id = connect.map(|connect| connect.app.app_id.as_str());
    // Anybody can cause it, as often as they like.
    tracing::debug!(code = why.code(), app_id, "connection refused at the door");
    let retry = connect.and_then(|ConnectState { run_id, app, link, .. }| {
        pages::retry_url(state, headers, (run_id, link.is_some()), app, None)
    });
    let l = Language::of_app(state, headers, app_id.unwrap_or_default()).await;
    refused::refused(state, l, (why, Service::Facebook), retry)
}

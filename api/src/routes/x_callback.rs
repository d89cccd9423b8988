//! `GET /x/callback`: X sends the browser back, with a code or with a no. A code lives for half a minute, so it is worked on
//! at once, and the page waits for the outcome.

use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use queue::Job;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::{IntoParams, IntoResponses};
use worker::jobs::{ExchangeXCode, XRequest};

use super::bad_query;
use crate::document::refusals::{BAD_QUERY, Responses, UNAVAILABLE, or_page, or_turned_away, refusals};
use crate::languages::{Language, Service};
use crate::problem::Problem;
use crate::refused::{self, Refused, or_problem};
use crate::state::{AppState, to_its_end};
use crate::x_state::{XBrowser, XState};
use crate::{job_view, x_page};

/// How long the page waits for the outcome.
const WAITS: Duration = Duration::from_secs(10);

/// What X sends, or our own page asks.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Params {
    /// X's one-time code.
    #[param(value_type = Option<String>, format = Password)]
    code: Option<SecretString>,
    /// The state that `/x/connect` gave.
    #[param(value_type = Option<String>, format = Password)]
    state: Option<SecretString>,
    /// X's word for a no, or for what went wrong.
    error: Option<String>,
    /// The job whose outcome is shown.
    job_id: Option<String>,
}

/// Why somebody is told by a page that it does not go on. A no has the page of the outcome.
const TURNED_AWAY: [Refused; 7] = [
    Refused::DialogFailed,
    Refused::Forged,
    Refused::Foreign,
    Refused::Reused,
    Refused::Expired,
    Refused::NoCode,
    Refused::UnknownRun,
];

struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        or_turned_away(or_page(refusals(&[&[BAD_QUERY, UNAVAILABLE]])), &TURNED_AWAY)
    }
}

/// Brings a person back from X's consent page; made for browsers.
#[utoipa::path(
    get,
    path = "/x/callback",
    tag = "x",
    operation_id = "x_arrive",
    security(()),
    params(Params),
    responses(
        (status = 200, description = "The page with the outcome, or with the progress after ten seconds.", body = String,
            content_type = "text/html"),
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
    arrived.unwrap_or_else(|problem| or_problem(&state, &headers, Service::X, problem))
}

async fn take(state: &AppState, headers: &HeaderMap, params: Params) -> Result<Response, Problem> {
    if let Some(job_id) = params.job_id {
        return match job_view::find(state, &job_id, Duration::ZERO).await {
            Ok(view) if view.run.kind == ExchangeXCode::NAME => Ok(x_page::progress(state, headers, &view).await),
            Err(problem) if !problem.is(StatusCode::NOT_FOUND) => Err(problem),
            _ => Ok(refused(state, headers, Refused::UnknownRun)),
        };
    }
    let Some(connect) = XState::open(&state.keyring, params.state.unwrap_or_default().expose_secret()) else {
        return Ok(refused(state, headers, Refused::Forged));
    };
    if connect.is_over(state.now()) {
        return Ok(refused(state, headers, Refused::Expired));
    }
    let Some(browser) = XBrowser::of(headers, &state.keyring, &connect.run_id) else {
        return Ok(refused(state, headers, Refused::Foreign));
    };
    let of_size = |code: &SecretString| (1..=4_096).contains(&code.expose_secret().len());
    let is_new = match (params.error.as_deref(), params.code.filter(of_size)) {
        (None, Some(code)) => begin(state, &connect.run_id, &browser, code).await?,
        // A no uses the state up as a yes does.
        (Some("access_denied"), _) => {
            ExchangeXCode::deny(&state.db, connect.run_id.clone(), &browser.app, state.now()).await?
        }
        (Some(_), _) => return Ok(refused(state, headers, Refused::DialogFailed)),
        (None, None) => return Ok(refused(state, headers, Refused::NoCode)),
    };
    if !is_new {
        return Ok(refused(state, headers, Refused::Reused));
    }
    let view = job_view::find(state, &connect.run_id, WAITS).await?;
    Ok(x_page::progress(state, headers, &view).await)
}

/// Writes the run and pushes it; `false` if a run of this id has been begun before.
async fn begin(state: &AppState, run_id: &str, browser: &XBrowser, code: SecretString) -> Result<bool, Problem> {
    let (state, run_id) = (state.clone(), run_id.to_owned());
    let (redirect_uri, verifier) = (state.config.x_redirect_uri(), browser.verifier());
    let request = XRequest { app: browser.app.clone(), code, redirect_uri, verifier };
    to_its_end(async move {
        let job = ExchangeXCode::start(&state.db, &state.keyring, run_id, request, state.now()).await?;
        let Some(job) = job else { return Ok(false) };
        state.push(&job).await;
        Ok(true)
    })
    .await
}

fn refused(state: &AppState, headers: &HeaderMap, why: Refused) -> Response {
    // Anybody can cause it, as often as they like.
    tracing::debug!(code = why.code(), "connection refused at the door");
    refused::refused(state, Language::choose(None, headers), (why, Service::X), None)
}

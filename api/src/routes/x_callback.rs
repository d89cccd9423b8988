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
use crate::document::refusals::{BAD_QUERY, Responses, UNAVAILABLE, or_page, refusals};
use crate::pages::{self, FROM_THE_SITE, Refused};
use crate::problem::Problem;
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

struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        or_page(refusals(&[&[BAD_QUERY, UNAVAILABLE]]))
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
    arrived.unwrap_or_else(|problem| pages::or_problem(&state, &headers, problem))
}

async fn take(state: &AppState, headers: &HeaderMap, params: Params) -> Result<Response, Problem> {
    if let Some(job_id) = params.job_id {
        return match job_view::find(state, &job_id, Duration::ZERO).await {
            Ok(view) if view.run.kind == ExchangeXCode::NAME => Ok(x_page::progress(state, &view)),
            Err(problem) if !problem.is(StatusCode::NOT_FOUND) => Err(problem),
            _ => Ok(refused(state, &UNKNOWN_RUN)),
        };
    }
    let Some(connect) = XState::open(&state.keyring, params.state.unwrap_or_default().expose_secret()) else {
        return Ok(refused(state, &FORGED));
    };
    if connect.is_over(state.now()) {
        return Ok(refused(state, &EXPIRED));
    }
    let Some(browser) = XBrowser::of(headers, &state.keyring, &connect.run_id) else {
        return Ok(refused(state, &FOREIGN));
    };
    let of_size = |code: &SecretString| (1..=4_096).contains(&code.expose_secret().len());
    let is_new = match (params.error.as_deref(), params.code.filter(of_size)) {
        (None, Some(code)) => begin(state, &connect.run_id, &browser, code).await?,
        // A no uses the state up as a yes does.
        (Some("access_denied"), _) => {
            ExchangeXCode::deny(&state.db, connect.run_id.clone(), &browser.app, state.now()).await?
        }
        (Some(_), _) => return Ok(refused(state, &DIALOG_FAILED)),
        (None, None) => return Ok(refused(state, &NO_CODE)),
    };
    if !is_new {
        return Ok(refused(state, &REUSED));
    }
    let view = job_view::find(state, &connect.run_id, WAITS).await?;
    Ok(x_page::progress(state, &view))
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

fn refused(state: &AppState, page: &Refused) -> Response {
    // Anybody can cause it, as often as they like.
    tracing::debug!(code = page.code, "connection refused at the door");
    pages::refused(state, StatusCode::BAD_REQUEST, page, None)
}

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
    advice: FROM_THE_SITE,
};
const REUSED: Refused = Refused {
    code: "state_reused",
    title: "This step is done already",
    message: "This answer from X has been used; it works once.",
    advice: FROM_THE_SITE,
};
const EXPIRED: Refused = Refused {
    code: "state_expired",
    title: "That took a little too long",
    message: "The answer from X came after the time that we keep a connection open for.",
    advice: FROM_THE_SITE,
};
const DIALOG_FAILED: Refused = Refused {
    code: "dialog_failed",
    title: "X could not finish this",
    message: "X told us that something went wrong on its side. It is nothing that you did.",
    advice: FROM_THE_SITE,
};
const NO_CODE: Refused = Refused {
    code: "no_code",
    title: "X sent nothing to work with",
    message: "The answer from X holds neither a code nor a reason.",
    advice: FROM_THE_SITE,
};
const UNKNOWN_RUN: Refused = Refused {
    code: "job_unknown",
    title: "This connection is no longer known",
    message: "Ended connections can be looked at for 7 days.",
    advice: FROM_THE_SITE,
};

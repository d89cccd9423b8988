//! `GET /users/oauth`: Meta sends the browser back, with a code or with a no.
//!
//! The page that answers shows the progress of the run and, by `?job_id=`, its outcome: the one-time code leaves the
//! address bar, and a reload asks for the outcome instead of using the code again.

use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use queue::Job;
use serde::Deserialize;
use worker::exchange::{AppRef, Credential, Request};
use worker::jobs::ExchangeToken;

use super::exchange::begin;
use crate::connect_state::{ConnectState, StateError};
use crate::job_view;
use crate::pages::{self, Refused};
use crate::problem::Problem;
use crate::state::AppState;

/// What Meta sends, or our own page asks.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Params {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    job_id: Option<String>,
}

/// Starts the exchange and shows its progress.
pub(crate) async fn arrive(
    State(state): State<AppState>,
    headers: HeaderMap,
    params: Result<Query<Params>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(params) = params.map_err(|error| Problem::bad_request("bad_query", error.body_text()))?;
    if let Some(job_id) = params.job_id {
        return Ok(match job_view::find(&state, &job_id, Duration::ZERO).await {
            Ok(view) if view.run.kind == ExchangeToken::NAME => pages::progress(&state, &view),
            Ok(_) => refused(&state, &UNKNOWN_RUN, None),
            Err(problem) if problem.is(StatusCode::NOT_FOUND) => refused(&state, &UNKNOWN_RUN, None),
            Err(problem) => return Err(problem),
        });
    }
    let sealed = params.state.unwrap_or_default();
    let opened =
        ConnectState::open(&state.keyring, &sealed, |state| cookie(&headers, &state.cookie_name()), state.now());
    let connect = match opened {
        Ok(connect) => connect,
        Err(StateError::Forged) => return Ok(refused(&state, &FORGED, None)),
        Err(StateError::Expired(app)) => return Ok(refused(&state, &EXPIRED, Some(&app))),
        Err(StateError::Foreign(app)) => return Ok(refused(&state, &FOREIGN, Some(&app))),
    };
    let code = match (params.error, params.code.filter(|code| !code.is_empty() && code.len() <= 4_096)) {
        (None, Some(code)) => code,
        (Some(_), _) => {
            // A no uses the state up as a yes does.
            let is_new = ExchangeToken::deny(&state.db, connect.run_id, &connect.app, state.now()).await?;
            return Ok(refused(&state, if is_new { &DENIED } else { &REUSED }, Some(&connect.app)));
        }
        (None, None) => return Ok(refused(&state, &NO_CODE, Some(&connect.app))),
    };
    let credential = Credential::Code { code: code.into(), redirect_uri: state.config.redirect_uri() };
    let request = Request { app: connect.app.clone(), page_id: None, credential };
    let run_id = connect.run_id.clone();
    if !begin(&state, run_id.clone(), request).await? {
        return Ok(refused(&state, &REUSED, Some(&connect.app)));
    }
    let view = job_view::find(&state, &run_id, Duration::ZERO).await?;
    Ok(pages::progress(&state, &view))
}

const DENIED: Refused = Refused {
    code: "denied",
    title: "You said no, and that is fine",
    message: "Facebook told us that you did not agree.",
    advice: "If that was a slip, try again and choose Continue.",
};
const FORGED: Refused = Refused {
    code: "state_forged",
    title: "This link is not one of ours",
    message: "The address that brought you here was not made by us, or was changed on the way.",
    advice: "Start again from your site's settings.",
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
    advice: "Start again from your site's settings.",
};

fn refused(state: &AppState, page: &Refused, app: Option<&AppRef>) -> Response {
    tracing::info!(code = page.code, app_id = app.map(|app| app.app_id.as_str()), "connection refused at the door");
    pages::refused(state, page, app)
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| {
            pair.trim().split_once('=').filter(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
        })
}

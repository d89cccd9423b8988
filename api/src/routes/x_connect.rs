//! `GET /x/connect`: sends a browser to X's consent page, with a state that only this browser can bring back.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::{IntoParams, IntoResponses};
use worker::exchange::AppRef;

use super::connect::{elsewhere, found};
use super::{bad_query, name};
use crate::auth::Ticket;
use crate::document::refusals::{
    BAD_PARAMETER, BAD_QUERY, FORBIDDEN, Responses, TOKEN_EXPIRED, TOKEN_LIVES_TOO_LONG, TOKEN_USED, UNAUTHORISED,
    UNAVAILABLE, X_APP_MISCONFIGURED, or_page, refusals,
};
use crate::languages::Service;
use crate::problem::Problem;
use crate::refused::or_problem;
use crate::state::AppState;
use crate::x_state::{XBrowser, XState};

/// What is asked for: reading back what was posted is part of posting once.
const SCOPES: &str = "tweet.read tweet.write users.read media.write offline.access";

/// What the host platform sends a browser with.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Params {
    /// The host platform's id of the app.
    #[param(required, min_length = 1, max_length = 200)]
    app_id: Option<String>,
    /// The host platform's id of the app's owner.
    #[param(required, min_length = 1, max_length = 200)]
    user: Option<String>,
    /// The host platform's token for this one click.
    #[param(value_type = Option<String>, format = Password)]
    auth: Option<SecretString>,
}

struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        let caller = [UNAUTHORISED, TOKEN_EXPIRED, TOKEN_LIVES_TOO_LONG, TOKEN_USED, FORBIDDEN];
        // A person is shown a page.
        or_page(refusals(&[&[BAD_QUERY, BAD_PARAMETER, X_APP_MISCONFIGURED, UNAVAILABLE], &caller]))
    }
}

/// Redirects to X's consent page.
#[utoipa::path(
    get,
    path = "/x/connect",
    tag = "x",
    operation_id = "x_connect",
    security(("auth" = [])),
    params(Params),
    responses(
        (status = 302, description = "To X's consent page, with a state that this browser alone can bring back.",
            headers(("Location" = String, description = "The consent page."),
                ("Set-Cookie" = String, description = "Binds X's answer to this browser."))),
        Refusals,
    ),
)]
pub(crate) async fn redirect(
    State(state): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
    params: Result<Query<Params>, QueryRejection>,
) -> Response {
    if let Some(there) = elsewhere(&state, &headers, &uri) {
        return found(there).into_response();
    }
    let sent = match params {
        Ok(Query(params)) => send(&state, params).await,
        Err(error) => Err(bad_query(&error)),
    };
    sent.unwrap_or_else(|problem| or_problem(&state, &headers, Service::X, problem))
}

/// The host platform's token is used up last, when nothing can be wrong any more.
async fn send(state: &AppState, params: Params) -> Result<Response, Problem> {
    let ticket = Ticket::read(state, params.auth.as_ref())?;
    let (app_id, user) = (name("app_id", params.app_id)?, name("user", params.user)?);
    ticket.caller.may_ask_as(&app_id, &user)?;
    let Some(client_id) = &state.config.x_dialog.client_id else {
        let detail = "X_CLIENT_ID is not set: the operator has to set up an app at X before anybody can connect.";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "app_misconfigured", detail));
    };
    let unavailable = |error: serde_json::Error| Problem::unavailable(&error);
    let (browser, connect) =
        (XBrowser::new(AppRef { app_id, user, app_type: String::new() }), XState::new(state.now()));
    let url = consent_url(state, client_id, &browser, &connect.seal(&state.keyring).map_err(unavailable)?)?;
    let cookie = browser.set_cookie(&state.keyring, &connect.run_id, state.config.is_https()).map_err(unavailable)?;
    ticket.use_up(state).await?;
    Ok(([(header::SET_COOKIE, cookie)], found(url)).into_response())
}

fn consent_url(state: &AppState, client_id: &str, browser: &XBrowser, sealed: &str) -> Result<String, Problem> {
    let mut url = state.config.x_dialog.base_url.clone();
    url.path_segments_mut()
        .map_err(|()| Problem::unavailable(&"X_DIALOG_URL cannot hold a path"))?
        .pop_if_empty()
        .extend(["i", "oauth2", "authorize"]);
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", &state.config.x_redirect_uri())
        .append_pair("scope", SCOPES)
        .append_pair("state", sealed)
        .append_pair("code_challenge", &browser.challenge())
        .append_pair("code_challenge_method", "S256");
    // X wants its spaces so.
    Ok(String::from(url).replace('+', "%20"))
}

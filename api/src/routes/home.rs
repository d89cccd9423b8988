//! `GET /`: the demo page of `dev`, a tour to play with.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use entities::install;
use serde::Deserialize;
use worker::exchange::AppRef;
use worker::feed_body::rfc3339;

use super::connect::elsewhere;
use crate::demo::OWNER_EMAIL;
use crate::headers::let_scripts_ask;
use crate::pages;
use crate::problem::Problem;
use crate::state::AppState;

/// Which of the accounts is looked at.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Params {
    account: Option<String>,
}

#[derive(Template)]
#[template(path = "demo.html")]
struct DemoPage {
    app_id: String,
    user: String,
    owner_email: &'static str,
    connect_url: String,
    accounts: Vec<String>,
    /// The one that is shown; what the snippets name where there is none yet.
    shown: String,
    /// Where the stand-ins are to be played with.
    sandbox_url: Option<String>,
    public_url: String,
    /// What time it is for the service, which may follow the stand-ins.
    now: String,
    version: &'static str,
}

/// Shows the demo page, with the accounts that are connected to the demo app: one of them, the newest unless another is
/// asked for.
pub(crate) async fn show(
    State(state): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
    params: Result<Query<Params>, QueryRejection>,
) -> Result<Response, Problem> {
    let Some(demo) = state.config.demo.clone() else {
        return Err(Problem::not_found("no_such_route", "There is nothing here; see the README for the routes."));
    };
    // The stand-ins let the page play with them under the one name that they were told.
    if let Some(url) = elsewhere(&state, &headers, &uri) {
        return Ok(Redirect::temporary(&url).into_response());
    }
    let installs = install::Entity::of_app(&state.db.read, &demo.app_id).await?;
    let accounts: Vec<_> = installs.into_iter().map(|install| install.instagram_account).collect();
    let asked = params.ok().and_then(|Query(params)| params.account);
    let shown = asked.filter(|asked| accounts.contains(asked)).or_else(|| accounts.last().cloned());
    let whose = AppRef { app_id: demo.app_id.clone(), user: demo.user.clone(), app_type: String::new() };
    let page = DemoPage {
        connect_url: pages::connect_url(&whose, None),
        app_id: demo.app_id,
        user: demo.user,
        owner_email: OWNER_EMAIL,
        shown: shown.unwrap_or_else(|| "powr_io".to_owned()),
        accounts,
        sandbox_url: demo.sandbox_url,
        public_url: state.config.public_url.clone(),
        now: rfc3339(state.now()),
        version: env!("CARGO_PKG_VERSION"),
    };
    let mut response = pages::render(&state, StatusCode::OK, &page);
    if let Some(stand_ins) = &page.sandbox_url {
        let_scripts_ask(&mut response, stand_ins);
    }
    Ok(response)
}

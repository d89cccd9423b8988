//! `GET /`: the demo page of `dev`.

use axum::extract::State;
use axum::response::Response;
use entities::install;

use crate::pages;
use crate::problem::Problem;
use crate::state::AppState;

/// Shows the demo page, with the accounts that are connected to the demo app.
pub(crate) async fn show(State(state): State<AppState>) -> Result<Response, Problem> {
    let Some(demo) = state.config.demo.clone() else {
        return Err(Problem::not_found("no_such_route", "There is nothing here; see the README for the routes."));
    };
    let installs = install::Entity::of_app(&state.db.read, &demo.app_id).await?;
    let accounts = installs.into_iter().map(|install| install.instagram_account).collect();
    Ok(pages::demo(&state, demo, accounts))
}

//! `/v1/apps/{app_id}/migration`: how far an app has moved off the outlet, and the way back.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use entities::{app, install};
use sea_orm::EntityTrait;
use utoipa::IntoResponses;

use super::name;
use crate::answers::Migration;
use crate::auth::Caller;
use crate::document::refusals::{
    APP_UNKNOWN, BAD_PARAMETER, BAD_REQUEST, BEARER, FORBIDDEN, Responses, UNAVAILABLE, refusals,
};
use crate::migration_view::migration;
use crate::problem::Problem;
use crate::state::AppState;

struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        refusals(&[&[BAD_PARAMETER, BAD_REQUEST, FORBIDDEN, APP_UNKNOWN, UNAVAILABLE], &BEARER])
    }
}

/// Tells how far an app has moved off the legacy source: where each of its feeds comes from, and what keeps one from moving.
#[utoipa::path(
    get,
    path = "/v1/apps/{app_id}/migration",
    tag = "apps",
    operation_id = "migration",
    security(("bearer" = [])),
    params(("app_id" = String, Path, min_length = 1, max_length = 200, description = "The host platform's id of it.")),
    responses((status = 200, description = "How far it is.", body = Migration), Refusals),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(app_id): Path<String>,
) -> Result<Response, Problem> {
    let app_id = name("app_id", Some(app_id))?;
    caller.may_ask_for(&app_id)?;
    answer(&state, &app_id).await
}

/// Takes an app's move back: from now on the legacy source serves all of its feeds, and the banner offers the move anew. Its
/// connections stay; connecting an account again makes the move again. What has not moved stays as it is.
#[utoipa::path(
    delete,
    path = "/v1/apps/{app_id}/migration",
    tag = "apps",
    operation_id = "roll_back_migration",
    security(("bearer" = [])),
    params(("app_id" = String, Path, min_length = 1, max_length = 200, description = "The host platform's id of it.")),
    responses((status = 200, description = "It is back, as told here.", body = Migration), Refusals),
)]
pub(crate) async fn roll_back(
    State(state): State<AppState>,
    caller: Caller,
    Path(app_id): Path<String>,
) -> Result<Response, Problem> {
    let app_id = name("app_id", Some(app_id))?;
    caller.may_ask_for(&app_id)?;
    if app::Entity::roll_back(&state.db.write, &app_id, state.now()).await? {
        tracing::info!(app_id, "an app's move off the outlet was taken back");
    }
    answer(&state, &app_id).await
}

async fn answer(state: &AppState, app_id: &str) -> Result<Response, Problem> {
    let app = app::Entity::find_by_id(app_id).one(&state.db.read).await?;
    let unknown = || Problem::not_found("app_unknown", "No app has this `app_id`; register it first.");
    let app = app.ok_or_else(unknown)?;
    let installs = install::Entity::of_app(&state.db.read, app_id).await?;
    let migration = migration(state, &app, &installs).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(migration)).into_response())
}

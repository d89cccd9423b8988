//! `PUT /v1/apps/{app_id}`: registers an app of the host platform, or updates it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa::IntoResponses;

use super::name;
use crate::answers::App;
use crate::auth::Caller;
use crate::document::refusals::{
    BAD_BODY, BAD_FEED_KEY, BAD_PARAMETER, BAD_REQUEST, BEARER, BODY_TOO_LARGE, FORBIDDEN, Responses, UNAVAILABLE,
    refusals,
};
use crate::problem::Problem;
use crate::registration::{Registration, Saving};
use crate::state::AppState;

struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        refusals(&[
            &[BAD_PARAMETER, BAD_BODY, BAD_REQUEST, BAD_FEED_KEY, BODY_TOO_LARGE, FORBIDDEN, UNAVAILABLE],
            &BEARER,
        ])
    }
}

/// Registers an app, or updates it: what is left out keeps its value.
#[utoipa::path(
    put,
    path = "/v1/apps/{app_id}",
    tag = "apps",
    operation_id = "put_app",
    security(("bearer" = [])),
    params(("app_id" = String, Path, min_length = 1, max_length = 200, description = "The host platform's id of it.")),
    request_body = Registration,
    responses(
        (status = 200, description = "It was known, and is updated.", body = App),
        (status = 201, description = "It is new.", body = App),
        Refusals,
    ),
)]
pub(crate) async fn put(
    State(state): State<AppState>,
    caller: Caller,
    Path(app_id): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let app_id = name("app_id", Some(app_id))?;
    caller.may_ask_for(&app_id)?;
    let app = Registration::read(&body, "body")?.check(Some(app_id))?;
    caller.may_ask_as(&app.app_id, &app.user)?;

    let tx = state.db.begin().await?;
    let written = Saving::begin(&tx, &state.config.migrating, state.now()).await?.write(app).await?;
    tx.commit().await?;

    let status = if written.is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, [(header::CACHE_CONTROL, "no-store")], Json(App::from(written.row))).into_response())
}

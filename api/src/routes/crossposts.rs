//! `GET /v1/crossposts`, `GET|DELETE /v1/crossposts/{id}`, `GET /v1/crossposts/{id}/preview`: what is posted from where to
//! where, and what is about to be.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use entities::{crosspost, is_id};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, IntoResponses};
use worker::crosspost::{Standing, preview as look_ahead};
use worker::feed_body::rfc3339;

use super::bad_query;
use super::paging::Paging;
use crate::answers::{Crosspost, CrosspostOptions, CrosspostPage, CrosspostPreview, OtherMedia, PostToCome};
use crate::auth::Caller;
use crate::document::refusals::{
    BAD_PARAMETER, BAD_QUERY, BAD_REQUEST, BEARER, CROSSPOST_UNKNOWN, Responses, UNAVAILABLE, refusals,
};
use crate::problem::Problem;
use crate::state::{AppState, to_its_end};

/// Which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Params {
    /// How many at most; 50 unless said.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
}

struct ListRefusals;

impl IntoResponses for ListRefusals {
    fn responses() -> Responses {
        refusals(&[&[BAD_QUERY, BAD_PARAMETER, UNAVAILABLE], &BEARER])
    }
}

struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        refusals(&[&[BAD_REQUEST, CROSSPOST_UNKNOWN, UNAVAILABLE], &BEARER])
    }
}

/// Lists a page of cross-posts in order of id. `next` is what `after` takes to get the page behind it.
#[utoipa::path(
    get,
    path = "/v1/crossposts",
    tag = "x",
    operation_id = "crossposts",
    security(("bearer" = [])),
    params(Params),
    responses((status = 200, description = "Those of which the caller may see both sides.", body = CrosspostPage), ListRefusals),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    params: Result<Query<Params>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(params) = params.map_err(|error| bad_query(&error))?;
    let paging = Paging::read(params.limit.as_deref(), params.after)?;
    let mut rows = crosspost::Entity::page(&state.db.read, caller.app(), &paging.after, paging.rows()).await?;
    let next = paging.cut(&mut rows, |row| &row.id);
    Ok(answer(StatusCode::OK, &CrosspostPage { data: rows.into_iter().map(Crosspost::from).collect(), next }))
}

/// Shows one cross-post; another app's is not there.
#[utoipa::path(
    get,
    path = "/v1/crossposts/{id}",
    tag = "x",
    operation_id = "crosspost",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The cross-post's id.")),
    responses((status = 200, description = "How it is.", body = Crosspost), Refusals),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    Ok(answer(StatusCode::OK, &Crosspost::from(find(&state, &caller, &id).await?)))
}

/// Ends a cross-post: nothing more is posted, and what is kept of it is deleted. What is on X stays there.
#[utoipa::path(
    delete,
    path = "/v1/crossposts/{id}",
    tag = "x",
    operation_id = "end_crosspost",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The cross-post's id.")),
    responses((status = 204, description = "It is gone."), Refusals),
)]
pub(crate) async fn end(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let row = find(&state, &caller, &id).await?;
    to_its_end(async move {
        let tx = state.db.begin().await?;
        crosspost::Entity::lock(&tx, &row.id).await?;
        crosspost::Entity::forget(&tx, &row.id).await?;
        tx.commit().await?;
        tracing::info!(crosspost_id = row.id, "a cross-post was ended");
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Shows what would be posted next, as what and at what cost, and why the other media are not posted. Nothing is done.
///
/// A post with a link in it costs 13 times as much as one without, whether the link is the cross-post's or stands in the
/// caption: `has_link` and `cost_usd` say so for each.
#[utoipa::path(
    get,
    path = "/v1/crossposts/{id}/preview",
    tag = "x",
    operation_id = "preview_crosspost",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The cross-post's id.")),
    responses((status = 200, description = "What is about to happen.", body = CrosspostPreview), Refusals),
)]
pub(crate) async fn preview(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let row = find(&state, &caller, &id).await?;
    let now = state.now();
    let standing = Standing::of(&state.db.read, row, now).await?;
    let ahead = look_ahead(&state.db.read, &standing, now).await?;
    let next = ahead.next.into_iter().map(|next| PostToCome {
        media_id: next.media_id,
        published_at: rfc3339(next.media_at),
        text: next.text,
        weight: next.weight,
        pictures: next.pictures,
        video: next.video,
        has_link: next.has_link,
        cost_usd: format!("0.{:03}", next.cost_musd),
        state: next.state,
    });
    let others = ahead.others.into_iter().map(|other| OtherMedia {
        media_id: other.media_id,
        published_at: other.media_at.map(rfc3339),
        state: other.state,
        reason: other.reason,
        x_post_id: other.x_post_id,
    });
    let shown = CrosspostPreview {
        waits_for: ahead.waits_for.map(worker::crosspost::Wait::as_str),
        waits_until: ahead.waits_for.and_then(worker::crosspost::Wait::until).map(rfc3339),
        next: next.collect(),
        others: others.collect(),
    };
    Ok(answer(StatusCode::OK, &shown))
}

/// Finds one that the caller may see.
pub(super) async fn find(state: &AppState, caller: &Caller, id: &str) -> Result<crosspost::Model, Problem> {
    let row = if is_id(id) { crosspost::Entity::visible(&state.db.read, caller.app(), id).await? } else { None };
    row.ok_or_else(|| Problem::not_found("crosspost_unknown", "There is no such cross-post."))
}

pub(super) fn answer(status: StatusCode, shown: &impl Serialize) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(shown)).into_response()
}

impl From<crosspost::Model> for Crosspost {
    fn from(row: crosspost::Model) -> Self {
        Self {
            id: row.id,
            install_id: row.install_id,
            x_account_id: row.x_account_id,
            template: row.template,
            options: CrosspostOptions { link: row.link, alt_text: row.alt_text, daily_cap: row.daily_cap },
            paused: row.paused,
            created_at: rfc3339(row.created_at),
            updated_at: rfc3339(row.updated_at),
        }
    }
}

//! `GET /deletions/{code}`: where a person sees what became of the wish to be forgotten.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use chrono::{DateTime, Utc};
use entities::{deletion, is_id};
use sea_orm::EntityTrait;
use utoipa::IntoResponses;

use crate::document::refusals::{BAD_REQUEST, DELETION_UNKNOWN, Responses, UNAVAILABLE, or_page, refusals};
use crate::pages;
use crate::problem::Problem;
use crate::state::AppState;

struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        or_page(refusals(&[&[BAD_REQUEST, DELETION_UNKNOWN, UNAVAILABLE]]))
    }
}

#[derive(Template)]
#[template(path = "deletion.html")]
struct DeletionPage {
    /// `done`, `pending` or `unknown`.
    state: &'static str,
    code: String,
    requested: Option<String>,
    done: Option<String>,
}

/// Shows what became of a wish to be forgotten; made for browsers.
#[utoipa::path(
    get,
    path = "/deletions/{code}",
    tag = "meta",
    operation_id = "deletion",
    security(()),
    params(("code" = String, Path, description = "The confirmation code.")),
    responses(
        (status = 200, description = "When it was asked for, and when it was done.", body = String, content_type = "text/html"),
        Refusals,
    ),
)]
pub(crate) async fn show(State(state): State<AppState>, Path(code): Path<String>, headers: HeaderMap) -> Response {
    match page(&state, code).await {
        Ok((status, page)) => pages::render(&state, status, &page),
        Err(problem) => pages::or_problem(&state, &headers, problem),
    }
}

async fn page(state: &AppState, code: String) -> Result<(StatusCode, DeletionPage), Problem> {
    let wish = if is_id(&code) { deletion::Entity::find_by_id(&code).one(&state.db.read).await? } else { None };
    // What nobody was given is not repeated.
    let Some(wish) = wish else {
        let page = DeletionPage { state: "unknown", code: String::new(), requested: None, done: None };
        return Ok((StatusCode::NOT_FOUND, page));
    };
    let page = DeletionPage {
        state: if wish.done_at.is_some() { "done" } else { "pending" },
        code: wish.code,
        requested: Some(shown(wish.requested_at)),
        done: wish.done_at.map(shown),
    };
    Ok((StatusCode::OK, page))
}

fn shown(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

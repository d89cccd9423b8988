//! `GET /deletions/{code}`: where a person sees what became of the wish to be forgotten.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use entities::{deletion, is_id};
use sea_orm::EntityTrait;
use utoipa::IntoResponses;

use crate::document::refusals::{BAD_REQUEST, DELETION_UNKNOWN, Responses, UNAVAILABLE, or_page, refusals};
use crate::languages::{Language, Service};
use crate::pages::{Shown, render_in};
use crate::problem::Problem;
use crate::refused::or_problem;
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
    l: &'static Language,
    heading: &'static str,
    story: &'static str,
    /// `done`, `pending` or `unknown`.
    state: &'static str,
    code: String,
    requested: Option<Shown>,
    done: Option<Shown>,
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
    let l = Language::choose(None, &headers);
    match page(&state, l, code).await {
        Ok((status, page)) => render_in(&state, status, l, &page),
        Err(problem) => or_problem(&state, &headers, Service::Facebook, problem),
    }
}

async fn page(state: &AppState, l: &'static Language, code: String) -> Result<(StatusCode, DeletionPage), Problem> {
    let wish = if is_id(&code) { deletion::Entity::find_by_id(&code).one(&state.db.read).await? } else { None };
    // What nobody was given is not repeated.
    let Some(wish) = wish else {
        let (heading, story, _) = l.deletion.unknown;
        let page =
            DeletionPage { l, heading, story, state: "unknown", code: String::new(), requested: None, done: None };
        return Ok((StatusCode::NOT_FOUND, page));
    };
    let (heading, story) = if wish.done_at.is_some() { l.deletion.done } else { l.deletion.pending };
    let page = DeletionPage {
        l,
        heading,
        story,
        state: if wish.done_at.is_some() { "done" } else { "pending" },
        code: wish.code,
        requested: Some(Shown::with_time(l, wish.requested_at)),
        done: wish.done_at.map(|at| Shown::with_time(l, at)),
    };
    Ok((StatusCode::OK, page))
}

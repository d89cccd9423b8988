//! `GET /deletions/{code}`: where a person sees what became of the wish to be forgotten.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use entities::{deletion, is_id};
use sea_orm::EntityTrait;
use utoipa::IntoResponses;

use crate::document::refusals::{BAD_REQUEST, DELETION_UNKNOWN, Responses, UNAVAILABLE, or_page, refusals};
use crate::languages::{Language, Service};
use crate::pages::{self, Shown, render_in};
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
    match find(&state, code).await {
        Ok(Some(wish)) => render_in(&state, StatusCode::OK, l, &DeletionPage::of(l, wish)),
        Ok(None) if pages::is_wanted(&headers) => {
            render_in(&state, StatusCode::NOT_FOUND, l, &DeletionPage::unknown(l))
        }
        Ok(None) => Problem::not_found("deletion_unknown", "Nobody was given this confirmation code.").into_response(),
        Err(problem) => or_problem(&state, &headers, Service::Facebook, problem),
    }
}

async fn find(state: &AppState, code: String) -> Result<Option<deletion::Model>, Problem> {
    if !is_id(&code) {
        return Ok(None);
    }
    Ok(deletion::Entity::find_by_id(code).one(&state.db.read).await?)
}

impl DeletionPage {
    /// What nobody was given is not repeated.
    fn unknown(l: &'static Language) -> Self {
        let (heading, story, _) = l.deletion.unknown;
        Self { l, heading, story, state: "unknown", code: String::new(), requested: None, done: None }
    }

    fn of(l: &'static Language, wish: deletion::Model) -> Self {
        let (state, (heading, story)) =
            if wish.done_at.is_some() { ("done", l.deletion.done) } else { ("pending", l.deletion.pending) };
        Self {
            l,
            heading,
            story,
            state,
            code: wish.code,
            requested: Some(Shown::with_time(l, wish.requested_at)),
            done: wish.done_at.map(|at| Shown::with_time(l, at)),
        }
    }
}

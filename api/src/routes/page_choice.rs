//! `POST /jobs/{id}/page`: answers `choose_page`; the same job goes on.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::{IntoResponses, ToSchema};
use worker::exchange::ChoiceError;
use worker::jobs::ExchangeToken;

use super::exchange::accepted;
use super::{FORM, body_kind};
use crate::answers::Accepted;
use crate::document::refusals::{
    BAD_BODY, BAD_REQUEST, BODY_TOO_LARGE, CHOICE_EXPIRED, JOB_UNKNOWN, PAGE_NOT_OFFERED, Responses, UNAVAILABLE,
    or_page, refusals,
};
use crate::languages::Service;
use crate::problem::Problem;
use crate::refused::or_problem;
use crate::state::{AppState, to_its_end};

/// How often and how soon a push is made again that met the attempt before it.
const TRIES: u32 = 20;
const SOON: Duration = Duration::from_millis(50);

/// Which of the offered Pages is to be connected.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PageChoice)]
pub(crate) struct Choice {
    /// The `id` of one of the job's `pages`.
    page_id: String,
}

struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        // A form's person is shown a page.
        or_page(refusals(&[&[
            BAD_BODY,
            BAD_REQUEST,
            JOB_UNKNOWN,
            CHOICE_EXPIRED,
            BODY_TOO_LARGE,
            PAGE_NOT_OFFERED,
            UNAVAILABLE,
        ]]))
    }
}

/// Takes the choice. A form that a browser without scripts sends is answered with the page that shows the progress.
#[utoipa::path(
    post,
    path = "/jobs/{id}/page",
    tag = "connect",
    operation_id = "choose_page",
    security(()),
    params(("id" = String, Path, description = "A job that failed with `choose_page` at most 15 minutes ago.")),
    request_body(content((Choice = "application/json"), (Choice = "application/x-www-form-urlencoded"))),
    responses(
        (status = 202, description = "The same job goes on.", body = Accepted,
            headers(("Location" = String, description = "Where the job can be polled."))),
        (status = 303, description = "To a form: the page that shows the progress."),
        Refusals,
    ),
)]
pub(crate) async fn choose(
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let is_form = body_kind(&headers) == FORM;
    let taken = take(&state, &id, is_form, &body).await;
    match taken {
        // A browser without scripts shows what it is answered to its person.
        Err(problem) if is_form => Ok(or_problem(&state, &headers, Service::Facebook, problem)),
        taken => taken,
    }
}

async fn take(state: &AppState, id: &str, is_form: bool, body: &[u8]) -> Result<Response, Problem> {
    let choice = if is_form {
        url::form_urlencoded::parse(body)
            .find(|(name, _)| name == "page_id")
            .map(|(_, page_id)| Choice { page_id: page_id.into_owned() })
    } else {
        serde_json::from_slice(body).ok()
    };
    let detail =
        "`page_id` is missing or no text: send `{\"page_id\": \"…\"}` with the id of one of the offered pages.";
    let choice: Choice = choice.ok_or_else(|| Problem::bad_request("bad_body", detail))?;
    if !entities::is_id(id) {
        return Err(problem(&ChoiceError::Unknown));
    }
    let (answered, run_id) = (state.clone(), id.to_owned());
    to_its_end(async move {
        let AppState { db, keyring, .. } = &answered;
        let job = ExchangeToken::choose(db, keyring, &run_id, &choice.page_id, answered.now()).await;
        push_again(&answered, &job.map_err(|error| problem(&error))?).await;
        Ok(())
    })
    .await?;
    if is_form {
        let progress = format!("/users/oauth?job_id={id}");
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, progress)]).into_response());
    }
    Ok(accepted(state, id))
}

/// Pushes the run that goes on. Who answers at once may be faster than the attempt that asked is off the queue: then
/// the push is a duplicate of what is about to end, and is made again.
async fn push_again(state: &AppState, job: &ExchangeToken) {
    for _ in 0..TRIES {
        match state.push(job).await {
            Some(pushed) if pushed.duplicate => tokio::time::sleep(SOON).await,
            _ => return,
        }
    }
}

fn problem(error: &ChoiceError) -> Problem {
    let detail = error.to_string();
    match error {
        ChoiceError::Unknown => Problem::not_found("job_unknown", detail),
        ChoiceError::Expired => Problem::new(StatusCode::CONFLICT, "choice_expired", detail),
        ChoiceError::NotOffered => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "page_not_offered", detail),
        ChoiceError::Failed(error) => Problem::unavailable(error),
    }
}

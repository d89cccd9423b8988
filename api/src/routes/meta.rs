//! `POST /meta/deauthorize`, `POST /meta/data-deletion`: Meta's two callbacks. Who asks is proven by the signature in what
//! they bring, and by nothing else.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use utoipa::{IntoResponses, ToSchema};
use worker::jobs::{SignedRequest, Subject};

use crate::answers::DataDeletion;
use crate::document::refusals::{
    APP_MISCONFIGURED, BAD_PARAMETER, BAD_SIGNATURE, BODY_TOO_LARGE, Responses, UNAVAILABLE, refusals,
};
use crate::problem::Problem;
use crate::state::{AppState, to_its_end};

/// What Meta brings.
#[derive(Debug, ToSchema)]
#[schema(as = Signed)]
#[expect(dead_code, reason = "it is told in the document; the body is read by hand")]
pub(crate) struct Form {
    /// A signature and a payload in base64, with a dot between.
    #[schema(format = Password)]
    signed_request: String,
}

struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        refusals(&[&[BAD_PARAMETER, BAD_SIGNATURE, BODY_TOO_LARGE, APP_MISCONFIGURED, UNAVAILABLE]])
    }
}

/// Takes Meta's word that a person, or a Page, has removed the app: tokens are deleted before the answer, and the owners are
/// mailed how to connect again.
#[utoipa::path(
    post,
    path = "/meta/deauthorize",
    tag = "meta",
    operation_id = "deauthorize",
    security(()),
    request_body(content = Form, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "Nobody calls with their tokens any more."), Refusals),
)]
pub(crate) async fn deauthorize(State(state): State<AppState>, body: Bytes) -> Result<Response, Problem> {
    let (subject, said_at) = subject(&state, &body)?;
    to_its_end(async move {
        let removed = subject.deauthorize(&state.db, said_at, state.now()).await?;
        tracing::info!(ended = removed.ended.len(), doubted = removed.doubted.len(), "the app was removed at Meta");
        // The scans find those whose push is lost.
        for job in &removed.ended {
            state.push(job).await;
        }
        for job in &removed.doubted {
            state.push(job).await;
        }
        Ok(())
    })
    .await?;
    Ok((StatusCode::OK, [(header::CACHE_CONTROL, "no-store")]).into_response())
}

/// Takes Meta's word that a person wants to be forgotten. It is done behind the answer, which says where to look.
#[utoipa::path(
    post,
    path = "/meta/data-deletion",
    tag = "meta",
    operation_id = "data_deletion",
    security(()),
    request_body(content = Form, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "It is written, and will be done; the same person gets the same code.", body = DataDeletion),
        Refusals,
    ),
)]
pub(crate) async fn data_deletion(State(state): State<AppState>, body: Bytes) -> Result<Response, Problem> {
    let (subject, said_at) = subject(&state, &body)?;
    let url = format!("{}/deletions", state.config.public_url);
    let code = to_its_end(async move {
        let job = subject.ask(&state.db.write, state.config.app_secret.as_ref(), said_at, state.now()).await?;
        state.push(&job).await;
        Ok(job.code)
    })
    .await?;
    let answer = DataDeletion { url: format!("{url}/{code}"), confirmation_code: code };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

/// Whom a callback is about, once it is seen to be Meta's, and when Meta has said it.
fn subject(state: &AppState, body: &[u8]) -> Result<(Subject, DateTime<Utc>), Problem> {
    let Some(secret) = &state.config.app_secret else {
        let detail = "META_APP_SECRET is not set: nobody can tell what Meta has signed.";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "app_misconfigured", detail));
    };
    let signed = signed_request(body).ok_or_else(|| bad_signature("it is missing, or there are two"))?;
    let request = open(secret, &signed)?;
    let nobody = "`signed_request` names neither a person (`user_id`) nor a Page (`profile_id`).";
    let subject = request.subject.ok_or_else(|| Problem::bad_request("bad_parameter", nobody))?;
    // Whose clock is ahead of ours has not said it later than now: what is said next must count as newer.
    let now = state.now();
    Ok((subject, request.issued_at.map_or(now, |at| at.min(now))))
}

fn open(secret: &SecretString, signed: &str) -> Result<SignedRequest, Problem> {
    SignedRequest::open(secret, signed).map_err(|rejected| {
        // The operator sees it where META_APP_SECRET is another app's; what was brought is not repeated.
        tracing::warn!(%rejected, "a callback was refused");
        bad_signature(&rejected.to_string())
    })
}

fn bad_signature(what: &str) -> Problem {
    Problem::unauthorised("bad_signature", format!("`signed_request` is not Meta's: {what}."))
}

fn signed_request(body: &[u8]) -> Option<String> {
    let mut given = url::form_urlencoded::parse(body).filter(|(name, _)| name == "signed_request");
    let (first, second) = (given.next(), given.next());
    first.filter(|_| second.is_none()).map(|(_, value)| value.into_owned())
}

//! What routes refuse, as the document shows it: each problem once, by the code that the route answers with.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

use crate::answers::ProblemBody;
use crate::problem::Problem;
use crate::refused::Refused;

/// Answers by their status.
pub(crate) type Responses = BTreeMap<String, RefOr<Response>>;

/// One problem, with a detail as it may read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    detail: &'static str,
}

const fn refusal(status: StatusCode, code: &'static str, detail: &'static str) -> Refusal {
    Refusal { status, code, detail }
}

pub(crate) const BAD_QUERY: Refusal = refusal(
    StatusCode::BAD_REQUEST,
    "bad_query",
    "The query cannot be read: duplicate field `app_id`. Send each parameter once, percent-encoded.",
);
pub(crate) const BAD_PARAMETER: Refusal =
    refusal(StatusCode::BAD_REQUEST, "bad_parameter", "`app_id` is longer than 200 bytes.");
pub(crate) const BAD_BODY: Refusal = refusal(StatusCode::BAD_REQUEST, "bad_body", "The body is no JSON object.");
pub(crate) const BAD_REQUEST: Refusal =
    refusal(StatusCode::BAD_REQUEST, "bad_request", "The request cannot be read: its path or its body is no text.");
pub(crate) const BAD_FEED_KEY: Refusal = refusal(
    StatusCode::BAD_REQUEST,
    "bad_feed_key",
    "`username_or_hashtag`: an account's name has 1 to 30 of the characters a-z, 0-9, `.` and `_`.",
);
pub(crate) const BODY_TOO_LARGE: Refusal =
    refusal(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "The body is larger than 256 KiB; send less.");
pub(crate) const UNSUPPORTED_BODY: Refusal = refusal(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "unsupported_body",
    "The body is neither a form nor JSON; send `Content-Type: application/json`, or everything in the query.",
);
pub(crate) const UNAUTHORISED: Refusal = refusal(
    StatusCode::UNAUTHORIZED,
    "unauthorised",
    "Send `Authorization: Bearer` with a token that the host platform signed, or with an API key.",
);
pub(crate) const TOKEN_EXPIRED: Refusal =
    refusal(StatusCode::UNAUTHORIZED, "token_expired", "The token's `exp` is over; sign a new one.");
pub(crate) const BAD_SIGNATURE: Refusal = refusal(
    StatusCode::UNAUTHORIZED,
    "bad_signature",
    "`signed_request` is not Meta's: the signature is not that of the Meta app.",
);
pub(crate) const KEY_REVOKED: Refusal =
    refusal(StatusCode::UNAUTHORIZED, "key_revoked", "This API key was revoked; ask the operator for another.");
pub(crate) const TOKEN_LIVES_TOO_LONG: Refusal = refusal(
    StatusCode::UNAUTHORIZED,
    "token_lives_too_long",
    "A token in an address ends within 5 minutes; sign `auth` with a nearer `exp`.",
);
const ENDS_TOO_LATE: Refusal = refusal(
    StatusCode::UNAUTHORIZED,
    "token_lives_too_long",
    "The token's `exp` is more than a year ahead; it counts seconds since 1970, not milliseconds.",
);
pub(crate) const TOKEN_USED: Refusal =
    refusal(StatusCode::UNAUTHORIZED, "token_used", "This `auth` has been used; it serves once. Sign a new one.");
pub(crate) const FORBIDDEN: Refusal =
    refusal(StatusCode::FORBIDDEN, "forbidden", "The token's `app` is another one than the app that is asked for.");
pub(crate) const APP_UNKNOWN: Refusal =
    refusal(StatusCode::NOT_FOUND, "app_unknown", "No app has this `app_id`; register it first.");
pub(crate) const FEED_NOT_REGISTERED: Refusal = refusal(
    StatusCode::NOT_FOUND,
    "feed_not_registered",
    "The app shows no feed @natgeo; add it to the app's `feeds` or connect the account.",
);
pub(crate) const JOB_UNKNOWN: Refusal =
    refusal(StatusCode::NOT_FOUND, "job_unknown", "There is no such job; ended ones are kept for 7 days.");
pub(crate) const INSTALL_UNKNOWN: Refusal =
    refusal(StatusCode::NOT_FOUND, "install_unknown", "There is no such connection.");
pub(crate) const DELETION_UNKNOWN: Refusal =
    refusal(StatusCode::NOT_FOUND, "deletion_unknown", "Nobody was given this confirmation code.");
pub(crate) const X_ACCOUNT_UNKNOWN: Refusal =
    refusal(StatusCode::NOT_FOUND, "x_account_unknown", "There is no such account on X.");
pub(crate) const CROSSPOST_UNKNOWN: Refusal =
    refusal(StatusCode::NOT_FOUND, "crosspost_unknown", "There is no such cross-post.");
pub(crate) const CROSSPOST_EXISTS: Refusal = refusal(
    StatusCode::CONFLICT,
    "crosspost_exists",
    "This connection is posted to this account already; change that cross-post instead.",
);
pub(crate) const NO_COMMON_APP: Refusal = refusal(
    StatusCode::UNPROCESSABLE_ENTITY,
    "no_common_app",
    "No app uses both this connection and this account on X; connect both to one app.",
);
pub(crate) const CHOICE_EXPIRED: Refusal =
    refusal(StatusCode::CONFLICT, "choice_expired", "The choice was made already or came too late; connect again.");
pub(crate) const PAGE_NOT_OFFERED: Refusal =
    refusal(StatusCode::UNPROCESSABLE_ENTITY, "page_not_offered", "This Page is not among those that can be chosen.");
pub(crate) const APP_MISCONFIGURED: Refusal = refusal(
    StatusCode::SERVICE_UNAVAILABLE,
    "app_misconfigured",
    "META_APP_ID is not set: the operator has to set up a Meta app before anybody can connect.",
);
pub(crate) const X_APP_MISCONFIGURED: Refusal = refusal(
    StatusCode::SERVICE_UNAVAILABLE,
    "app_misconfigured",
    "X_CLIENT_ID is not set: the operator has to set up an app at X before anybody can connect.",
);
pub(crate) const UNAVAILABLE: Refusal = refusal(
    StatusCode::SERVICE_UNAVAILABLE,
    "unavailable",
    "A part of the service cannot be reached; try again in a moment.",
);

/// What every route refuses that wants an `Authorization`.
pub(crate) const BEARER: [Refusal; 4] = [UNAUTHORISED, TOKEN_EXPIRED, ENDS_TOO_LATE, KEY_REVOKED];

/// What a route answers that refuses nothing, when a part of the service is away.
pub(crate) struct Unavailable;

impl IntoResponses for Unavailable {
    fn responses() -> Responses {
        refusals(&[&[UNAVAILABLE]])
    }
}

/// Returns the problems of a route by their status, each with its example.
pub(crate) fn refusals(groups: &[&[Refusal]]) -> Responses {
    let mut by_status = BTreeMap::<StatusCode, Vec<Refusal>>::new();
    for refusal in groups.iter().copied().flatten() {
        by_status.entry(refusal.status).or_default().push(*refusal);
    }
    by_status.into_iter().map(|(status, list)| (status.as_str().to_owned(), RefOr::T(response(&list)))).collect()
}

/// Adds to each status that a browser is answered with a page.
pub(crate) fn or_page(mut responses: Responses) -> Responses {
    for response in responses.values_mut() {
        if let RefOr::T(response) = response {
            let page = ContentBuilder::new().schema(Some(String::schema())).build();
            response.content.insert("text/html".to_owned(), RefOr::T(page));
        }
    }
    responses
}

/// Adds why somebody is turned away with a page, whatever they accept: a 400, and the page's `data-code` says which.
pub(crate) fn or_turned_away(mut responses: Responses, by_page: &[Refused]) -> Responses {
    if let Some(RefOr::T(response)) = responses.get_mut(StatusCode::BAD_REQUEST.as_str()) {
        let codes: Vec<_> = by_page.iter().map(|why| format!("`{}`", why.code())).collect();
        let problems = std::mem::take(&mut response.description);
        response.description = format!(
            "Mostly a page, whatever is accepted, that says why it does not go on; its `data-code` is one of {}. Where the \
             request cannot be read: {problems}.",
            codes.join(", ")
        );
    }
    responses
}

fn response(list: &[Refusal]) -> Response {
    let codes: Vec<_> = list.iter().map(|refusal| format!("`{}`", refusal.code)).collect();
    let examples = list.iter().map(|refusal| {
        let body = Problem::new(refusal.status, refusal.code, refusal.detail).into_body();
        let example = ExampleBuilder::new().value(serde_json::to_value(body).ok()).build();
        (refusal.code.to_owned(), RefOr::T(example))
    });
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(ProblemBody::name())))
        .examples_from_iter(examples)
        .build();
    ResponseBuilder::new().description(codes.join(", ")).content("application/problem+json", content).build()
}

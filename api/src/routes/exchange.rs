//! `POST|GET /instagram/oauth`: a host platform brings a token or a code for one of its apps.
//!
//! POST is the documented form; GET is kept for old clients. Parameters come in the query or in the body.

use std::fmt::Formatter;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use utoipa::IntoResponses;
use worker::exchange::{AppRef, Credential, Request};
use worker::jobs::ExchangeToken;

use super::jobs::Wait;
use super::{FORM, body_kind, name, optional_name, written_name};
use crate::answers::{Accepted, Brought, Job};
use crate::auth::Caller;
use crate::document::refusals::{
    BAD_BODY, BAD_PARAMETER, BEARER, BODY_TOO_LARGE, FORBIDDEN, Responses, UNAVAILABLE, UNSUPPORTED_BODY, refusals,
};
use crate::job_view;
use crate::problem::Problem;
use crate::state::{AppState, to_its_end};

/// Meta's tokens and codes have some hundred characters.
const LONGEST_SECRET: usize = 4_096;

struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        refusals(&[&[BAD_PARAMETER, BAD_BODY, BODY_TOO_LARGE, UNSUPPORTED_BODY, FORBIDDEN, UNAVAILABLE], &BEARER])
    }
}

/// Exchanges a token or a code for lasting access to an account, for one of the caller's apps.
///
/// Parameters may come in the query or in the body, each once. The answer says where the job can be polled.
#[utoipa::path(
    post,
    path = "/instagram/oauth",
    tag = "connect",
    operation_id = "exchange",
    security(("bearer" = [])),
    params(
        Brought,
        ("Prefer" = Option<String>, Header, nullable = false, description = "`wait=N`: wait up to N seconds for the end; more than 30 count as 30. `Preference-Applied` says how many."),
    ),
    request_body(
        description = "Instead of the query.",
        content((Brought = "application/x-www-form-urlencoded"), (Brought = "application/json")),
    ),
    responses(
        (status = 200, description = "With `Prefer: wait=N`: the ended job.", body = Job),
        (status = 202, description = "The work is written.", body = Accepted,
            headers(("Location" = String, description = "Where the job can be polled."))),
        Refusals,
    ),
)]
pub(crate) async fn start(
    State(state): State<AppState>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let mut params = Params::read(&uri, &headers, &body)?;
    let app = AppRef {
        app_id: name("appId", params.take("appId"))?,
        user: name("user", params.take("user"))?,
        app_type: optional_name("app_type", params.take("app_type"))?,
    };
    caller.may_ask_as(&app.app_id, &app.user)?;
    let page_id = params.take("page_id").filter(|id| !id.is_empty());
    if page_id.as_ref().is_some_and(|id| id.len() > 32 || !id.bytes().all(|digit| digit.is_ascii_digit())) {
        return Err(Problem::bad_request("bad_parameter", "`page_id` is Meta's id of a Page: digits only."));
    }
    let credential = match (secret("token", params.take("token"))?, secret("code", params.take("code"))?) {
        (Some(token), None) => Credential::Short(token),
        (None, Some(code)) => Credential::Code { code, redirect_uri: state.config.redirect_uri() },
        _ => return Err(Problem::bad_request("bad_parameter", "Send either `token` or `code`.")),
    };
    let request = Request { app, page_id, reconnect: None, credential };
    let run_id = entities::new_id();
    begin(&state, run_id.clone(), request).await?;
    let Some(wait) = Wait::preferred(&headers) else { return Ok(accepted(&state, &run_id)) };
    let view = job_view::find(&state, &run_id, wait.time()).await?;
    if !view.is_finished() {
        return Ok((wait.applied(), accepted(&state, &run_id)).into_response());
    }
    Ok((StatusCode::OK, wait.applied(), [(header::CACHE_CONTROL, "no-store")], Json(view.into_answer()))
        .into_response())
}

/// The same, for old clients: use POST, which puts no token into an address.
#[utoipa::path(
    get,
    path = "/instagram/oauth",
    tag = "connect",
    operation_id = "exchange_by_get",
    security(("bearer" = [])),
    params(
        Brought,
        ("Prefer" = Option<String>, Header, nullable = false, description = "`wait=N`: wait up to N seconds for the end; more than 30 count as 30. `Preference-Applied` says how many."),
    ),
    responses(
        (status = 200, description = "With `Prefer: wait=N`: the ended job.", body = Job),
        (status = 202, description = "The work is written.", body = Accepted,
            headers(("Location" = String, description = "Where the job can be polled."))),
        Refusals,
    ),
)]
pub(crate) async fn start_by_get(
    state: State<AppState>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    start(state, caller, uri, headers, body).await
}

/// Writes the run and pushes it; `false` if a run of this id has been begun before.
pub(crate) async fn begin(state: &AppState, run_id: String, request: Request) -> Result<bool, Problem> {
    let state = state.clone();
    to_its_end(async move {
        let job = ExchangeToken::start(&state.db, &state.keyring, run_id, request, state.now()).await?;
        let Some(job) = job else { return Ok(false) };
        state.push(&job).await;
        Ok(true)
    })
    .await
}

/// Answers 202: the work is written, and can be polled.
pub(crate) fn accepted(state: &AppState, run_id: &str) -> Response {
    let status_url = state.config.status_url(run_id);
    let body = Json(Accepted { job_id: run_id.to_owned(), status_url: status_url.clone() });
    (StatusCode::ACCEPTED, [(header::CACHE_CONTROL, "no-store".to_owned()), (header::LOCATION, status_url)], body)
        .into_response()
}

fn secret(field: &str, value: Option<String>) -> Result<Option<SecretString>, Problem> {
    let Some(value) = value.filter(|value| !value.is_empty()) else { return Ok(None) };
    if value.len() > LONGEST_SECRET || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        let detail = format!("`{field}` is no token or code of Meta: up to 4096 visible ASCII characters.");
        return Err(Problem::bad_request("bad_parameter", detail));
    }
    Ok(Some(value.into()))
}

/// Parameters from the query and from a form or JSON body, each a secret until it is asked for; a name that comes
/// twice is refused.
struct Params(Vec<(String, Option<SecretString>)>);

impl Params {
    fn read(uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<Self, Problem> {
        let parse = |text: &[u8]| {
            let pairs = url::form_urlencoded::parse(text);
            pairs.map(|(name, value)| (name.into_owned(), Some(SecretString::from(&*value)))).collect::<Vec<_>>()
        };
        let mut params = parse(uri.query().unwrap_or_default().as_bytes());
        match body_kind(headers).as_str() {
            _ if body.is_empty() => {}
            "application/json" => {
                let detail = "The body is no JSON object of strings.";
                let Object(fields) =
                    serde_json::from_slice(body).map_err(|_| Problem::bad_request("bad_body", detail))?;
                params.extend(fields);
            }
            FORM => params.extend(parse(body)),
            _ => {
                let detail = "The body is neither a form nor JSON; send `Content-Type: application/json`, or \
                              everything in the query.";
                return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_body", detail));
            }
        }
        let mut names: Vec<&str> = params.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            let detail = format!("`{}` comes twice; send it once.", written_name(twice[0]));
            return Err(Problem::bad_request("bad_parameter", detail));
        }
        Ok(Self(params))
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let index = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(index).1?.expose_secret().to_owned())
    }
}

/// A JSON object's fields in their order, each as often as it comes; null is as good as absent.
struct Object(Vec<(String, Option<SecretString>)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Object;

    fn expecting(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object of strings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Object(fields))
    }
}

//! `GET /instagram`: a feed. Always the last good body, with its freshness; 202 and a run to poll until the first.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use entities::app::{self, Asked};
use entities::feed::Source;
use entities::{FeedKey, install};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, IntoResponses};
use worker::feed_body::rfc3339;
use worker::migrating::source_of;

use super::settings::settings;
use super::{bad_query, name};
use crate::answers::{Feed, FeedPending, Freshness, FreshnessState};
use crate::auth::Caller;
use crate::document::refusals::{
    APP_UNKNOWN, BAD_FEED_KEY, BAD_PARAMETER, BAD_QUERY, BEARER, FEED_NOT_REGISTERED, FORBIDDEN, Responses,
    UNAVAILABLE, Unavailable, refusals,
};
use crate::feed_answer::{self, Answer, Keep};
use crate::feed_wish::Wish;
use crate::problem::Problem;
use crate::state::AppState;

/// What somebody who waits for the first body is told to wait, in seconds.
const SOON: i64 = 2;

/// What widgets ask with. `page_name` and `instagram_username` are accepted for old clients and decide nothing.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Params {
    /// The host platform's id of the app.
    #[param(required, min_length = 1, max_length = 200)]
    app_id: Option<String>,
    /// The feed's key: `@account` or `#hashtag`; or a bare `@` or `#`, with the name in `following`.
    #[param(required, example = "@powr_io")]
    username_or_hashtag: Option<String>,
    /// The name behind a bare `@` or `#`.
    following: Option<String>,
    /// `true` adds `settings`, shows any key, wants a `Bearer` and is never cached.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    is_settings: Option<String>,
}

struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        // The caller is asked for a proof with `is_settings=true` alone.
        let common = [BAD_QUERY, BAD_PARAMETER, BAD_FEED_KEY, APP_UNKNOWN, FEED_NOT_REGISTERED, FORBIDDEN, UNAVAILABLE];
        refusals(&[&common, &BEARER])
    }
}

/// Answers with a feed: always its last good posts, with how fresh they are. CORS by the app's origins.
#[utoipa::path(
    get,
    path = "/instagram",
    tag = "feeds",
    operation_id = "feed",
    security((), ("bearer" = [])),
    params(
        Params,
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "The `ETag` of the answer that is known."),
    ),
    responses(
        (status = 200, description = "The feed. A `blocked` one without posts says in `reason` why.", body = Feed,
            headers(("ETag" = String), ("Cache-Control" = String))),
        (status = 202, description = "Its first posts are on their way; poll the job, or ask again.", body = FeedPending,
            headers(("Retry-After" = u32, description = "Seconds until asking again makes sense."))),
        (status = 304, description = "It is the one that the caller knows."),
        Refusals,
    ),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    headers: HeaderMap,
    params: Result<Query<Params>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(params) = params.map_err(|error| bad_query(&error))?;
    let is_settings = match params.is_settings.as_deref() {
        Some("true") => true,
        None | Some("false") => false,
        Some(_) => return Err(Problem::bad_request("bad_parameter", "`is_settings` is `true` or `false`.")),
    };
    let caller = if is_settings { Some(Caller::of(&state, &headers).await?) } else { None };
    let app_id = name("app_id", params.app_id.clone())?;
    if let Some(caller) = caller {
        caller.may_ask_for(&app_id)?;
    }
    let key = key(&params)?;
    let asked = app::Entity::asked_for(&state.db.read, &app_id, &key).await?;
    let unknown = || Problem::not_found("app_unknown", "No app has this `app_id`; register it first.");
    let Asked { app, has_reader } = asked.ok_or_else(unknown)?;
    let is_own = app.lists(&key) || (key.account_name().is_some() && has_reader);
    if !is_own && !is_settings {
        let or_connect = if key.tag().is_some() { "" } else { " or connect the account" };
        let detail = format!("The app shows no feed {key}; add it to the app's `feeds`{or_connect}.");
        return Err(Problem::not_found("feed_not_registered", detail));
    }
    let source = source_of(&state.config.migrating, &app, &key, has_reader);
    let answer = if has_reader || source == Source::Outlet {
        let before = before(&state, &app, source, has_reader);
        Wish { app_id: app_id.clone(), key, source, before, is_lasting: is_own }.serve(&state).await?
    } else {
        feed_answer::nothing(source, key.as_str(), "not_connected", None)
    };
    let settings = if is_settings {
        let installs = install::Entity::of_app(&state.db.read, &app_id).await?;
        Some(settings(&state, &app, &installs).await?)
    } else {
        None
    };
    let mut response = match answer {
        Answer::Pending { run_id, next_try_at } => {
            let wait = next_try_at.map_or(SOON, |at| (at - state.now()).num_seconds().max(SOON));
            pending(&FeedPending { settings, ..not_yet(&state, run_id, next_try_at) }, wait)
        }
        Answer::Body { feed, keep } => {
            let keep = keep.filter(|_| !is_settings);
            body(&Feed { settings, ..*feed }, keep, &headers)?
        }
    };
    allow_origin(&mut response, &app, &headers);
    Ok(response)
}

/// Where a feed came from before it moved to `source`. What another app's account reads is not shown to this one.
fn before(state: &AppState, app: &app::Model, source: Source, has_reader: bool) -> Option<Source> {
    let (other, may) = match source {
        Source::Graph => (Source::Outlet, app.saved_before && state.config.migrating.has_outlet),
        Source::Outlet => (Source::Graph, has_reader),
    };
    may.then_some(other)
}

/// Answers a browser's question whether it may ask. The settings want a proof, which the app's own origins may send.
#[utoipa::path(
    options,
    path = "/instagram",
    tag = "feeds",
    operation_id = "feed_preflight",
    security(()),
    params(Params),
    responses((status = 204, description = "What a script may send."), Unavailable),
)]
pub(crate) async fn preflight(
    State(state): State<AppState>,
    headers: HeaderMap,
    params: Result<Query<Params>, QueryRejection>,
) -> Result<Response, Problem> {
    let app_id = params.ok().and_then(|Query(params)| name("app_id", params.app_id).ok());
    let app = match app_id {
        Some(app_id) => app::Entity::find_by_id(app_id).one(&state.db.read).await?,
        None => None,
    };
    let allowed = if app.is_some() { "authorization, if-none-match" } else { "if-none-match" };
    let answer = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, allowed),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    let mut response = (StatusCode::NO_CONTENT, answer).into_response();
    match app {
        Some(app) => allow_origin(&mut response, &app, &headers),
        None => {
            response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
    }
    Ok(response)
}

/// `@name` or `#tag`, or a bare `@` or `#` with the name in `following`.
fn key(params: &Params) -> Result<FeedKey, Problem> {
    let text = params.username_or_hashtag.as_deref().unwrap_or_default().trim();
    let following = params.following.as_deref().unwrap_or_default().trim();
    if text.is_empty() {
        let detail = "`username_or_hashtag` is missing or empty: send `@account` or `#hashtag`. In an address, `#` is \
                      written as `%23`.";
        return Err(Problem::bad_request("bad_feed_key", detail));
    }
    let parsed = match text {
        "@" => FeedKey::account(following.trim_start_matches('@')),
        "#" => FeedKey::hashtag(following.trim_start_matches('#')),
        _ => FeedKey::parse(text),
    };
    parsed.map_err(|error| Problem::bad_request("bad_feed_key", format!("`username_or_hashtag`: {error}.")))
}

fn not_yet(state: &AppState, run_id: String, next_try_at: Option<DateTime<Utc>>) -> FeedPending {
    let freshness = Freshness {
        state: FreshnessState::Pending,
        fetched_at: None,
        next_try_at: next_try_at.map(rfc3339),
        reason: next_try_at.map(|_| "rate_limited".to_owned()),
    };
    FeedPending { status_url: state.config.status_url(&run_id), job_id: run_id, freshness, settings: None }
}

fn pending(json: &impl Serialize, wait: i64) -> Response {
    let headers = [(header::CACHE_CONTROL, "no-store".to_owned()), (header::RETRY_AFTER, wait.to_string())];
    (StatusCode::ACCEPTED, headers, Json(json)).into_response()
}

fn body(feed: &Feed, keep: Option<Keep>, asked: &HeaderMap) -> Result<Response, Problem> {
    let Some(Keep { max_age, while_revalidated, while_failing }) = keep else {
        return Ok(([(header::CACHE_CONTROL, "no-store")], Json(feed)).into_response());
    };
    let text = serde_json::to_string(feed).map_err(|error| Problem::unavailable(&error))?;
    let tag = feed_answer::etag(&text);
    let cache = format!(
        "public, max-age={max_age}, stale-while-revalidate={while_revalidated}, stale-if-error={while_failing}"
    );
    let known = asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| feed_answer::matches(value, &tag));
    let headers = [(header::CACHE_CONTROL, cache), (header::ETAG, tag)];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    Ok((headers, [(header::CONTENT_TYPE, "application/json")], text).into_response())
}

/// An app without a list may be shown anywhere; with one, only there.
fn allow_origin(response: &mut Response, app: &app::Model, asked: &HeaderMap) {
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Retry-After"));
    let origin = asked.get(header::ORIGIN);
    let listed =
        origin.and_then(|origin| origin.to_str().ok()).is_some_and(|origin| app.allowed_origins.contains(origin));
    if app.allowed_origins.0.is_empty() {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    } else if let Some(origin) = origin.filter(|_| listed) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
}

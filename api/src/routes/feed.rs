//! `GET /instagram`: a feed. Always the last good body, with its freshness; 202 and a run to poll until the first.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use entities::feed::Source;
use entities::{FeedKey, app, feed, feed_app, install, job_run, new_id};
use queue::Job;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, IntoResponses};
use worker::feed_body::rfc3339;
use worker::jobs::FetchFeed;

use super::name;
use super::settings::settings;
use crate::answers::{Feed, FeedPending, Freshness, FreshnessState};
use crate::auth::Caller;
use crate::document::refusals::{
    APP_UNKNOWN, BAD_FEED_KEY, BAD_PARAMETER, BAD_QUERY, BEARER, FEED_NOT_REGISTERED, FORBIDDEN, Responses,
    UNAVAILABLE, Unavailable, refusals,
};
use crate::feed_answer::{self, Answer};
use crate::problem::Problem;
use crate::state::{AppState, to_its_end};

/// A feed's last request is noted this often: a visitor costs no write.
const NOTED_EVERY: TimeDelta = TimeDelta::hours(1);
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
    let Query(params) = params.map_err(|error| Problem::bad_request("bad_query", error.body_text()))?;
    let is_settings = params.is_settings.as_deref() == Some("true");
    let caller = if is_settings { Some(Caller::of(&state, &headers).await?) } else { None };
    let app_id = name("app_id", params.app_id.clone())?;
    if let Some(caller) = caller {
        caller.may_ask_for(&app_id)?;
    }
    let key = key(&params)?;
    let app = app::Entity::find_by_id(&app_id).one(&state.db.read).await?;
    let app = app.ok_or_else(|| Problem::not_found("app_unknown", "No app has this `app_id`; register it first."))?;
    let is_shown = app.lists(&key) || is_settings;
    // A stranger who asks for a hashtag that is not listed costs no look at the accounts.
    let is_nobodys = !is_shown && key.tag().is_some();
    let installs = if is_nobodys { Vec::new() } else { install::Entity::of_app(&state.db.read, &app_id).await? };
    let connected =
        key.account_name().and_then(|name| installs.iter().find(|install| install.instagram_account == name));
    if !is_shown && connected.is_none() {
        let detail = format!("The app shows no feed {key}; add it to the app's `feeds` or connect the account.");
        return Err(Problem::not_found("feed_not_registered", detail));
    }
    // A hashtag is nobody's: any account of the app may fetch it.
    let has_reader = connected.is_some() || (key.tag().is_some() && !installs.is_empty());
    let answer = if has_reader {
        serve(&state, &app_id, &key).await?
    } else {
        feed_answer::nothing(key.as_str(), "not_connected", None)
    };
    let settings = if is_settings { Some(settings(&state, &app, &installs).await?) } else { None };
    let mut response = match answer {
        Answer::Pending { run_id, next_try_at } => {
            let wait = next_try_at.map_or(SOON, |at| (at - state.now()).num_seconds().max(SOON));
            pending(&FeedPending { settings, ..not_yet(&state, run_id, next_try_at) }, wait)
        }
        Answer::Body { feed, max_age } => {
            let max_age = max_age.filter(|_| !is_settings);
            body(&Feed { settings, ..*feed }, max_age, &headers)?
        }
    };
    allow_origin(&mut response, &app, &headers);
    Ok(response)
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
    let parsed = match text {
        "@" => FeedKey::account(following.trim_start_matches('@')),
        "#" => FeedKey::hashtag(following.trim_start_matches('#')),
        _ => FeedKey::parse(text),
    };
    parsed.map_err(|error| Problem::bad_request("bad_feed_key", format!("`username_or_hashtag`: {error}.")))
}

/// The row's answer; the first who asks makes the row and pushes the work, everybody else finds it.
async fn serve(state: &AppState, app_id: &str, key: &FeedKey) -> Result<Answer, Problem> {
    let now = state.now();
    if let Some(feed) = feed::Entity::of_key(&state.db.read, Source::Graph, key).await? {
        note_wish(state, app_id, &feed).await?;
        note_request(state, &feed).await?;
        return Ok(feed_answer::of_row(&feed, now));
    }
    let (state, app_id, key) = (state.clone(), app_id.to_owned(), key.clone());
    to_its_end(async move { first(&state, &app_id, &key).await }).await
}

/// Makes the row and the run that everybody polls, and pushes the work; whoever comes second finds them.
async fn first(state: &AppState, app_id: &str, key: &FeedKey) -> Result<Answer, Problem> {
    let (now, feed_id, run_id) = (state.now(), new_id(), new_id());
    let tx = state.db.begin().await?;
    let is_first = feed::Entity::insert_due(&tx, Source::Graph, key, (&feed_id, &run_id), now).await?;
    if is_first {
        let run = job_run::ActiveModel {
            subject: Set(Some(feed_id.clone())),
            ..job_run::Entity::pending(run_id.clone(), FetchFeed::NAME, now)
        };
        job_run::Entity::insert(run).exec_without_returning(&tx).await?;
    }
    let feed = feed::Entity::of_key(&tx, Source::Graph, key).await?;
    if let Some(feed) = feed.as_ref().filter(|_| key.tag().is_some()) {
        feed_app::Entity::note(&tx, &feed.id, app_id, now).await?;
    }
    tx.commit().await?;
    if is_first {
        state.push(&FetchFeed { feed_id }).await;
    }
    Ok(feed.map_or(Answer::Pending { run_id, next_try_at: None }, |feed| feed_answer::of_row(&feed, now)))
}

/// Notes now and then that an app wants a hashtag: it is fetched with the accounts of the apps that do. Where it failed
/// for want of an account, those of an app that did not ask before are tried at once.
async fn note_wish(state: &AppState, app_id: &str, feed: &feed::Model) -> Result<(), Problem> {
    if feed.key.tag().is_none() {
        return Ok(());
    }
    let now = state.now();
    let last = feed_app::Entity::last_request(&state.db.read, &feed.id, app_id).await?;
    if last.is_some_and(|last| last + NOTED_EVERY > now) {
        return Ok(());
    }
    let tx = state.db.begin().await?;
    // Locked before the new row refers to it: of two apps at once that lock it behind that, each would wait for the other.
    feed::Entity::lock(&tx, &feed.id).await?;
    feed_app::Entity::note(&tx, &feed.id, app_id, now).await?;
    let woken = if last.is_none() { feed::Entity::wake(&tx, &feed.key, now).await? } else { Vec::new() };
    tx.commit().await?;
    for feed_id in woken {
        state.push(&FetchFeed { feed_id }).await;
    }
    Ok(())
}

/// Notes now and then that somebody wants the feed; one that slept is fetched again.
async fn note_request(state: &AppState, feed: &feed::Model) -> Result<(), Problem> {
    let now = state.now();
    if feed.last_requested_at + NOTED_EVERY > now {
        return Ok(());
    }
    feed::Entity::note_request(&state.db.write, &feed.id, now).await?;
    if feed.next_fetch_at.is_none_or(|due| due <= now) {
        state.push(&FetchFeed { feed_id: feed.id.clone() }).await;
    }
    Ok(())
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

fn body(feed: &Feed, max_age: Option<i64>, asked: &HeaderMap) -> Result<Response, Problem> {
    let Some(max_age) = max_age else {
        return Ok(([(header::CACHE_CONTROL, "no-store")], Json(feed)).into_response());
    };
    let text = serde_json::to_string(feed).map_err(|error| Problem::unavailable(&error))?;
    let tag = feed_answer::etag(&text);
    let cache = format!("public, max-age={max_age}, stale-while-revalidate=600, stale-if-error=86400");
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

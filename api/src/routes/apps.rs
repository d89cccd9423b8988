//! `PUT /v1/apps/{app_id}`: registers an app of the host platform, or updates it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use entities::{FeedKey, StringList, app, feed_app};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect};
use serde::Deserialize;
use url::Url;
use utoipa::{IntoResponses, ToSchema};

use super::{name, optional_name};
use crate::answers::App;
use crate::auth::Caller;
use crate::document::refusals::{
    BAD_BODY, BAD_FEED_KEY, BAD_PARAMETER, BAD_REQUEST, BEARER, BODY_TOO_LARGE, FORBIDDEN, Responses, UNAVAILABLE,
    refusals,
};
use crate::json_body::{given, read};
use crate::problem::Problem;
use crate::state::AppState;

/// More feeds than any widget shows.
const MOST_FEEDS: usize = 100;
const MOST_ORIGINS: usize = 50;

/// What the host platform knows of its app. What is left out keeps its value; a new app gets the default. Null clears
/// what may be unknown; a list is cleared by an empty one.
#[expect(clippy::option_option, reason = "left out, null and a text are three things")]
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registration {
    /// The host platform's id of the app's owner.
    #[schema(min_length = 1, max_length = 200)]
    user: String,
    /// The kind of widget, in the host platform's words.
    #[serde(default, deserialize_with = "given")]
    #[schema(max_length = 200, nullable = false, example = "socialFeed")]
    app_type: Option<String>,
    /// The keys that it shows: `@account` or `#hashtag`.
    #[serde(default, deserialize_with = "given")]
    #[schema(max_items = 100, nullable = false, example = json!(["@powr_io", "#food"]))]
    feeds: Option<Vec<String>>,
    /// Whether it was saved before the Graph API came: such an app may be served by the legacy source.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    saved_before: Option<bool>,
    /// Whom to tell about its connections; null: nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    owner_email: Option<Option<String>>,
    /// The owner's language (BCP 47); null: not known.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 200)]
    language: Option<Option<String>>,
    /// Web origins that may read its feeds from a browser; empty: any.
    #[serde(default, deserialize_with = "given")]
    #[schema(max_items = 50, nullable = false, example = json!(["https://www.example.com"]))]
    allowed_origins: Option<Vec<String>>,
}

struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        refusals(&[
            &[BAD_PARAMETER, BAD_BODY, BAD_REQUEST, BAD_FEED_KEY, BODY_TOO_LARGE, FORBIDDEN, UNAVAILABLE],
            &BEARER,
        ])
    }
}

/// Registers an app, or updates it: what is left out keeps its value.
#[utoipa::path(
    put,
    path = "/v1/apps/{app_id}",
    tag = "apps",
    operation_id = "put_app",
    security(("bearer" = [])),
    params(("app_id" = String, Path, min_length = 1, max_length = 200, description = "The host platform's id of it.")),
    request_body = Registration,
    responses(
        (status = 200, description = "It was known, and is updated.", body = App),
        (status = 201, description = "It is new.", body = App),
        Refusals,
    ),
)]
pub(crate) async fn put(
    State(state): State<AppState>,
    caller: Caller,
    Path(app_id): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let app_id = name("app_id", Some(app_id))?;
    caller.may_ask_for(&app_id)?;
    let given: Registration = read(&body)?;
    let user = name("user", Some(given.user))?;
    caller.may_ask_as(&app_id, &user)?;
    let feeds = given.feeds.as_deref().map(feeds).transpose()?;
    let origins = given.allowed_origins.map(origins).transpose()?;
    let email = given.owner_email.map(|value| value.map(email).transpose()).transpose()?;
    let app_type = given.app_type.map(|value| optional_name("app_type", Some(value))).transpose()?;
    let language =
        given.language.map(|value| value.map(|value| name("language", Some(value))).transpose()).transpose()?;

    let now = state.now();
    let tx = state.db.begin().await?;
    let is_new = app::Entity::register(&tx, &app_id, &user, "", now).await?;
    let row = app::Entity::find_by_id(&app_id).lock_exclusive().one(&tx).await?;
    let gone = || Problem::unavailable(&"the app was deleted while it was written");
    let mut row = row.ok_or_else(gone)?.into_active_model();
    row.user = Set(user);
    row.updated_at = Set(now);
    row.app_type = app_type.map_or(row.app_type, Set);
    row.feeds = feeds.map_or(row.feeds, Set);
    row.saved_before = given.saved_before.map_or(row.saved_before, Set);
    row.owner_email = email.map_or(row.owner_email, Set);
    row.language = language.map_or(row.language, Set);
    row.allowed_origins = origins.map_or(row.allowed_origins, Set);
    let row = row.update(&tx).await?;
    feed_app::Entity::keep_listed(&tx, &app_id, &row.feeds.0).await?;
    tx.commit().await?;

    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, [(header::CACHE_CONTROL, "no-store")], Json(App::from(row))).into_response())
}

fn feeds(given: &[String]) -> Result<StringList, Problem> {
    if given.len() > MOST_FEEDS {
        return Err(Problem::bad_request("bad_body", format!("`feeds` holds more than {MOST_FEEDS} keys.")));
    }
    let mut keys: Vec<String> = Vec::with_capacity(given.len());
    for (index, text) in given.iter().enumerate() {
        let key = FeedKey::parse(text)
            .map_err(|error| Problem::bad_request("bad_feed_key", format!("`feeds[{index}]`: {error}.")))?;
        if !keys.iter().any(|known| known == key.as_str()) {
            keys.push(key.to_string());
        }
    }
    Ok(StringList(keys))
}

fn origins(given: Vec<String>) -> Result<StringList, Problem> {
    if given.len() > MOST_ORIGINS {
        return Err(Problem::bad_request("bad_body", format!("`allowed_origins` holds more than {MOST_ORIGINS}.")));
    }
    for (index, text) in given.iter().enumerate() {
        let is_origin = Url::parse(text)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == *text)
            && !text.contains('*');
        if !is_origin {
            let detail = format!("`allowed_origins[{index}]` is no origin, such as `https://www.example.com`.");
            return Err(Problem::bad_request("bad_body", detail));
        }
    }
    Ok(StringList(given))
}

fn email(given: String) -> Result<String, Problem> {
    let plausible = given.len() <= 254
        && !given.chars().any(|c| c.is_control() || c.is_whitespace())
        && !given.contains(['<', '>', '"', ',', ';'])
        && given.split_once('@').is_some_and(|(name, domain)| {
            !name.is_empty()
                && !domain.contains('@')
                && domain.split('.').all(|part| !part.is_empty())
                && domain.contains('.')
        });
    if plausible { Ok(given) } else { Err(Problem::bad_request("bad_body", "`owner_email` is no e-mail address.")) }
}

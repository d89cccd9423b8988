//! `POST /v1/crossposts`, `PATCH /v1/crossposts/{id}`: cross-posts are made, changed, paused, and go on.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::SubsecRound as _;
use entities::{crosspost, install, is_id, new_id, x_account};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde::Deserialize;
use utoipa::{IntoResponses, ToSchema};
use worker::crosspost::{demand, text};

use super::crossposts::{answer, find};
use crate::answers::Crosspost;
use crate::auth::Caller;
use crate::document::refusals::{
    BAD_BODY, BAD_REQUEST, BEARER, BODY_TOO_LARGE, CROSSPOST_EXISTS, CROSSPOST_UNKNOWN, INSTALL_UNKNOWN, NO_COMMON_APP,
    Responses, UNAVAILABLE, X_ACCOUNT_UNKNOWN, refusals,
};
use crate::json_body::{given, read};
use crate::problem::Problem;
use crate::state::{AppState, to_its_end};

/// Posts a day, where nobody says how many.
const USUAL_CAP: i32 = 25;
/// The most that can be chosen.
const MOST_A_DAY: i32 = 100;

/// What is to be posted from where to where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// The connection whose new media are posted.
    install_id: String,
    /// The X account to which they are posted.
    x_account_id: String,
    /// The post's text: `{caption}` is shortened to what X takes, `{permalink}` and `{username}` stay whole. `{caption}`
    /// unless said.
    #[serde(default, deserialize_with = "given")]
    #[schema(max_length = 200, nullable = false, example = "{caption}")]
    template: Option<String>,
    /// How it posts.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    options: Option<WantedOptions>,
}

/// What is to be changed; what is left out keeps its value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    /// The post's text.
    #[serde(default, deserialize_with = "given")]
    #[schema(max_length = 200, nullable = false)]
    template: Option<String>,
    /// How it posts.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    options: Option<WantedOptions>,
    /// Whether nothing is posted for now. What is published meanwhile is posted when it goes on.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    paused: Option<bool>,
}

/// How a cross-post posts; what is left out keeps its value.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedOptions {
    /// Whether each post carries the link to Instagram; not, unless said. X charges 0.200 USD for a post with a link and
    /// 0.015 USD for one without: 13 times as much.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    link: Option<bool>,
    /// Whether pictures are given their alternative texts, at 0.005 USD each; they are, unless said.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    alt_text: Option<bool>,
    /// The most posts in any 24 hours; 25 unless said.
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 1, maximum = 100, nullable = false)]
    daily_cap: Option<i32>,
}

struct MakeRefusals;

impl IntoResponses for MakeRefusals {
    fn responses() -> Responses {
        let own = [
            BAD_BODY,
            BODY_TOO_LARGE,
            INSTALL_UNKNOWN,
            X_ACCOUNT_UNKNOWN,
            CROSSPOST_EXISTS,
            NO_COMMON_APP,
            UNAVAILABLE,
        ];
        refusals(&[&own, &BEARER])
    }
}

struct ChangeRefusals;

impl IntoResponses for ChangeRefusals {
    fn responses() -> Responses {
        refusals(&[&[BAD_BODY, BAD_REQUEST, BODY_TOO_LARGE, CROSSPOST_UNKNOWN, UNAVAILABLE], &BEARER])
    }
}

/// Posts an Instagram account's new media to an X account, from now on: what was published before is never posted. One app
/// has to use both. A post with a link costs 13 times as much at X as one without: `options.link`.
#[utoipa::path(
    post,
    path = "/v1/crossposts",
    tag = "x",
    operation_id = "make_crosspost",
    security(("bearer" = [])),
    request_body = Wanted,
    responses((status = 201, description = "It posts from now on.", body = Crosspost), MakeRefusals),
)]
pub(crate) async fn make(State(state): State<AppState>, caller: Caller, body: Bytes) -> Result<Response, Problem> {
    let wanted: Wanted = read(&body)?;
    let (install, account) = sides(&state, &caller, &wanted).await?;
    // History begins at the second, as the times of media are whole ones.
    let now = state.now().trunc_subsecs(0);
    let row = crosspost::Model {
        id: new_id(),
        install_id: install.id.clone(),
        x_account_id: account.id,
        template: text::TEMPLATE.to_owned(),
        link: false,
        alt_text: true,
        daily_cap: USUAL_CAP,
        paused: false,
        created_at: now,
        updated_at: now,
    };
    let row = changed(row, wanted.template, wanted.options)?;
    let both = (row.install_id.as_str(), row.x_account_id.as_str());
    if !crosspost::Entity::may_join(&state.db.read, caller.app(), both).await? {
        let detail = "No app uses both this connection and this account on X; connect both to one app.";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "no_common_app", detail));
    }
    to_its_end(async move {
        let made = crosspost::Entity::insert_new(&state.db.write, row.into_active_model().reset_all()).await?;
        let made = made.ok_or_else(|| {
            let detail = "This connection is posted to this account already; change that cross-post instead.";
            Problem::new(StatusCode::CONFLICT, "crosspost_exists", detail)
        })?;
        tracing::info!(crosspost_id = made.id, "a cross-post was made");
        look_at_once(&state, &install).await?;
        Ok(answer(StatusCode::CREATED, &Crosspost::from(made)))
    })
    .await
}

/// Changes a cross-post, pauses it, or lets it go on: what is left out keeps its value. What was published while it was
/// paused is posted when it goes on, in its order and within the daily cap.
#[utoipa::path(
    patch,
    path = "/v1/crossposts/{id}",
    tag = "x",
    operation_id = "change_crosspost",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The cross-post's id.")),
    request_body = Change,
    responses((status = 200, description = "How it is now.", body = Crosspost), ChangeRefusals),
)]
pub(crate) async fn change(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let change: Change = read(&body)?;
    let id = find(&state, &caller, &id).await?.id;
    to_its_end(async move {
        let tx = state.db.begin().await?;
        let row = crosspost::Entity::lock(&tx, &id).await?;
        let row = row.ok_or_else(|| Problem::not_found("crosspost_unknown", "There is no such cross-post."))?;
        let goes_on = row.paused && change.paused == Some(false);
        let paused = change.paused.unwrap_or(row.paused);
        let row = changed(row, change.template, change.options)?;
        let row = crosspost::Model { paused, updated_at: state.now(), ..row };
        let row = row.into_active_model().reset_all();
        let row = row.update(&tx).await?;
        tx.commit().await?;
        if goes_on && let Some(install) = install::Entity::find_by_id(&row.install_id).one(&state.db.read).await? {
            look_at_once(&state, &install).await?;
        }
        Ok(answer(StatusCode::OK, &Crosspost::from(row)))
    })
    .await
}

/// Finds both sides of what somebody wants, if the caller may see them.
async fn sides(
    state: &AppState,
    caller: &Caller,
    wanted: &Wanted,
) -> Result<(install::Model, x_account::Model), Problem> {
    let (db, app_id) = (&state.db.read, caller.app());
    let (install_id, x_account_id) = (&wanted.install_id, &wanted.x_account_id);
    let install = if is_id(install_id) { install::Entity::visible(db, app_id, install_id).await? } else { None };
    let install = install.ok_or_else(|| Problem::not_found("install_unknown", "There is no such connection."))?;
    let account = if is_id(x_account_id) { x_account::Entity::visible(db, app_id, x_account_id).await? } else { None };
    let account = account.ok_or_else(|| Problem::not_found("x_account_unknown", "There is no such account on X."))?;
    Ok((install, account))
}

/// Returns a row with what somebody wants otherwise, if it can be so.
fn changed(
    row: crosspost::Model,
    template: Option<String>,
    options: Option<WantedOptions>,
) -> Result<crosspost::Model, Problem> {
    let bad = |detail: String| Problem::bad_request("bad_body", detail);
    let options = options.unwrap_or_default();
    let row = crosspost::Model {
        template: template.unwrap_or(row.template),
        link: options.link.unwrap_or(row.link),
        alt_text: options.alt_text.unwrap_or(row.alt_text),
        daily_cap: options.daily_cap.unwrap_or(row.daily_cap),
        ..row
    };
    text::check(&row.template).map_err(|error| bad(format!("`template`: {error}.")))?;
    if text::asks_for_link(&row.template) && !row.link {
        let detail = "`template` has {permalink}, and `options.link` is false. Set it to true: a post with a link costs 13 \
                      times as much at X (0.200 USD, not 0.015); or take {permalink} out.";
        return Err(bad(detail.to_owned()));
    }
    if !(1..=MOST_A_DAY).contains(&row.daily_cap) {
        return Err(bad(format!("`options.daily_cap` is a whole number from 1 to {MOST_A_DAY}.")));
    }
    Ok(row)
}

/// Has the feed read now from which is posted.
async fn look_at_once(state: &AppState, install: &install::Model) -> Result<(), Problem> {
    if let Some(fetch) = demand(&state.db, install, state.now()).await? {
        state.push(&fetch).await;
    }
    Ok(())
}

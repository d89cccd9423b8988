//! `DELETE /v1/apps/{app_id}[/installs/{id}]`: the host platform takes an app away, or one of its connections. An install
//! that no app uses any more is forgotten: its tokens at once, the rest behind the answer.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use entities::app::Concerned;
use entities::deletion::Kind;
use entities::{app, app_install, email_delivery, feed_app, install, is_id, job_run, x_account_app};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect};
use utoipa::IntoResponses;
use worker::exchange::end_with_app;
use worker::jobs::{ForgetInstalls, MigrateApp, RevokeXToken, Subject};

use super::name;
use crate::auth::Caller;
use crate::document::refusals::{
    APP_UNKNOWN, BAD_PARAMETER, BAD_REQUEST, BEARER, FORBIDDEN, INSTALL_UNKNOWN, Responses, UNAVAILABLE, refusals,
};
use crate::problem::Problem;
use crate::state::{AppState, to_its_end};

struct AppRefusals;

impl IntoResponses for AppRefusals {
    fn responses() -> Responses {
        refusals(&[&[BAD_PARAMETER, BAD_REQUEST, FORBIDDEN, APP_UNKNOWN, UNAVAILABLE], &BEARER])
    }
}

struct InstallRefusals;

impl IntoResponses for InstallRefusals {
    fn responses() -> Responses {
        refusals(&[&[BAD_PARAMETER, BAD_REQUEST, FORBIDDEN, INSTALL_UNKNOWN, UNAVAILABLE], &BEARER])
    }
}

/// Takes an app away with its connections. An account that no other app uses is forgotten.
#[utoipa::path(
    delete,
    path = "/v1/apps/{app_id}",
    tag = "apps",
    operation_id = "delete_app",
    security(("bearer" = [])),
    params(("app_id" = String, Path, min_length = 1, max_length = 200, description = "The host platform's id of it.")),
    responses((status = 204, description = "It is gone."), AppRefusals),
)]
pub(crate) async fn app(
    State(state): State<AppState>,
    caller: Caller,
    Path(app_id): Path<String>,
) -> Result<StatusCode, Problem> {
    let app_id = name("app_id", Some(app_id))?;
    caller.may_ask_for(&app_id)?;
    to_its_end(async move {
        let (tx, installs) = lock(&state, &app_id).await?;
        feed_app::Entity::delete_many().filter(feed_app::Column::AppId.eq(&app_id)).exec(&tx).await?;
        job_run::Entity::ended_of_app(&app_id).exec(&tx).await?;
        // Whoever follows a connection that is under way learns its end; committed, it would bring the app back.
        let mut revocations = end_with_app(&tx, &state.keyring, &app_id, state.now()).await?;
        app_install::Entity::delete_many().filter(app_install::Column::AppId.eq(&app_id)).exec(&tx).await?;
        for id in x_account_app::Entity::of_app(&tx, &app_id).await? {
            let parted = RevokeXToken::part(&tx, &state.keyring, (Some(&app_id), &id), state.now()).await?;
            revocations.extend(parted.flatten());
        }
        app::Entity::delete_by_id(&app_id).exec(&tx).await?;
        let mut jobs = Vec::new();
        for install_id in &installs {
            jobs.extend(forget_unused(&state, &tx, install_id).await?);
        }
        tx.commit().await?;
        tracing::info!(app_id, forgotten = jobs.len(), "an app was taken away");
        for job in &jobs {
            state.push(job).await;
        }
        for job in &revocations {
            state.push(job).await;
        }
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Takes one connection away from an app. An account that no other app uses is forgotten.
#[utoipa::path(
    delete,
    path = "/v1/apps/{app_id}/installs/{id}",
    tag = "apps",
    operation_id = "disconnect",
    security(("bearer" = [])),
    params(
        ("app_id" = String, Path, min_length = 1, max_length = 200, description = "The host platform's id of the app."),
        ("id" = String, Path, description = "The connection's id."),
    ),
    responses((status = 204, description = "The app uses it no more."), InstallRefusals),
)]
pub(crate) async fn install(
    State(state): State<AppState>,
    caller: Caller,
    Path((app_id, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let app_id = name("app_id", Some(app_id))?;
    caller.may_ask_for(&app_id)?;
    let unknown = || Problem::not_found("install_unknown", "There is no such connection.");
    if !is_id(&id) {
        return Err(unknown());
    }
    to_its_end(async move {
        let tx = state.db.begin().await?;
        let install = install::Entity::lock(&tx, &id).await?.ok_or_else(unknown)?;
        let parted = app_install::Entity::delete_by_id((app_id.clone(), id.clone())).exec(&tx).await?;
        if parted.rows_affected == 0 {
            return Err(unknown());
        }
        let now = state.now();
        let moves = app::Entity::owe_migration(&tx, &app_id, Concerned::Made, now).await?;
        // What has told of the account is found by the app: whoever forgets the account looks for others by then.
        job_run::Entity::forget_failures(&tx, &app_id, &install).await?;
        let job = forget_unused(&state, &tx, &id).await?;
        tx.commit().await?;
        tracing::info!(app_id, install_id = id, is_forgotten = job.is_some(), "an app was disconnected");
        if let Some(job) = &job {
            state.push(job).await;
        }
        if moves {
            state.push(&MigrateApp { app_id, due_at: now }).await;
        }
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Locks an app's installs and then the app, as everybody does, and returns the installs' ids.
async fn lock(state: &AppState, app_id: &str) -> Result<(DatabaseTransaction, Vec<String>), Problem> {
    loop {
        let tx = state.db.begin().await?;
        let installs = installs_of(&tx, app_id).await?;
        for id in &installs {
            install::Entity::lock(&tx, id).await?;
        }
        let known = app::Entity::find_by_id(app_id).lock_exclusive().one(&tx).await?;
        known.ok_or_else(|| Problem::not_found("app_unknown", "No app has this `app_id`; register it first."))?;
        // Somebody may have connected an account between the two; from here on nobody does.
        if installs_of(&tx, app_id).await? == installs {
            return Ok((tx, installs));
        }
        tx.rollback().await?;
    }
}

async fn installs_of(tx: &DatabaseTransaction, app_id: &str) -> Result<Vec<String>, DbErr> {
    let mut ids: Vec<_> = install::Entity::of_app(tx, app_id).await?.into_iter().map(|install| install.id).collect();
    ids.sort_unstable();
    Ok(ids)
}

/// Takes the tokens of an install that no app uses, and keeps that the rest is to be forgotten.
async fn forget_unused(
    state: &AppState,
    tx: &DatabaseTransaction,
    id: &str,
) -> Result<Option<ForgetInstalls>, Problem> {
    if install::Entity::is_used(tx, id).await? {
        email_delivery::Entity::forget_strangers(tx, id).await?;
        return Ok(None);
    }
    let now: DateTime<Utc> = state.now();
    install::Entity::wipe_tokens(tx, id, now).await?;
    let subject = Subject { kind: Kind::Install, id: id.to_owned() };
    Ok(Some(subject.ask(tx, state.config.app_secret.as_ref(), now, now).await?))
}

//! `GET /v1/x-accounts`, `GET|DELETE /v1/x-accounts/{id}`: the accounts on X that the caller may post to.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use entities::is_id;
use entities::x_account::{self, Ended, Stopped};
use entities::x_account_app::{self, Dependant};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, IntoResponses};
use worker::feed_body::rfc3339;
use worker::jobs::RevokeXToken;

use super::paging::Paging;
use super::{bad_query, name};
use crate::answers::{self, XAccount, XAccountError, XAccountPage};
use crate::auth::Caller;
use crate::document::refusals::{
    BAD_PARAMETER, BAD_QUERY, BAD_REQUEST, BEARER, FORBIDDEN, Responses, UNAVAILABLE, X_ACCOUNT_UNKNOWN, refusals,
};
use crate::problem::Problem;
use crate::state::{AppState, to_its_end};

/// Which accounts, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Params {
    /// Only those that this app posts to.
    app_id: Option<String>,
    /// How many at most; 50 unless said.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
}

struct ListRefusals;

impl IntoResponses for ListRefusals {
    fn responses() -> Responses {
        refusals(&[&[BAD_QUERY, BAD_PARAMETER, FORBIDDEN, UNAVAILABLE], &BEARER])
    }
}

struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        refusals(&[&[BAD_REQUEST, X_ACCOUNT_UNKNOWN, UNAVAILABLE], &BEARER])
    }
}

/// Lists a page of accounts on X in order of id. `next` is what `after` takes to get the page behind it.
#[utoipa::path(
    get,
    path = "/v1/x-accounts",
    tag = "x",
    operation_id = "x_accounts",
    security(("bearer" = [])),
    params(Params),
    responses((status = 200, description = "Those that the caller may see.", body = XAccountPage), ListRefusals),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    params: Result<Query<Params>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(params) = params.map_err(|error| bad_query(&error))?;
    let asked = params.app_id.map(|app_id| name("app_id", Some(app_id))).transpose()?;
    if let Some(app_id) = &asked {
        caller.may_ask_for(app_id)?;
    }
    let paging = Paging::read(params.limit.as_deref(), params.after)?;
    let app_id = asked.as_deref().or(caller.app());
    let mut accounts = x_account::Entity::page(&state.db.read, app_id, &paging.after, paging.rows()).await?;
    let next = paging.cut(&mut accounts, |account| &account.id);
    let data = shown(&state, &caller, &accounts).await?;
    Ok(answer(&XAccountPage { data, next }))
}

/// Shows one account on X; another app's is not there.
#[utoipa::path(
    get,
    path = "/v1/x-accounts/{id}",
    tag = "x",
    operation_id = "x_account",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The account's id.")),
    responses((status = 200, description = "How it is.", body = XAccount), Refusals),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let account = if is_id(&id) { x_account::Entity::visible(&state.db.read, caller.app(), &id).await? } else { None };
    let shown = shown(&state, &caller, &[account.ok_or_else(unknown)?]).await?;
    Ok(answer(&shown.first()))
}

/// Takes an account on X away from the caller's app, or, for an operator, from all.
///
/// One that no app posts to any more is deleted: its tokens first, which X is told to revoke, then its cross-posts.
#[utoipa::path(
    delete,
    path = "/v1/x-accounts/{id}",
    tag = "x",
    operation_id = "delete_x_account",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The account's id.")),
    responses((status = 204, description = "Nothing of the caller's is posted there any more."), Refusals),
)]
pub(crate) async fn end(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    if !is_id(&id) {
        return Err(unknown());
    }
    let app_id = caller.app().map(str::to_owned);
    to_its_end(async move {
        let (tx, now) = (state.db.begin().await?, state.now());
        let parted = RevokeXToken::part(&tx, &state.keyring, (app_id.as_deref(), &id), now).await?;
        let job = parted.ok_or_else(unknown)?;
        tx.commit().await?;
        tracing::info!(x_account_id = id, app_id, is_deleted = job.is_some(), "an account on X was disconnected");
        if let Some(job) = &job {
            state.push(job).await;
            state.db.let_go_of_deleted().await?;
        }
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

fn unknown() -> Problem {
    Problem::not_found("x_account_unknown", "There is no such account on X.")
}

async fn shown(state: &AppState, caller: &Caller, accounts: &[x_account::Model]) -> Result<Vec<XAccount>, Problem> {
    let ids = accounts.iter().map(|account| account.id.as_str());
    let dependants = x_account_app::Entity::dependants(&state.db.read, ids, caller.app()).await?;
    Ok(accounts.iter().map(|account| to_answer(account, &dependants, state.now())).collect())
}

fn to_answer(account: &x_account::Model, dependants: &[Dependant], now: DateTime<Utc>) -> XAccount {
    let stopped = account.stopped(now);
    let state = match (account.is_active(), stopped) {
        (false, _) => "dead",
        (true, Some(_)) => "stopped",
        (true, None) => "active",
    };
    let dependants = dependants
        .iter()
        .filter(|dependant| dependant.x_account_id == account.id)
        .map(|dependant| answers::Dependant { app_id: dependant.app_id.clone(), user: dependant.user.clone() })
        .collect();
    XAccount {
        id: account.id.clone(),
        x_user_id: account.x_user_id.clone(),
        username: account.username.clone(),
        name: account.name.clone(),
        state,
        stopped_until: stopped.map(|(_, until)| rfc3339(until)),
        access_ends_at: account.is_active().then(|| rfc3339(account.access_ends_at)),
        scopes: account.scopes.0.clone(),
        generation: account.generation,
        connected_at: rfc3339(account.created_at),
        dependants,
        last_error: error_of(account, stopped.map(|(why, _)| why)),
    }
}

/// What is wrong with an account, the worst of it.
fn error_of(account: &x_account::Model, stopped: Option<Stopped>) -> Option<XAccountError> {
    let renewed = "Nothing to do: it is tried again every few minutes.";
    let (class, message, advice) = match (account.ended, stopped, account.last_failure.as_deref()) {
        (Some(Ended::Refused), ..) => {
            ("token_dead", "X has ended the access that was granted.", "Connect the account again.")
        }
        (Some(Ended::Lost), ..) => (
            "token_dead",
            "An answer of X's was lost while the access was renewed, and X takes the old one no more.",
            "Connect the account again.",
        ),
        (None, Some(Stopped::Credits), _) => (
            "app_misconfigured",
            "The credits of this service at X are used up.",
            "The operator of this service has to buy credits; posts then go on by themselves.",
        ),
        (None, Some(Stopped::Forbidden), _) => (
            "permission_lost",
            "X lets this account post nothing.",
            "Look at the account on X: it may be locked or suspended.",
        ),
        (None, None, Some(class)) => (class, "The access to X could not be renewed yet.", renewed),
        (None, None, None) => return None,
    };
    let since = account.first_failed_at.map(rfc3339);
    Some(XAccountError { class: class.to_owned(), message: message.to_owned(), advice: advice.to_owned(), since })
}

fn answer(shown: &impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(shown)).into_response()
}

//! `GET /v1/installs`, `GET /v1/installs/{id}`: the connections that the caller may see, and how they are.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use entities::app_install::{self, Dependant};
use entities::{app, email_delivery, install, is_id};
use sea_orm::{Condition, EntityTrait};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, IntoResponses};
use worker::feed_body::rfc3339;

use super::paging::Paging;
use super::{bad_query, name};
use crate::answers::{self, Install, InstallError, InstallPage, InstallState, Undelivered};
use crate::auth::Caller;
use crate::document::refusals::{
    BAD_PARAMETER, BAD_QUERY, BAD_REQUEST, BEARER, FORBIDDEN, INSTALL_UNKNOWN, Responses, UNAVAILABLE, refusals,
};
use crate::install_view::{InstallView, Trouble};
use crate::problem::Problem;
use crate::state::AppState;

/// Which connections, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Params {
    /// Only those that this app uses.
    app_id: Option<String>,
    /// Only those in this state.
    #[param(value_type = Option<InstallState>)]
    state: Option<String>,
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
        refusals(&[&[BAD_REQUEST, INSTALL_UNKNOWN, UNAVAILABLE], &BEARER])
    }
}

/// Lists a page of connections in order of id. `next` is what `after` takes to get the page behind it.
#[utoipa::path(
    get,
    path = "/v1/installs",
    tag = "apps",
    operation_id = "installs",
    security(("bearer" = [])),
    params(Params),
    responses((status = 200, description = "Those that the caller may see.", body = InstallPage), ListRefusals),
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
    let which = which(&state, params.state.as_deref())?;
    let mut installs = install::Entity::page(&state.db.read, app_id, which, &paging.after, paging.rows()).await?;
    let next = paging.cut(&mut installs, |install| &install.id);
    let data = shown(&state, &caller, &installs).await?;
    Ok(answer(&InstallPage { data, next }))
}

/// Shows one connection; another app's is not there.
#[utoipa::path(
    get,
    path = "/v1/installs/{id}",
    tag = "apps",
    operation_id = "install",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The connection's id.")),
    responses((status = 200, description = "How it is.", body = Install), Refusals),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let install = if is_id(&id) { install::Entity::visible(&state.db.read, caller.app(), &id).await? } else { None };
    let install = install.ok_or_else(|| Problem::not_found("install_unknown", "There is no such connection."))?;
    let shown = shown(&state, &caller, &[install]).await?;
    Ok(answer(&shown.first()))
}

fn which(state: &AppState, word: Option<&str>) -> Result<Condition, Problem> {
    let Some(word) = word else { return Ok(Condition::all()) };
    let bad = || Problem::bad_request("bad_parameter", "`state` is `active`, `expiring`, `expired` or `dead`.");
    let now = state.now();
    Ok(install::State::named(word).ok_or_else(bad)?.condition(now, now + state.config.expiry_warning))
}

/// The mails about these connections that were not delivered; an app sees those to its own owner.
async fn undelivered(
    state: &AppState,
    caller: &Caller,
    installs: &[install::Model],
) -> Result<Vec<email_delivery::Model>, Problem> {
    let ids = installs.iter().map(|install| install.id.as_str());
    let mut mails = email_delivery::Entity::troubled(&state.db.read, ids).await?;
    if let Some(app_id) = caller.app() {
        let app = app::Entity::find_by_id(app_id).one(&state.db.read).await?;
        let owner = app.and_then(|app| app.owner());
        mails.retain(|mail| Some(&mail.recipient) == owner.as_ref());
    }
    // What has been mended since is nobody's trouble any more.
    mails.retain(|mail| installs.iter().any(|row| row.id == mail.install_id && row.generation == mail.generation));
    Ok(mails)
}

async fn shown(state: &AppState, caller: &Caller, installs: &[install::Model]) -> Result<Vec<Install>, Problem> {
    let ids = installs.iter().map(|install| install.id.as_str());
    let dependants = app_install::Entity::dependants(&state.db.read, ids, caller.app()).await?;
    let mails = undelivered(state, caller, installs).await?;
    let views = InstallView::of(state, installs).await?;
    Ok(views.iter().map(|view| to_answer(view, &dependants, &mails)).collect())
}

fn to_answer(view: &InstallView<'_>, dependants: &[Dependant], mails: &[email_delivery::Model]) -> Install {
    let InstallView { install, state, trouble } = view;
    let dependants = dependants
        .iter()
        .filter(|dependant| dependant.install_id == install.id)
        .map(|dependant| answers::Dependant { app_id: dependant.app_id.clone(), user: dependant.user.clone() })
        .collect();
    let last_error = trouble.as_ref().map(error_of);
    let mails = mails.iter().filter(|mail| mail.install_id == install.id);
    Install {
        id: install.id.clone(),
        instagram_account: install.instagram_account.clone(),
        instagram_business_account_id: install.instagram_business_account_id.clone(),
        page: (*install).into(),
        state: state.as_str(),
        ends_at: install.ends_at().map(rfc3339),
        ends_at_is_estimate: install.is_end_estimated(),
        killed: install.killed.map(install::Killed::as_str),
        scopes: install.scopes.0.clone(),
        generation: install.generation,
        connected_at: rfc3339(install.created_at),
        dependants,
        last_error,
        undelivered: mails.map(to_undelivered).collect(),
    }
}

fn to_undelivered(mail: &email_delivery::Model) -> Undelivered {
    Undelivered {
        stage: mail.stage.as_str(),
        recipient: mail.recipient.clone(),
        state: mail.state.as_str(),
        reason: mail.failure.clone(),
        at: mail.ended_at.map(rfc3339),
    }
}

fn error_of(trouble: &Trouble) -> InstallError {
    let diagnosis = trouble.diagnosis.as_ref();
    // A verdict knows the newest numbers.
    let (code, subcode, fbtrace_id) = match (&trouble.verdict, diagnosis) {
        (Some(verdict), _) => (verdict.code, verdict.subcode, verdict.fbtrace_id.clone()),
        (None, Some(known)) => (known.code, known.subcode, known.fbtrace_id.clone()),
        (None, None) => (None, None, None),
    };
    let verdict = trouble.verdict.as_ref().map(|verdict| answers::Verdict {
        word: verdict.word,
        summary: verdict.summary.clone(),
        ruled_out: verdict.ruled_out.clone(),
        remains: verdict.remains.clone(),
        next_step: verdict.next_step.clone(),
        who_acts: verdict.who_acts.as_str(),
        diagnosed_at: diagnosis.and_then(|known| known.diagnosed_at).map(rfc3339),
    });
    InstallError {
        class: trouble.reason.word,
        code,
        subcode,
        fbtrace_id,
        message: trouble.message(),
        advice: trouble.advice(),
        verdict,
    }
}

fn answer(shown: &impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(shown)).into_response()
}

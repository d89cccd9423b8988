//! `/connect/{link}`: where the button of a letter leads. Looking changes nothing, as mail scanners look first; the page's
//! own button sends the browser to Meta's dialog, and the link is used up when that has brought a new credential.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use entities::{app, app_install, connect_link, install};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use utoipa::IntoResponses;
use worker::exchange::{AppRef, ConnectLink, Reconnect, Unopened};

use super::connect::{Again, elsewhere, found, to_dialog};
use crate::auth::BrowserProof;
use crate::document::refusals::{
    APP_MISCONFIGURED, BAD_REQUEST, Responses, UNAVAILABLE, or_page, or_turned_away, refusals,
};
use crate::languages::{Language, Service};
use crate::link_page::{self, Shown};
use crate::pages::shown_on;
use crate::problem::Problem;
use crate::refused::{Refused, or_problem, turned_away};
use crate::state::AppState;

struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        let responses = or_page(refusals(&[&[BAD_REQUEST, APP_MISCONFIGURED, UNAVAILABLE]]));
        or_turned_away(responses, &[Refused::LinkForged, Refused::LinkExpired, Refused::LinkForgotten])
    }
}

/// Shows which account a letter's link renews, and the button that begins; made for browsers. Nothing is used up.
#[utoipa::path(
    get,
    path = "/connect/{link}",
    tag = "connect",
    operation_id = "reconnect_page",
    security(()),
    params(("link" = String, Path, format = Password, description = "What the letter gave.")),
    responses(
        (status = 200, description = "The page; or one that says that it is done already.", body = String,
            content_type = "text/html"),
        (status = 302, description = "To the same page under our own host name."),
        Refusals,
    ),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    Path(link): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if let Some(there) = elsewhere(&state, &headers, &uri) {
        return found(there).into_response();
    }
    let shown = match find(&state, &link).await {
        Ok(Ok(found)) => found.page(&state, &headers, &link).await,
        Ok(Err(refused)) => Ok(turn_away(&state, &headers, refused)),
        Err(problem) => Err(problem),
    };
    shown.unwrap_or_else(|problem| or_problem(&state, &headers, Service::Facebook, problem))
}

/// Sends a browser from that page to Meta's dialog. Nothing is used up yet.
#[utoipa::path(
    post,
    path = "/connect/{link}",
    tag = "connect",
    operation_id = "reconnect",
    security(()),
    params(("link" = String, Path, format = Password, description = "What the letter gave.")),
    responses(
        (status = 200, description = "A page that says that it is done already.", body = String,
            content_type = "text/html"),
        (status = 302, description = "To Meta's dialog, with a state that this browser alone can bring back.",
            headers(("Location" = String, description = "The dialog."),
                ("Set-Cookie" = String, description = "Binds the dialog's answer to this browser."))),
        Refusals,
    ),
)]
pub(crate) async fn begin(
    State(state): State<AppState>,
    Path(link): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if let Some(there) = elsewhere(&state, &headers, &uri) {
        return found(there).into_response();
    }
    let sent = match find(&state, &link).await {
        Ok(Ok(found)) if found.is_done(&state) => found.page(&state, &headers, &link).await,
        Ok(Ok(found)) => found.send(&state).await,
        Ok(Err(refused)) => Ok(turn_away(&state, &headers, refused)),
        Err(problem) => Err(problem),
    };
    sent.unwrap_or_else(|problem| or_problem(&state, &headers, Service::Facebook, problem))
}

/// A link with what it is for.
struct Found {
    link: connect_link::Model,
    install: install::Model,
    app: app::Model,
}

async fn find(state: &AppState, text: &str) -> Result<Result<Found, Refused>, Problem> {
    let opened = match ConnectLink::open(&state.keyring, text) {
        Ok(opened) => opened,
        Err(Unopened::Forged) => return Ok(Err(Refused::LinkForged)),
        Err(Unopened::Old) => return Ok(Err(Refused::LinkExpired)),
    };
    let db = &state.db.read;
    let gone = Ok(Err(Refused::LinkForgotten));
    let row = connect_link::Entity::find_by_id(&opened.hash).one(db).await?;
    if opened.ends_at <= state.now() {
        return Ok(Err(Refused::LinkExpired));
    }
    let Some(link) = row else { return gone };
    let Some(install) = install::Entity::find_by_id(&link.install_id).one(db).await? else { return gone };
    let app = ConnectLink::app(db, &link).await?;
    Ok(app.map(|app| Found { link, install, app }).ok_or(Refused::LinkForgotten))
}

impl Found {
    /// Whether there is nothing left to do: the link has served, or the account was connected in another way.
    fn is_done(&self, state: &AppState) -> bool {
        let is_newer = self.install.generation != self.link.generation;
        self.link.used_at.is_some() || (is_newer && self.is_fine(state))
    }

    fn is_fine(&self, state: &AppState) -> bool {
        self.install.state(state.now(), state.now() + state.config.expiry_warning) == install::State::Active
    }

    async fn page(&self, state: &AppState, headers: &HeaderMap, text: &str) -> Result<Response, Problem> {
        let sites = app_install::Entity::dependants(&state.db.read, [self.install.id.as_str()], None).await?;
        let owners = sites.into_iter().filter(|site| site.user == self.app.user).map(|site| site.app_id);
        let apps = app::Entity::find().filter(app::Column::AppId.is_in(owners)).order_by_asc(app::Column::AppId);
        let l = Language::choose(self.app.language.as_deref(), headers);
        Ok(link_page::show(
            state,
            l,
            Shown {
                account: self.install.instagram_account.clone(),
                page_name: self.install.page_name.clone(),
                sites: shown_on(&apps.all(&state.db.read).await?),
                ends_at: self.install.ends_at(),
                has_ended: !matches!(
                    self.install.state(state.now(), state.now()),
                    install::State::Active | install::State::Expiring
                ),
                is_done: self.is_done(state),
                is_fine: self.is_fine(state),
                link: text.to_owned(),
            },
        ))
    }

    async fn send(&self, state: &AppState) -> Result<Response, Problem> {
        let app = AppRef {
            app_id: self.app.app_id.clone(),
            user: self.app.user.clone(),
            app_type: self.app.app_type.clone(),
        };
        let proof = BrowserProof::of_link(app, self.link.hash.clone(), state.now());
        to_dialog(state, proof, Again::read(None, None)?).await
    }
}

/// Returns which account a run that began at this link has to bring back; or why none does any more.
pub(crate) async fn wanted(state: &AppState, hash: &str) -> Result<Result<Reconnect, Refused>, Problem> {
    let Some(link) = connect_link::Entity::find_by_id(hash).one(&state.db.read).await? else {
        return Ok(Err(Refused::LinkForgotten));
    };
    if link.used_at.is_some() {
        return Ok(Err(Refused::LinkUsed));
    }
    let install = install::Entity::find_by_id(&link.install_id).one(&state.db.read).await?;
    Ok(install.ok_or(Refused::LinkForgotten).map(|install| Reconnect {
        link: link.hash,
        install_id: install.id,
        business_account_id: link.business_account_id,
        account: install.instagram_account,
    }))
}

fn turn_away(state: &AppState, headers: &HeaderMap, why: Refused) -> Response {
    tracing::debug!(code = why.code(), "a reconnect link was turned away");
    turned_away(state, Language::choose(None, headers), why)
}

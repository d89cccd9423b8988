//! The page that stands before Meta's dialog, where the host platform wants one: which site, what is read, what never
//! happens, and the one button that begins.

use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use entities::app;
use sea_orm::EntityTrait;

use crate::languages::Language;
use crate::pages::{is_known, render_in, shown_on};
use crate::state::AppState;

#[derive(Template)]
#[template(path = "welcome.html")]
struct WelcomePage {
    l: &'static Language,
    sites: String,
    begin_url: String,
}

/// Answers with the page for an app.
pub(crate) async fn show(state: &AppState, headers: &HeaderMap, app_id: &str, begin_url: String) -> Response {
    let app = app::Entity::find_by_id(app_id).one(&state.db.read).await.ok().flatten();
    let l = Language::choose(app.as_ref().and_then(|app| app.language.as_deref()), headers);
    let sites = app.filter(is_known).map(|app| shown_on(&[app])).unwrap_or_default();
    render_in(state, StatusCode::OK, l, &WelcomePage { l, sites, begin_url })
}

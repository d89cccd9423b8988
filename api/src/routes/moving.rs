//! `GET /moving`: the demo's page of an old widget, which moves off the outlet feed by feed.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use entities::{app, install};
use sea_orm::EntityTrait;
use worker::exchange::AppRef;

use crate::answers::Migration;
use crate::migration_view::migration;
use crate::pages;
use crate::problem::Problem;
use crate::state::AppState;

#[derive(Template)]
#[template(path = "moving.html")]
struct MovingPage {
    app_id: String,
    user: String,
    connect_url: String,
    /// An account was connected, and what follows from that is being written.
    is_moving: bool,
    migration: Migration,
    moved: usize,
    version: &'static str,
}

/// Shows the old widget: the banner, or how far it has moved; and each of its feeds, with its source.
pub(crate) async fn show(State(state): State<AppState>) -> Result<Response, Problem> {
    let nothing = || Problem::not_found("no_such_route", "There is nothing here; see the README for the routes.");
    let demo = state.config.demo.as_ref().ok_or_else(nothing)?;
    let app = app::Entity::find_by_id(demo.old_app_id()).one(&state.db.read).await?.ok_or_else(nothing)?;
    let installs = install::Entity::of_app(&state.db.read, &app.app_id).await?;
    let migration = migration(&state, &app, &installs).await?;
    let whose = AppRef { app_id: app.app_id.clone(), user: app.user.clone(), app_type: String::new() };
    let page = MovingPage {
        connect_url: pages::connect_url(&whose, None),
        is_moving: app.migrate_due_at.is_some(),
        moved: migration.feeds.iter().filter(|feed| feed.source == "graph").count(),
        migration,
        app_id: app.app_id,
        user: app.user,
        version: env!("CARGO_PKG_VERSION"),
    };
    Ok(pages::render(&state, StatusCode::OK, &page))
}

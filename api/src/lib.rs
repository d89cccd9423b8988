//! The door to the work: parse, write the row, push, answer. Nothing is done here that a job could do.
//!
//! Every route is in `router`. Errors are problems (`problem`); what a person sees in a browser are the pages
//! of `templates/` (`pages`).

use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::response::Response;
use axum::routing::get;
use entities::Db;
use queue::Queue;
use tokio::net::TcpListener;
use tower::Layer;
use tower_http::normalize_path::NormalizePathLayer;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

mod answers;
mod auth;
mod config;
mod connect_state;
mod connections;
mod crowd;
mod demo;
mod document;
mod failed;
mod feed_answer;
mod feed_wish;
mod headers;
mod import;
mod install_view;
mod job_view;
mod job_watch;
mod json_body;
mod languages;
mod link_page;
mod memory;
mod meter;
mod migration_view;
mod pages;
mod problem;
mod progress_page;
mod recent;
mod refused;
mod registration;
mod routes;
mod sending;
mod state;
mod welcome_page;
mod widget;
mod x_page;
mod x_state;

pub use auth::{ApiKey, Auth};
pub use config::{Config, Demo, Dialog, XDialog};
use connections::Limits;
pub use demo::register_demo;
pub use document::openapi_json;
pub use import::{Import, ImportError};
pub use memory::Memory;
pub use state::AppState;

/// No request of ours is larger; an app's longest list of feeds stays far below.
const BODY_LIMIT: usize = 256 * 1024;

/// Returns the routes that others rely on, each with its documentation.
fn documented() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(document::base())
        .routes(no_head("GET", routes!(routes::connect::redirect)))
        .routes(routes!(routes::reconnect::show, routes::reconnect::begin))
        .routes(no_head("GET,POST", routes!(routes::exchange::start, routes::exchange::start_by_get)))
        .routes(no_head("GET", routes!(routes::callback::arrive)))
        .routes(routes!(routes::jobs::show))
        .routes(routes!(routes::page_choice::choose))
        .routes(routes!(routes::feed::show, routes::feed::preflight))
        .routes(routes!(routes::assets::widget))
        .routes(routes!(routes::apps::put, routes::disconnect::app))
        .routes(routes!(routes::disconnect::install))
        .routes(routes!(routes::migration::show, routes::migration::roll_back))
        .routes(routes!(routes::installs::list))
        .routes(routes!(routes::installs::show))
        .routes(no_head("GET", routes!(routes::x_connect::redirect)))
        .routes(no_head("GET", routes!(routes::x_callback::arrive)))
        .routes(routes!(routes::x_accounts::list))
        .routes(routes!(routes::x_accounts::show, routes::x_accounts::end))
        .routes(routes!(routes::crossposts::list, routes::crosspost_changes::make))
        .routes(routes!(routes::crossposts::show, routes::crosspost_changes::change, routes::crossposts::end))
        .routes(routes!(routes::crossposts::preview))
        .routes(routes!(routes::meta::deauthorize))
        .routes(routes!(routes::meta::data_deletion))
        .routes(routes!(routes::deletions::show))
        .routes(routes!(routes::health::live))
        .routes(routes!(routes::health::ready))
        .routes(routes!(document::show))
}

/// A HEAD, as scanners of links send it, must not use up what serves once. So the framework, which would allow it beside
/// GET, is told what is allowed.
fn no_head(
    allowed: &'static str,
    (schemas, paths, methods): UtoipaMethodRouter<AppState>,
) -> UtoipaMethodRouter<AppState> {
    let refuse = move || async move { ([(header::ALLOW, allowed)], routes::method_not_allowed().await) };
    (schemas, paths, methods.head(refuse).fallback(refuse))
}

/// Returns all routes. What is not in the document is for our own pages alone: the demo page, and what pages load.
fn router(state: AppState) -> Router {
    Router::from(documented())
        .route("/", get(routes::home::show))
        .route("/moving", get(routes::moving::show))
        .route("/assets/{file}", get(routes::assets::asset))
        .fallback(routes::fallback)
        .method_not_allowed_fallback(routes::method_not_allowed)
        .layer(axum::extract::DefaultBodyLimit::max(BODY_LIMIT))
        .layer(axum::middleware::map_response(problem::from_plain))
        .layer(tower_http::compression::CompressionLayer::new())
        .layer(axum::middleware::from_fn(meter::count))
        .layer(headers::trace())
        .layer(axum::middleware::from_fn_with_state(crowd::places(), crowd::bound))
        .with_state(state)
}

/// How long requests that are under way at a stop may go on: somebody may be waiting in a long poll.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// Serves the routes, with and without a trailing slash, until the state's `stop`.
pub async fn run(state: AppState, listener: TcpListener) -> std::io::Result<()> {
    let stop = state.stop.clone();
    let service = NormalizePathLayer::trim_trailing_slash().layer(router(state));
    tokio::select! {
        () = connections::serve(listener, service, Limits::of_process(), stop.clone()) => {}
        () = async { stop.cancelled().await; tokio::time::sleep(LAST_ANSWERS).await } => {}
    }
    Ok(())
}

/// Returns whether every part that the routes need answers: what `/readyz` says.
pub async fn is_ready(state: &AppState) -> bool {
    routes::health::parts(&state.db, &state.queue).await.is_ready()
}

/// Answers as `/readyz` does, for a process that has none of the other routes.
pub async fn readiness(db: &Db, queue: &Queue) -> Response {
    routes::health::readiness(db, queue).await
}

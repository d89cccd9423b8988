//! The widget's script, and what our pages load: compiled in.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;
use crate::widget::SCRIPT;

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// Serves the widget's script, to every site.
#[utoipa::path(
    get,
    path = "/widget.js",
    tag = "feeds",
    operation_id = "widget",
    security(()),
    responses((
        status = 200,
        description = "The custom element `<feedkeeper-feed app feed layout columns items captions>`.",
        body = String,
        content_type = "text/javascript",
    )),
)]
pub(crate) async fn widget() -> Response {
    let headers = [
        (header::CONTENT_TYPE, JAVASCRIPT),
        (header::CACHE_CONTROL, "public, max-age=300, stale-while-revalidate=86400"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, SCRIPT.as_str()).into_response()
}

/// Serves what our pages load.
pub(crate) async fn asset(Path(file): Path<String>) -> Result<Response, Problem> {
    let (kind, text) = match file.as_str() {
        "pages.css" => ("text/css; charset=utf-8", include_str!("../../assets/pages.css")),
        "pages.js" => (JAVASCRIPT, include_str!("../../assets/pages.js")),
        "demo.css" => ("text/css; charset=utf-8", include_str!("../../assets/demo.css")),
        "demo.js" => (JAVASCRIPT, include_str!("../../assets/demo.js")),
        "demo-faults.js" => (JAVASCRIPT, include_str!("../../assets/demo-faults.js")),
        "demo-time.js" => (JAVASCRIPT, include_str!("../../assets/demo-time.js")),
        "favicon.svg" => ("image/svg+xml", include_str!("../../assets/favicon.svg")),
        "facebook.svg" => ("image/svg+xml", include_str!("../../assets/facebook.svg")),
        _ => return Err(Problem::not_found("no_such_route", "There is no such file.")),
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=300"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, text).into_response())
}

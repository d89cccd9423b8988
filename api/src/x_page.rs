//! The page with the outcome of connecting an account on X.

use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use url::form_urlencoded;

use crate::auth::Auth;
use crate::failed::RunError;
use crate::job_view::RunView;
use crate::languages::{Language, Service};
use crate::pages::render_in;
use crate::progress_page::Failed;
use crate::state::AppState;

#[derive(Template)]
#[template(path = "x_progress.html")]
struct XProgressPage {
    l: &'static Language,
    job_id: String,
    state: &'static str,
    code: String,
    service: Service,
    result: Option<ResultView>,
    failed: Option<Failed>,
    poll_url: String,
    retry_url: Option<String>,
    home_url: Option<String>,
}

#[derive(Deserialize)]
struct ResultView {
    username: String,
    name: String,
}

/// Answers with a run's progress or outcome.
pub(crate) async fn progress(state: &AppState, headers: &HeaderMap, view: &RunView) -> Response {
    let run = &view.run;
    let l = Language::of_app(state, headers, run.app_id.as_deref().unwrap_or_default()).await;
    let result = run.result.clone().and_then(|result| serde_json::from_value(result).ok());
    let error: Option<RunError> = run.error.clone().and_then(|error| serde_json::from_value(error).ok());
    // Elsewhere only the host platform can sign for another click.
    let is_open = matches!(state.config.auth, Auth::Open);
    let retry_url = run.app_id.as_deref().zip(run.user.as_deref()).filter(|_| is_open).map(|(app_id, user)| {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("app_id", app_id)
            .append_pair("user", user)
            .finish();
        format!("/x/connect?{query}")
    });
    let poll_url = format!("/x/callback?job_id={}", run.id);
    let link = format!("{}{poll_url}", state.config.public_url);
    let page = XProgressPage {
        l,
        home_url: state.config.demo.as_ref().map(|_| "/".to_owned()),
        job_id: run.id.clone(),
        state: view.state.as_str(),
        code: error.as_ref().map(|error| error.code.clone()).unwrap_or_default(),
        service: Service::X,
        result,
        failed: error.map(|error| Failed::new(l, Service::X, error, link, retry_url.is_some())),
        poll_url,
        retry_url,
    };
    render_in(state, StatusCode::OK, l, &page)
}

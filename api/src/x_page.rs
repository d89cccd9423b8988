//! The page with the outcome of connecting an account on X.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use url::form_urlencoded;

use crate::auth::Auth;
use crate::job_view::RunView;
use crate::pages::render;
use crate::state::AppState;

#[derive(Template)]
#[template(path = "x_progress.html")]
struct XProgressPage {
    job_id: String,
    state: &'static str,
    result: Option<ResultView>,
    error: Option<ErrorView>,
    poll_url: String,
    retry_url: Option<String>,
    home_url: Option<String>,
}

#[derive(Deserialize)]
struct ResultView {
    username: String,
    name: String,
}

#[derive(Deserialize)]
struct ErrorView {
    code: String,
    message: String,
    advice: String,
}

/// Answers with a run's progress or outcome.
pub(crate) fn progress(state: &AppState, view: &RunView) -> Response {
    let run = &view.run;
    let result = run.result.clone().and_then(|result| serde_json::from_value(result).ok());
    let error = run.error.clone().and_then(|error| serde_json::from_value(error).ok());
    // Elsewhere only the host platform can sign for another click.
    let is_open = matches!(state.config.auth, Auth::Open);
    let retry_url = run.app_id.as_deref().zip(run.user.as_deref()).filter(|_| is_open).map(|(app_id, user)| {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("app_id", app_id)
            .append_pair("user", user)
            .finish();
        format!("/x/connect?{query}")
    });
    let page = XProgressPage {
        poll_url: format!("/x/callback?job_id={}", run.id),
        home_url: state.config.demo.as_ref().map(|_| "/".to_owned()),
        job_id: run.id.clone(),
        state: view.state.as_str(),
        result,
        error,
        retry_url,
    };
    render(state, StatusCode::OK, &page)
}

//! The page behind a letter's button: which account, on which side of its end, and the one button that begins.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};

use crate::headers::let_forms_lead_away;
use crate::pages::render;
use crate::state::AppState;

/// What is shown of a link.
#[derive(Debug)]
pub(crate) struct Shown {
    /// The account's user name.
    pub account: String,
    /// The Page that carries it.
    pub page_name: String,
    /// How many of the owner's sites show it.
    pub sites: usize,
    /// When the connection ends.
    pub ends_at: Option<DateTime<Utc>>,
    /// Whether it has ended.
    pub has_ended: bool,
    /// Whether there is nothing left to do with the link.
    pub is_done: bool,
    /// Whether the connection is far from its end.
    pub is_fine: bool,
    /// The link itself.
    pub link: String,
}

#[derive(Template)]
#[template(path = "link.html")]
struct LinkPage {
    shown: Shown,
    ends: Option<String>,
}

/// Answers with the page.
pub(crate) fn show(state: &AppState, shown: Shown) -> Response {
    let ends = shown.ends_at.map(|at| at.format("%Y-%m-%d").to_string());
    let mut response = render(state, StatusCode::OK, &LinkPage { shown, ends });
    let_forms_lead_away(&mut response, &state.config);
    response
}

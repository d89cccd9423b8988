//! The page behind a letter's button: which account, on which side of its end, and the one button that begins.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};

use crate::headers::let_forms_lead_away;
use crate::languages::Language;
use crate::pages::{Shown as Day, render_in};
use crate::state::AppState;

/// What is shown of a link.
#[derive(Debug)]
pub(crate) struct Shown {
    /// The account's user name.
    pub account: String,
    /// The Page that carries it.
    pub page_name: String,
    /// The owner's sites that show it.
    pub sites: String,
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
    l: &'static Language,
    heading: String,
    shown: Shown,
    until: Option<Day>,
}

/// Answers with the page.
pub(crate) fn show(state: &AppState, l: &'static Language, shown: Shown) -> Response {
    let account = shown.account.as_str();
    let heading = match (shown.is_done, shown.is_fine, shown.has_ended) {
        (true, true, _) => (l.asking.done)(account),
        (true, false, _) => l.asking.used.to_owned(),
        (false, _, true) => (l.asking.bring_back)(account),
        (false, _, false) => (l.asking.keep)(account),
    };
    let until = shown.ends_at.map(|at| Day::new(l, at));
    let mut response = render_in(state, StatusCode::OK, l, &LinkPage { l, heading, shown, until });
    let_forms_lead_away(&mut response, &state.config);
    response
}

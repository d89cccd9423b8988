//! The page that shows how far a connection is, and its outcome: posts and an end, a choice, or what went wrong and the fix.

use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use chrono::{DateTime, Utc};
use entities::app;
use entities::job_run::State;
use sea_orm::EntityTrait;
use serde_json::Value;
use worker::exchange::AppRef;

use crate::auth::BrowserProof;
use crate::failed::{Failure, PageView, RunError};
use crate::job_view::RunView;
use crate::languages::{How, Language, Service, Told};
use crate::pages::{Shown, forget_proof, is_known, render_in, retry_url, shown_on};
use crate::sending::Sent;
use crate::state::AppState;

/// A step on the way, as it is drawn.
#[derive(Debug)]
struct Step {
    name: &'static str,
    /// `done`, `now`, `stop`, or nothing: it is still to come.
    class: &'static str,
}

impl Step {
    /// Draws the steps: so many are done, and the next one is `class`.
    fn all(l: &Language, done: usize, class: &'static str) -> [Self; 4] {
        std::array::from_fn(|index| {
            let class = match index {
                index if index < done => "done",
                index if index == done => class,
                _ => "",
            };
            Self { name: l.progress.steps[index], class }
        })
    }
}

#[derive(Template)]
#[template(path = "progress.html")]
struct ProgressPage {
    l: &'static Language,
    job_id: String,
    state: &'static str,
    code: String,
    poll_url: String,
    steps: [Step; 4],
    service: Service,
    retry_url: Option<String>,
    outcome: Outcome,
}

enum Outcome {
    /// It is under way.
    Working,
    /// The account is connected.
    Connected(Connected),
    /// The person is asked which it is to be.
    Choice(Vec<PageView>),
    /// It did not work.
    Failed(Failed),
}

struct Connected {
    account: String,
    page_name: String,
    until: Option<Shown>,
    sites: String,
    app_id: String,
    home_url: Option<&'static str>,
}

/// What went wrong.
#[derive(Debug)]
pub(crate) struct Failed {
    /// In words.
    pub told: Told,
    /// How it is mended, step by step.
    pub how: Option<&'static How>,
    /// The Pages that were shared, of which none will do.
    pub pages: Vec<PageView>,
    /// Whether it is not the person who mends it.
    pub is_others: bool,
    /// For somebody else.
    pub sent: Sent,
}

impl Failed {
    /// Says it in a language; whoever cannot begin again from the page is told where.
    pub(crate) fn new(l: &'static Language, service: Service, error: RunError, link: String, can_retry: bool) -> Self {
        let mut told = error.told(l, service);
        if !can_retry {
            told.advice = format!("{} {}", told.advice, l.general.from_the_site);
        }
        let failure = error.failure();
        let is_others =
            matches!(failure, Some(Failure::AccountNotAllowed | Failure::AppMisconfigured | Failure::BadRequest));
        let how = match failure {
            Some(Failure::NoPages) => Some(&l.visible),
            Some(Failure::PageWithoutInstagram(_)) => Some(&l.linking),
            _ => None,
        };
        let sent = Sent::new(l, service, &told, Some(link));
        Self { told, how, pages: error.pages, is_others, sent }
    }
}

/// Answers with a run's progress or outcome.
pub(crate) async fn progress(state: &AppState, headers: &HeaderMap, view: &RunView) -> Response {
    let run = &view.run;
    let app_id = run.app_id.clone().unwrap_or_default();
    // Whose app it is says how the page speaks; a database that cannot be asked is not news here.
    let app = app::Entity::find_by_id(&app_id).one(&state.db.read).await.ok().flatten();
    let l = Language::choose(app.as_ref().and_then(|app| app.language.as_deref()), headers);
    let error: Option<RunError> = run.error.clone().and_then(|error| serde_json::from_value(error).ok());
    let code = error.as_ref().map(|error| error.code.clone()).unwrap_or_default();
    let whose = AppRef { app_id, user: run.user.clone().unwrap_or_default(), app_type: String::new() };
    // A run that began at a reconnect link is about its account from the beginning; any other once it has connected one.
    let is_reconnect = run.subject.is_some() && run.state != State::Done;
    let retry_url = retry_url(state, headers, (&run.id, is_reconnect), &whose, Some(&code));
    let poll_url = format!("/users/oauth?job_id={}", run.id);
    let (steps, outcome) = match (&run.result, error) {
        (Some(result), _) => (Step::all(l, 4, ""), Outcome::Connected(connected(state, l, result, app, whose.app_id))),
        (None, Some(error)) if error.is_choice() => (Step::all(l, 1, "now"), Outcome::Choice(error.pages)),
        (None, Some(error)) => {
            let link = format!("{}{poll_url}", state.config.public_url);
            let steps = Step::all(l, error.steps_done(), "stop");
            (steps, Outcome::Failed(Failed::new(l, Service::Facebook, error, link, retry_url.is_some())))
        }
        (None, None) => (Step::all(l, 1, "now"), Outcome::Working),
    };
    let page = ProgressPage {
        l,
        job_id: run.id.clone(),
        state: view.state.as_str(),
        code,
        poll_url,
        steps,
        service: Service::Facebook,
        retry_url,
        outcome,
    };
    let mut response = render_in(state, StatusCode::OK, l, &page);
    if run.state == State::Done && BrowserProof::of(headers, &state.keyring, &run.id).is_some() {
        // Nothing is left to try again, so nothing is left in the browser to be stolen.
        forget_proof(&mut response, state, &run.id);
    }
    response
}

fn connected(state: &AppState, l: &Language, result: &Value, app: Option<app::Model>, app_id: String) -> Connected {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let ends_at = result["ends_at"].as_str().and_then(|at| at.parse::<DateTime<Utc>>().ok());
    Connected {
        account: text(&result["instagram_account"]),
        page_name: text(&result["page"]["name"]),
        until: ends_at.map(|at| Shown::new(l, at)),
        sites: app.filter(is_known).map(|app| shown_on(&[app])).unwrap_or_default(),
        home_url: state.config.demo.as_ref().map(|demo| demo.page_of(&app_id)),
        app_id,
    }
}

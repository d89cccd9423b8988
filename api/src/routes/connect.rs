//! `GET /connect`: sends a browser to Meta's dialog, with a state that only this browser can bring back.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use entities::install;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;
use utoipa::{IntoParams, IntoResponses};
use worker::exchange::AppRef;

use super::{bad_query, name, optional_name, welcome};
use crate::auth::{BrowserProof, Ticket};
use crate::config::Dialog;
use crate::connect_state::ConnectState;
use crate::document::refusals::{
    APP_MISCONFIGURED, BAD_PARAMETER, BAD_QUERY, FORBIDDEN, Responses, TOKEN_EXPIRED, TOKEN_LIVES_TOO_LONG, TOKEN_USED,
    UNAUTHORISED, UNAVAILABLE, or_page, refusals,
};
use crate::languages::Service;
use crate::problem::Problem;
use crate::refused::or_problem;
use crate::state::AppState;

/// What the dialog is asked to do beyond asking: Meta's own words.
const AUTH_TYPES: [&str; 2] = ["rerequest", "reauthorize"];
/// A Page that belongs to a business portfolio is listed only with this (graph-api: `me/accounts` since v17).
const FOR_BUSINESS_PAGES: &str = "business_management";

/// What the host platform sends a browser with.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Params {
    /// The host platform's id of the app.
    #[param(required, min_length = 1, max_length = 200)]
    app_id: Option<String>,
    /// The host platform's id of the app's owner.
    #[param(required, min_length = 1, max_length = 200)]
    user: Option<String>,
    /// The kind of widget, in the host platform's words.
    #[param(max_length = 200)]
    app_type: Option<String>,
    /// The host platform's token for this one click.
    #[param(value_type = Option<String>, format = Password)]
    auth: Option<SecretString>,
    /// What Meta is to ask anew: `rerequest` or `reauthorize`.
    auth_type: Option<String>,
    /// The refusal after which somebody tries again.
    after: Option<String>,
    /// With `1`, a page of ours stands before the dialog: which site, what is read, what never happens, and one button.
    welcome: Option<String>,
}

struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        let caller = [UNAUTHORISED, TOKEN_EXPIRED, TOKEN_LIVES_TOO_LONG, TOKEN_USED, FORBIDDEN];
        // A person is shown a page.
        or_page(refusals(&[&[BAD_QUERY, BAD_PARAMETER, APP_MISCONFIGURED, UNAVAILABLE], &caller]))
    }
}

/// Redirects to Meta's dialog.
#[utoipa::path(
    get,
    path = "/connect",
    tag = "connect",
    operation_id = "connect",
    security(("auth" = [])),
    params(Params),
    responses(
        (status = 302, description = "To Meta's dialog, with a state that this browser alone can bring back; or, with `welcome=1`, \
            to a page of ours that leads there.",
            headers(("Location" = String, description = "The dialog, or the page."),
                ("Set-Cookie" = String, description = "Binds the dialog's answer to this browser."))),
        Refusals,
    ),
)]
pub(crate) async fn redirect(
    State(state): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
    params: Result<Query<Params>, QueryRejection>,
) -> Response {
    if let Some(there) = elsewhere(&state, &headers, &uri) {
        return found(there).into_response();
    }
    let sent = match params {
        Ok(Query(params)) => send(&state, params).await,
        Err(error) => Err(bad_query(&error)),
    };
    sent.unwrap_or_else(|problem| or_problem(&state, &headers, Service::Facebook, problem))
}

/// Sends somebody to the dialog whom the host platform has sent. Its token is used up last, when nothing can be wrong any
/// more: whoever is told to try again in a moment may.
async fn send(state: &AppState, params: Params) -> Result<Response, Problem> {
    let ticket = Ticket::read(state, params.auth.as_ref())?;
    let app = AppRef {
        app_id: name("app_id", params.app_id)?,
        user: name("user", params.user)?,
        app_type: optional_name("app_type", params.app_type)?,
    };
    ticket.caller.may_ask_as(&app.app_id, &app.user)?;
    let (auth_type, after) = (params.auth_type.as_deref(), params.after.as_deref());
    let (again, proof) = (Again::read(auth_type, after)?, BrowserProof::new(app, state.now()));
    let response = match params.welcome.as_deref() {
        None | Some("" | "0") => to_dialog(state, proof, again).await?,
        Some("1") => welcome::enter(state, &proof, (auth_type, after))?,
        Some(_) => return Err(Problem::bad_request("bad_parameter", "`welcome` is `1` or absent.")),
    };
    ticket.use_up(state).await?;
    Ok(response)
}

/// A redirect that nobody keeps, and that tells nobody where the browser came from: what it came with may be a proof.
pub(super) fn found(there: String) -> impl IntoResponse {
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::REFERRER_POLICY, "no-referrer")];
    (StatusCode::FOUND, headers, [(header::LOCATION, there)])
}

/// Sends a browser to Meta's dialog, with the cookie that proves on its way back that it went.
pub(crate) async fn to_dialog(state: &AppState, proof: BrowserProof, mut again: Again) -> Result<Response, Problem> {
    let dialog = &state.config.dialog;
    let Some(client_id) = &dialog.client_id else {
        let detail = "META_APP_ID is not set: the operator has to set up a Meta app before anybody can connect.";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "app_misconfigured", detail));
    };
    if again.auth_type.is_none() && (proof.link.is_some() || ends_soon(state, &proof.app).await?) {
        again.auth_type = Some("reauthorize");
    }
    let connect = ConnectState::new(proof.app.clone(), proof.link.clone(), state.now());
    let sealed = connect.seal(&state.keyring).map_err(|error| Problem::unavailable(&error))?;
    let url = dialog_url(dialog, client_id, &state.config.redirect_uri(), &sealed, &again)?;
    let cookie = proof.set_cookie(&state.keyring, &connect.run_id, state.config.is_https());
    let cookie = cookie.map_err(|error| Problem::unavailable(&error))?;
    Ok(([(header::SET_COOKIE, cookie)], found(url)).into_response())
}

/// Whether one of the app's connections ends soon or has ended: then coming here is a reconnect, and data access is to
/// be renewed (graph-api: `auth_type=reauthorize`).
async fn ends_soon(state: &AppState, app: &AppRef) -> Result<bool, Problem> {
    let now = state.now();
    let installs = install::Entity::of_app(&state.db.read, &app.app_id).await?;
    Ok(installs.iter().any(|install| install.state(now, now + state.config.expiry_warning) != install::State::Active))
}

/// What is asked for differently the second time.
pub(crate) struct Again {
    auth_type: Option<&'static str>,
    business: bool,
}

impl Again {
    /// Reads what the caller wants, and after which refusal somebody tries again.
    pub(crate) fn read(auth_type: Option<&str>, after: Option<&str>) -> Result<Self, Problem> {
        let wanted = match (auth_type, after) {
            (Some(word), _) => {
                let known = AUTH_TYPES.into_iter().find(|known| *known == word);
                let detail = "`auth_type` is `rerequest` or `reauthorize`.";
                Some(known.ok_or_else(|| Problem::bad_request("bad_parameter", detail))?)
            }
            (None, Some("missing_scopes" | "no_pages")) => Some("rerequest"),
            (None, _) => None,
        };
        Ok(Self { auth_type: wanted, business: after == Some("no_pages") })
    }
}

fn dialog_url(
    dialog: &Dialog,
    client_id: &str,
    redirect_uri: &str,
    state: &str,
    again: &Again,
) -> Result<String, Problem> {
    let mut url = Url::clone(&dialog.base_url);
    url.path_segments_mut()
        .map_err(|()| Problem::unavailable(&"FB_DIALOG_URL cannot hold a path"))?
        .pop_if_empty()
        .extend([dialog.version.as_str(), "dialog", "oauth"]);
    let mut scopes = dialog.scopes.join(",");
    if again.business && !dialog.scopes.iter().any(|scope| scope == FOR_BUSINESS_PAGES) {
        scopes = format!("{scopes},{FOR_BUSINESS_PAGES}");
    }
    let mut query = url.query_pairs_mut();
    query
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("response_type", "code")
        .append_pair("scope", &scopes)
        .append_pair("state", state);
    if let Some(config_id) = &dialog.config_id {
        query.append_pair("config_id", config_id);
    }
    if let Some(auth_type) = again.auth_type {
        query.append_pair("auth_type", auth_type);
    }
    drop(query);
    Ok(url.into())
}

/// Where the browser has to go first, if it asked under a name that is not ours: the cookie would not hold there.
pub(super) fn elsewhere(state: &AppState, headers: &HeaderMap, uri: &Uri) -> Option<String> {
    if !state.config.redirect_to_public_host {
        return None;
    }
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let (_, ours) = state.config.public_url.split_once("://")?;
    let ours = ours.split('/').next()?;
    let asked = uri.path_and_query()?.as_str();
    (!host.eq_ignore_ascii_case(ours)).then(|| format!("{}{asked}", state.config.public_url))
}

#[cfg(test)]
mod tests {
    use super::{Again, dialog_url};
    use crate::config::Dialog;

    fn dialog() -> Dialog {
        Dialog {
            base_url: "https://www.facebook.com".parse().expect("a url"),
            version: "v26.0".into(),
            client_id: Some("1".into()),
            config_id: None,
            scopes: vec!["instagram_basic".into(), "pages_show_list".into()],
        }
    }

    fn url(dialog: &Dialog, auth_type: Option<&str>, after: Option<&str>) -> String {
        let again = Again::read(auth_type, after).expect("known words");
        dialog_url(dialog, "1", "https://feeds.example/users/oauth", "v1.a.b", &again).expect("a url")
    }

    #[test]
    fn the_dialog_is_asked_for_a_code() {
        assert_eq!(
            url(&dialog(), None, None),
            "https://www.facebook.com/v26.0/dialog/oauth?client_id=1&redirect_uri=https%3A%2F%2Ffeeds.example%2Fusers\
             %2Foauth&response_type=code&scope=instagram_basic%2Cpages_show_list&state=v1.a.b"
        );
    }

    #[test]
    fn the_second_time_asks_for_what_was_missing() {
        let business = Dialog { config_id: Some("77".into()), ..dialog() };
        assert!(url(&business, None, None).ends_with("&config_id=77"));
        assert!(url(&dialog(), None, Some("missing_scopes")).ends_with("&auth_type=rerequest"));
        assert!(url(&dialog(), Some("reauthorize"), None).ends_with("&auth_type=reauthorize"));
        assert!(url(&dialog(), None, Some("no_pages")).contains("business_management"));
        assert!(Again::read(Some("other"), None).is_err());
    }
}

//! The login dialog of `www.facebook.com`: who are you, what may the app see, and back to the app
//! with a code. `&_user=NAME` in the query consents as that person without a click.

mod page;
mod redirect;

use std::collections::HashSet;

use axum::http::{Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use url::Url;

use crate::code::Code;
use crate::graph::{Params, Request};
use crate::people::{self, Person};
use crate::scopes::Scopes;
use crate::state::Shared;
use redirect::Redirect;

/// What the app asks the person for.
struct Asked<'a> {
    redirect: Redirect<'a>,
    scopes: Scopes,
    is_renewal: bool,
    is_again: bool,
}

/// Answers the dialog: `GET` shows it, or consents at once; `POST` is its form.
pub(crate) fn answer(shared: &Shared, request: &Request) -> Response {
    let params = &request.params;
    let asked = match read(shared, params) {
        Ok(asked) => asked,
        Err(reason) => {
            return (StatusCode::BAD_REQUEST, Html(page::refused(&reason))).into_response();
        }
    };
    if request.method == Method::POST && params.get("_cancel").is_some() {
        return asked.redirect.denied();
    }
    let Some(user) = params.get("_user") else {
        return shown(page::choose(shared, &asked, params));
    };
    let Some(person) = people::by_user(user) else {
        let reason = format!("There is no person called \u{201c}{user}\u{201d} in this sandbox.");
        return (StatusCode::NOT_FOUND, Html(page::refused(&reason))).into_response();
    };
    let (ticked, pages) = if request.method == Method::POST {
        let ticked = params.all("_scope").map(Scopes::one);
        let ticked = ticked.fold(Scopes::public_profile(), Scopes::and_also);
        (asked.scopes.limited_to(ticked), ticked_pages(person, params))
    } else {
        (asked.scopes, u8::MAX)
    };
    let granted = shared.patch(person).granted(ticked);
    match consent(shared, &asked, person, granted, pages) {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(%error, "the sandbox could not take a consent");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn read<'a>(shared: &Shared, params: &'a Params) -> Result<Asked<'a>, String> {
    if params.get("client_id") != Some(shared.config.app_id.as_str()) {
        return Err("Invalid App ID: the provided app ID does not look like a valid app ID.".into());
    }
    let redirect_uri = params.get("redirect_uri").ok_or("The parameter redirect_uri is required.")?;
    let is_web = Url::parse(redirect_uri).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if !is_web {
        return Err("The redirect_uri URL must be absolute.".into());
    }
    if params.get("response_type").is_some_and(|kind| kind != "code") {
        return Err("This stand-in knows response_type=code only.".into());
    }
    let names: Vec<&str> =
        params.get("scope").unwrap_or_default().split([',', ' ']).filter(|name| !name.is_empty()).collect();
    let scopes = if names.is_empty() {
        // A configuration of Login for Business carries its own scopes.
        match params.get("config_id") {
            Some(_) => Scopes::login_button(),
            None => Scopes::public_profile(),
        }
    } else {
        Scopes::parse(names).map_err(|name| format!("Invalid Scopes: {name}."))?
    };
    Ok(Asked {
        redirect: Redirect::new(redirect_uri, params.get("state")),
        scopes: scopes.and_also(Scopes::public_profile()),
        is_renewal: params.get("auth_type") == Some("reauthorize"),
        is_again: params.get("auth_type") == Some("rerequest"),
    })
}

/// Reads the ticked Pages, as bits.
fn ticked_pages(person: &Person, params: &Params) -> u8 {
    let ticked: HashSet<&str> = params.all("_page").collect();
    let mut pages = 0;
    for (index, page) in person.pages.iter().enumerate().take(8) {
        if ticked.contains(page.id) {
            pages |= 1 << index;
        }
    }
    pages
}

fn consent(
    shared: &Shared,
    asked: &Asked<'_>,
    person: &'static Person,
    granted: Scopes,
    pages: u8,
) -> anyhow::Result<Response> {
    if asked.is_renewal {
        shared.saved.update(|saved| {
            if let Some(patch) = saved.patches.get_mut(person.user) {
                patch.token_expires = None;
                patch.data_access_expires = None;
            }
        })?;
    }
    let now_ms = shared.clock.stamp_ms();
    let uri = asked.redirect.uri();
    let code = Code::new(person, now_ms, asked.scopes, granted, pages, uri);
    Ok(asked.redirect.consented(&code.write(&shared.key)?))
}

fn shown(page: String) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Html(page)).into_response()
}

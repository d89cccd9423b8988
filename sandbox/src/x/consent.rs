//! `/x/i/oauth2/authorize`: X's consent page. `&_user=NAME` in the query consents as that account without a click.

use std::fmt::Write;

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use url::Url;

use super::call::Call;
use super::people::{self, Person};
use super::scopes::Scopes;
use super::token::Code;
use crate::cdn;
use crate::graph::Params;
use crate::html::{escape, page};
use crate::signing::sha256;

/// X takes no longer state.
const STATE_LEN: usize = 500;
/// What travels with the form from the address of the page.
const KEPT: [&str; 7] =
    ["client_id", "redirect_uri", "state", "scope", "response_type", "code_challenge", "code_challenge_method"];

/// What the app asks the person for.
struct Asked<'a> {
    redirect: Url,
    redirect_uri: &'a str,
    state: &'a str,
    scopes: Scopes,
    challenge: &'a str,
    is_plain: bool,
}

/// Answers the page: `GET` shows it, or consents at once; `POST` is its form.
pub(super) fn answer(call: &Call<'_>) -> Response {
    let form: &[u8] = if call.method == Method::POST { call.body } else { &[] };
    let posted = Params::parse("", form);
    let params = if call.method == Method::POST { &posted } else { &call.query };
    let asked = match read(&call.shared.config.x_client_id, params) {
        Ok(asked) => asked,
        Err(reason) => return (StatusCode::BAD_REQUEST, Html(refused(&reason))).into_response(),
    };
    if params.get("_cancel").is_some() {
        return back(&asked, &[("error", "access_denied")]);
    }
    let Some(user) = params.get("_user") else {
        return ([(header::CACHE_CONTROL, "no-store")], Html(choose(call, &asked, params))).into_response();
    };
    let Some(person) = people::by_user(user) else {
        let reason = format!("There is no account called \u{201c}{user}\u{201d} in this sandbox.");
        return (StatusCode::NOT_FOUND, Html(refused(&reason))).into_response();
    };
    let code = Code {
        person,
        consent_ms: call.shared.clock.stamp_ms(),
        scopes: asked.scopes,
        redirect_hash: sha256(asked.redirect_uri.as_bytes()),
        challenge_hash: sha256(asked.challenge.as_bytes()),
        is_plain: asked.is_plain,
    };
    match code.write(&call.shared.key) {
        Ok(code) => back(&asked, &[("code", &code)]),
        Err(error) => {
            tracing::error!(%error, "the stand-in X could not take a consent");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn read<'a>(client_id: &str, params: &'a Params) -> Result<Asked<'a>, String> {
    let required = |name: &str| params.get(name).ok_or_else(|| format!("The parameter {name} is missing."));
    if required("client_id")? != client_id {
        return Err("The client_id is not this sandbox's: X_CLIENT_ID names another app.".to_owned());
    }
    if required("response_type")? != "code" {
        return Err("The response_type must be code.".to_owned());
    }
    let redirect_uri = required("redirect_uri")?;
    let redirect = Url::parse(redirect_uri).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let redirect = redirect.ok_or("The redirect_uri must be an http address.")?;
    let state = required("state")?;
    if state.len() > STATE_LEN {
        return Err(format!("The state has {} characters; X takes {STATE_LEN}.", state.len()));
    }
    let scopes = Scopes::parse(required("scope")?).map_err(|name| format!("X has no scope {name}."))?;
    let is_plain = match params.get("code_challenge_method") {
        Some("S256") => false,
        None | Some("plain") => true,
        Some(other) => return Err(format!("X has no code_challenge_method {other}.")),
    };
    Ok(Asked { redirect, redirect_uri, state, scopes, challenge: required("code_challenge")?, is_plain })
}

fn back(asked: &Asked<'_>, added: &[(&str, &str)]) -> Response {
    let mut target = asked.redirect.clone();
    target.query_pairs_mut().append_pair("state", asked.state).extend_pairs(added);
    match HeaderValue::try_from(String::from(target)) {
        Ok(target) => {
            let no_store = HeaderValue::from_static("no-store");
            (StatusCode::FOUND, [(header::LOCATION, target), (header::CACHE_CONTROL, no_store)]).into_response()
        }
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

fn choose(call: &Call<'_>, asked: &Asked<'_>, params: &Params) -> String {
    let title = "Authorize the app on X";
    let mut body = format!(
        "<main class=\"dialog\"><header><span class=\"mark\">𝕏</span><h1>{title}</h1></header>\
         <p class=\"note\">This is the sandbox's stand-in for X. Pick who to be; nothing leaves this machine.</p>\
         <form method=\"post\" action=\"?\">"
    );
    // Writing to a string cannot fail.
    for name in KEPT {
        if let Some(value) = params.get(name) {
            let _ = write!(body, "<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escape(value));
        }
    }
    body.push_str("<fieldset><legend>The app would like to</legend>");
    for (name, about) in asked.scopes.described() {
        let _ = write!(body, "<label><span>{about}<small>{name}</small></span></label>");
    }
    body.push_str("</fieldset><section class=\"people\">");
    for person in people::named() {
        card(&mut body, &cdn::inline_avatar(call.shared, &person.username), &person);
    }
    body.push_str(
        "</section><footer><button class=\"quiet\" name=\"_cancel\" value=\"1\" data-action=\"cancel\">Cancel\
         </button></footer></form></main>",
    );
    page(title, &body)
}

fn card(body: &mut String, picture: &str, person: &Person) {
    let (user, name) = (&person.user, escape(&person.name));
    let _ = write!(
        body,
        "<article><button name=\"_user\" value=\"{user}\" data-user=\"{user}\">\
         <img src=\"{picture}\" alt=\"\" width=\"48\" height=\"48\">\
         <span>Authorize as {name}<small>@{}</small></span></button></article>",
        person.username
    );
}

fn refused(reason: &str) -> String {
    let body = format!(
        "<main class=\"dialog\"><header><span class=\"mark\">𝕏</span><h1>Something went wrong</h1></header>\
         <p>You weren't able to give access to the App.</p><p data-error>{}</p>\
         <p class=\"note\">This is the sandbox's stand-in for X.</p></main>",
        escape(reason)
    );
    page("X / Error", &body)
}

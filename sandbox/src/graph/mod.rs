//! `graph.facebook.com`: from a path to the node or endpoint that answers it, with Meta's headers.

mod auth;
mod batch;
mod debug_token;
mod error;
mod fields;
mod hashtag_errors;
mod hashtags;
mod nodes;
mod oauth;
mod paging;
mod params;
mod picture;
mod read;
mod request;
mod version;

use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

pub(crate) use error::{Error, trace_id};
pub(crate) use params::Params;
pub(crate) use request::{Request, segments};
pub use version::{Version, Versions};

use crate::code::Code;
use crate::hashtags::List;
use crate::patch::{Since, Standing};
use crate::people;
use crate::signing::{hex, sha256};
use crate::state::Shared;
use crate::token::{self, Token};
use crate::usage::Said;
use auth::Caller;
use nodes::Node;
use read::View;

/// How many objects `ids=` may name.
const MAX_IDS: usize = 50;
/// The longest number that is recorded as an account's id.
const MAX_ID_LEN: usize = 20;

/// Answers a call to the Graph, or a batch of them, with Meta's headers.
pub(crate) async fn answer(shared: &Shared, request: &Request, headers: &HeaderMap) -> Response {
    let version = version_of(shared, request);
    if version.is_ok() && batch::is_one(request) {
        let result = batch::answer(shared, request).await;
        return dressed(result, version.ok(), HeaderMap::new(), headers);
    }
    alone(shared, request, headers)
}

/// Answers a call that is no batch.
fn alone(shared: &Shared, request: &Request, headers: &HeaderMap) -> Response {
    let mut usage = HeaderMap::new();
    match version_of(shared, request) {
        Err(error) => dressed(Err(error), None, usage, headers),
        Ok(version) => {
            let result = route(shared, request, version, &mut usage);
            if let Ok(body) = &result
                && picture::is_asked(request)
                && let Some(response) = picture::redirect(body)
            {
                return response;
            }
            dressed(result, Some(version), usage, headers)
        }
    }
}

fn version_of<'a>(shared: &'a Shared, request: &Request) -> Result<&'a str, Error> {
    let asked = request.asked_version.as_deref();
    version::answering(&shared.config.versions, asked, shared.clock.now_ms())
        .ok_or_else(|| Error::unknown_path(&format!("/{}", asked.unwrap_or_default())))
}

fn dressed(result: Result<Value, Error>, version: Option<&str>, usage: HeaderMap, asked: &HeaderMap) -> Response {
    let mut response = match result {
        Ok(body) => with_etag(&body, asked),
        Err(error) => error.into_response(),
    };
    let answered = response.headers_mut();
    answered.extend(usage);
    set(answered, "facebook-api-version", version.unwrap_or_default());
    set(answered, "x-fb-trace-id", &trace_id());
    set(answered, "x-fb-rev", "1029384756");
    set(answered, "cache-control", "private, no-cache, no-store, must-revalidate");
    set(answered, "pragma", "no-cache");
    set(answered, "access-control-allow-origin", "*");
    set(answered, "content-type", "application/json; charset=UTF-8");
    response
}

/// Returns the Instagram account that a path is about, if it names one or a post of one.
fn account_of_path(shared: &Shared, path: &str) -> Option<String> {
    segments(path).find_map(|segment| {
        if let Some((_, _, account)) = people::account(segment) {
            return Some(account.id.to_owned());
        }
        let (media, _) = shared.catalog.find(segment)?;
        Some(media.account_id.clone())
    })
}

/// Returns the Instagram account that a call is about: its path's, or else the one in whose name it asks.
pub(crate) fn account_of_call(shared: &Shared, path: &str, query: &str) -> Option<String> {
    account_of(shared, path, &Params::parse(query, &[]))
}

fn account_of(shared: &Shared, path: &str, params: &Params) -> Option<String> {
    account_of_path(shared, path).or_else(|| {
        let asker = params.get("user_id")?.to_owned();
        let is_id = asker.len() <= MAX_ID_LEN && asker.bytes().all(|byte| byte.is_ascii_digit());
        is_id.then_some(asker)
    })
}

/// Returns the consent that a call's token or code stems from: by it all that was done with one consent is told together,
/// from the short token to the Page's, and it is no secret.
pub(crate) fn grant_of_call(shared: &Shared, query: &str, headers: &HeaderMap) -> Option<String> {
    grant_of(shared, &Request::new(Method::GET, "", query, headers, &[]))
}

fn grant_of(shared: &Shared, request: &Request) -> Option<String> {
    if let Some(code) = request.params.get("code").and_then(|code| Code::read(&shared.key, code)) {
        return Some(token::grant(code.person, code.consent_ms));
    }
    // What is asked about counts, not who asks.
    let asked = ["input_token", "fb_exchange_token"].into_iter().find_map(|name| request.params.get(name));
    let token = Token::read(&shared.key, asked.or_else(|| request.token())?)?;
    Some(token.grant())
}

fn route(shared: &Shared, request: &Request, version: &str, usage: &mut HeaderMap) -> Result<Value, Error> {
    match request.parts()[..] {
        ["oauth", "access_token"] => oauth::access_token(shared, request),
        ["debug_token"] => debug_token::debug_token(shared, request),
        _ => data(shared, request, version, usage),
    }
}

fn data(shared: &Shared, request: &Request, version: &str, usage: &mut HeaderMap) -> Result<Value, Error> {
    let caller = Caller::of(shared, request)?;
    count(shared, request, usage)?;
    let Caller::Token(token) = caller else {
        let id = request.segments.first().map_or("", String::as_str);
        return Err(match id {
            "me" => Error::no_token(),
            other => Error::no_such_object("get", other),
        });
    };
    let view = View::new(shared, request, version, &token);
    let parts = request.parts();
    if request.method == Method::DELETE && matches!(parts[..], ["me", "permissions"]) {
        return remove_app(&view);
    }
    if request.method != Method::GET && request.method != Method::HEAD {
        let method = request.method.as_str().to_ascii_lowercase();
        let id = parts.first().copied().unwrap_or_default();
        return Err(Error::no_such_object(&method, id));
    }
    match parts[..] {
        [] => many(&view, None),
        [edge] if request.params.get("ids").is_some() => many(&view, Some(edge)),
        ["ig_hashtag_search"] => hashtags::search(&view),
        [id] => {
            let node = Node::find(&view, id)?;
            read::node(&view, &node, &view.fields_or(node.default_fields())?)
        }
        [id, edge] => {
            let node = Node::find(&view, id)?;
            if let (Node::Hashtag(tag), Some(list)) = (&node, List::of_edge(edge)) {
                return hashtags::media(&view, tag, list);
            }
            edge_of(&view, &node, edge)
        }
        _ => Err(Error::unknown_path(&request.path())),
    }
}

/// `/?ids=A,B`, `/media?ids=A,B`: several objects or edges of them, keyed by id.
fn many(view: &View<'_>, edge: Option<&str>) -> Result<Value, Error> {
    let ids = view.request.params.list("ids").ok_or_else(|| Error::parameter("Unsupported get request."))?;
    if ids.split(',').count() > MAX_IDS {
        return Err(Error::parameter(format!("(#100) Too many IDs. Maximum: {MAX_IDS}.")));
    }
    let mut all = Map::new();
    for id in ids.split(',').map(str::trim) {
        let node = Node::find(view, id)?;
        let value = match edge {
            Some(edge) => edge_of(view, &node, edge)?,
            None => read::node(view, &node, &view.fields_or(node.default_fields())?)?,
        };
        all.insert(id.to_owned(), value);
    }
    Ok(all.into())
}

fn edge_of(view: &View<'_>, node: &Node, edge: &str) -> Result<Value, Error> {
    read::edge(view, node, edge)?.ok_or_else(|| Error::unknown_path(&format!("/{edge}")))
}

/// What a browser asks before it sends a header of its own.
pub(crate) fn preflight(headers: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let answered = response.headers_mut();
    set(answered, "access-control-allow-origin", "*");
    set(answered, "access-control-allow-methods", "GET, POST, DELETE, OPTIONS");
    if let Some(asked) = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        answered.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
    }
    response
}

/// `DELETE /me/permissions`: the person removes the app.
fn remove_app(view: &View<'_>) -> Result<Value, Error> {
    let at_ms = view.shared.clock.stamp_ms();
    view.shared.saved.update(|saved| {
        let patch = saved.patches.entry(view.token.person.user.to_owned()).or_default();
        patch.state = Some(Since { at_ms, value: Standing::AppRemoved });
    })?;
    Ok(json!({ "success": true }))
}

/// Counts the call and refuses it when an allowance is used up.
fn count(shared: &Shared, request: &Request, usage: &mut HeaderMap) -> Result<(), Error> {
    let now_s = shared.clock.now_s();
    let app = shared.usage.count_app(now_s);
    set(usage, "x-app-usage", &app.app_header().to_string());
    // A hashtag is asked for in an account's name; where two allowances are possible, the account's counts.
    let account = account_of_path(shared, &request.path());
    let found = account.as_deref().or_else(|| request.params.get("user_id")).and_then(people::account);
    if let Some((person, index, account)) = found {
        let patch = shared.patch(person);
        let said = Said { allowance: patch.allowance, pinned: patch.usage_percent };
        let level = shared.usage.count_account(now_s, account.id, said);
        // Meta reports one read under two ids: the business's and the account's.
        let business = person.pages.get(index).map_or(account.id, |page| page.id);
        let body = json!({
            business: [level.account_header()],
            account.id: [level.account_header()],
        });
        set(usage, "x-business-use-case-usage", &body.to_string());
        if level.is_spent() {
            return Err(Error::account_limit());
        }
    }
    if app.is_spent() {
        return Err(Error::app_limit());
    }
    Ok(())
}

fn with_etag(body: &Value, headers: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", hex(&sha256(body.to_string().as_bytes())[..20]));
    let is_known = headers.get_all(header::IF_NONE_MATCH).iter().any(|known| known.as_bytes() == etag.as_bytes());
    let mut response = if is_known { StatusCode::NOT_MODIFIED.into_response() } else { Json(body).into_response() };
    set(response.headers_mut(), "etag", &etag);
    response
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

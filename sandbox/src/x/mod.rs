//! `/x/…`: X. Its consent page (`x.com`), its API (`api.x.com`), and the page of each account.

mod call;
mod consent;
mod families;
mod formats;
mod limits;
mod media;
mod multipart;
mod oauth;
pub(crate) mod people;
mod posts;
mod profile;
mod refusal;
mod saved;
mod scopes;
mod text;
mod timeline;
mod token;
mod told;
mod uploads;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

pub(crate) use families::{Family, Fate};
pub(crate) use saved::{Change, Duplicates, Standing, X};

use crate::graph::Params;
use crate::state::Shared;
use call::Call;
use limits::Counted;
use people::Person;
use refusal::Refusal;
use token::{Code, Kind, Token, family};

/// The largest body that is read: a piece of a video with its form, or a photo in base64.
const MAX_BODY: usize = 8 << 20;
/// The largest form at the token's door.
const MAX_FORM: usize = 1 << 16;
/// What the calls of that door begin with.
const TOKEN_DOOR: &str = "/x/2/oauth2/";

/// What is known of a caller before the call is looked at.
pub(crate) struct Known {
    /// The account's id on X.
    pub(crate) x_user_id: String,
    /// The consent that the token stems from.
    pub(crate) family: String,
}

impl Known {
    fn new(person: &Person, family: String) -> Self {
        Self { x_user_id: person.id.to_string(), family }
    }
}

/// The pages that people see; no app calls them.
pub(crate) fn pages() -> Router<Arc<Shared>> {
    Router::new().route("/x/{username}", get(profile::show)).route("/x/media/{id}", get(profile::media))
}

/// Tells whose token or code a call carries, whether or not it is still good: for the record of calls, and for faults.
/// A call at the token's door carries it in its body, which is read for that.
pub(crate) async fn known(shared: &Shared, request: Request) -> (Option<Known>, Request) {
    if !request.uri().path().starts_with(TOKEN_DOOR) {
        let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(call::bearer).and_then(|text| Token::read(&shared.key, Kind::Access, text));
        return (token.map(|token| Known::new(&token.person, token.family())), request);
    }
    let (parts, body) = request.into_parts();
    // What is too large to be read is no form of ours, and is refused as an empty one.
    let body = to_bytes(body, MAX_FORM).await.unwrap_or_default();
    let form = Params::parse("", &body);
    let token = [(Kind::Refresh, "refresh_token"), (Kind::Refresh, "token"), (Kind::Access, "token")];
    let token = token.into_iter().find_map(|(kind, name)| Token::read(&shared.key, kind, form.get(name)?));
    let code = || Code::read(&shared.key, form.get("code")?);
    let known = token
        .map(|token| Known::new(&token.person, token.family()))
        .or_else(|| code().map(|code| Known::new(&code.person, family(&code.person, code.consent_ms))));
    (known, Request::from_parts(parts, body.into()))
}

/// Answers a call.
pub(crate) async fn answer(shared: &Arc<Shared>, parts: &Parts, body: Body) -> Response {
    let Ok(body) = to_bytes(body, MAX_BODY).await else { return Refusal::too_large().into_response() };
    let call = Call::new(shared, parts, &body);
    route(&call).unwrap_or_else(IntoResponse::into_response)
}

fn route(call: &Call<'_>) -> Result<Response, Refusal> {
    match (call.method.as_str(), &call.segments[..]) {
        ("GET" | "POST", ["i", "oauth2", "authorize"]) => return Ok(consent::answer(call)),
        ("POST", ["2", "oauth2", "token"]) => return oauth::token(call),
        ("POST", ["2", "oauth2", "revoke"]) => return oauth::revoke(call),
        ("GET", ["2", "tweets", id]) => return timeline::one(call, &call.caller()?, id),
        _ => {}
    }
    let counted = match (call.method.as_str(), &call.segments[..]) {
        ("GET", ["2", "users", "me"]) => Counted::Me,
        ("GET", ["2", "users", _, "tweets"]) => Counted::Timeline,
        ("POST", ["2", "tweets"]) => Counted::Posts,
        ("POST", ["2", "media", "upload"]) => Counted::Upload,
        ("GET", ["2", "media", "upload"]) => Counted::Status,
        ("POST", ["2", "media", "upload", "initialize"]) => Counted::Initialize,
        ("POST", ["2", "media", "upload", _, "append"]) => Counted::Append,
        ("POST", ["2", "media", "upload", _, "finalize"]) => Counted::Finalize,
        ("POST", ["2", "media", "metadata"]) => Counted::Metadata,
        _ => return Err(Refusal::no_such_path()),
    };
    let caller = call.caller()?;
    let allowed = call.shared.x.change(&caller.person.user).posts_allowed.filter(|_| counted == Counted::Posts);
    let (headers, may) = call.shared.x.limits.count(caller.person.id, counted, call.shared.clock.now_s(), allowed);
    let id = call.segments.get(3).or_else(|| call.segments.get(2)).copied().unwrap_or_default();
    let answer = match counted {
        _ if !may => Err(Refusal::too_many()),
        Counted::Me => timeline::me(&caller),
        Counted::Timeline => timeline::list(call, &caller, call.segments[2]),
        Counted::Posts => posts::create(call, &caller),
        Counted::Upload => media::simple(call, &caller),
        Counted::Status => media::status(call, &caller),
        Counted::Initialize => media::initialize(call, &caller),
        Counted::Append => media::append(call, &caller, id),
        Counted::Finalize => media::finalize(call, &caller, id),
        Counted::Metadata => media::metadata(call, &caller),
    };
    let mut response = answer.unwrap_or_else(IntoResponse::into_response);
    response.headers_mut().extend(headers);
    Ok(response)
}

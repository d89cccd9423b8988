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
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

pub(crate) use families::{Family, Fate};
pub(crate) use saved::{Change, Duplicates, Standing, X};

use crate::state::Shared;
use call::Call;
use limits::Counted;
use refusal::Refusal;
use token::{Kind, Token};

/// The largest body that is read: a piece of a video with its form, or a photo in base64.
const MAX_BODY: usize = 8 << 20;

/// What is known of a caller before the call is looked at.
pub(crate) struct Known {
    /// The account's id on X.
    pub(crate) x_user_id: String,
    /// The consent that the token stems from.
    pub(crate) family: String,
}

/// The pages that people see; no app calls them.
pub(crate) fn pages() -> Router<Arc<Shared>> {
    Router::new().route("/x/{username}", get(profile::show)).route("/x/media/{id}", get(profile::media))
}

/// Tells whose token a call carries, whether or not it is still good: for the record of calls.
pub(crate) fn known(shared: &Shared, headers: &HeaderMap) -> Option<Known> {
    let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let token = Token::read(&shared.key, Kind::Access, call::bearer(header)?)?;
    Some(Known { x_user_id: token.person.id.to_string(), family: token.family() })
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

//! `/_sandbox/…`: the door of tests. Nothing here exists at Meta, is recorded, or can fail by a fault.

mod body;
mod callbacks;
mod calls;
mod clock;
mod cors;
mod faults;
mod media;
mod outboxes;
mod page;
mod problem;
mod tokens;
mod users;
mod x;

use std::sync::Arc;

use axum::Router;
use axum::routing::{MethodRouter, delete, get, patch, post, put};

use crate::state::Shared;

pub(crate) use cors::allow as allow_page;
pub(crate) use problem::Problem;

/// What a handler of the door answers.
type Answer<T> = Result<axum::Json<T>, Problem>;
/// What all handlers share.
type Sandbox = axum::extract::State<Arc<Shared>>;

/// A route of the door, and what each of its methods does, for the page at `/`.
type Route = (&'static str, MethodRouter<Arc<Shared>>, &'static [(&'static str, &'static str)]);

#[rustfmt::skip]
fn all() -> [Route; 23] {
    [
        ("/users", get(users::list), &[("GET", "who there is, with Pages and Instagram accounts")]),
        ("/users/{user}", patch(users::change), &[("PATCH", "what happens to one: state, scopes, token_expires_in_s, \
          data_access_expires_in_s, usage_percent, allowance, public_content_access; null takes one back")]),
        ("/tokens", post(tokens::mint), &[("POST", "{user}: the short-lived token that Meta's login button hands to a page")]),
        ("/media", post(media::publish), &[("POST", "{user, media_type, caption, alt_text, children, …}: publishes on Instagram")]),
        ("/media/{id}", delete(media::remove), &[("DELETE", "deletes a post")]),
        ("/faults", get(faults::list), &[("GET", "the faults that are on")]),
        ("/faults/{name}", put(faults::put).delete(faults::remove), &[
            ("PUT", "{match, answer | hang_ms | drop, applied, times}: puts a fault in the way of calls"),
            ("DELETE", "takes it off")]),
        ("/calls", get(calls::list).delete(calls::forget), &[
            ("GET", "?path_contains: who called what, oldest first, without tokens"), ("DELETE", "forgets them")]),
        ("/usage", get(calls::usage), &[("GET", "what is used of each account's allowance")]),
        ("/callbacks", post(callbacks::send), &[("POST", "{user, url, signature, as_page, issued_ago_s}: sends Meta's \
          deauthorize or data-deletion callback to the service, and tells what it answered")]),
        ("/clock", get(clock::show).post(clock::advance), &[
            ("GET", "what time it is here"), ("POST", "{advance_s}: moves it ahead, and the service's along")]),
        ("/mails", get(outboxes::mails).delete(outboxes::forget_mails), &[
            ("GET", "mails that came in, raw and read"), ("DELETE", "forgets them")]),
        ("/smtp", get(outboxes::smtp), &[("GET", "where mail is taken")]),
        ("/alerts", get(outboxes::alerts).delete(outboxes::forget_alerts), &[
            ("GET", "messages to Slack"), ("DELETE", "forgets them")]),
        ("/posts", get(x::posts).delete(x::forget_posts), &[("GET", "posts on X"), ("DELETE", "forgets them")]),
        ("/posts/{id}", delete(x::delete_post), &[("DELETE", "deletes one, as its person does on X")]),
        ("/x", get(x::show).patch(x::change), &[
            ("GET", "what is paid and spent on X, and what counts as a duplicate"),
            ("PATCH", "{credits, duplicates}: credits in thousandths of a dollar, null for any; text or text_and_media")]),
        ("/x/families", get(x::families), &[("GET", "every consent on X, and what became of its pairs of tokens")]),
        ("/x/users", get(x::users), &[("GET", "the accounts on X that have names of their own")]),
        ("/x/users/{user}", patch(x::change_user), &[
            ("PATCH", "{state, posts_allowed}: ok, locked, suspended or app_removed; posts in a quarter of an hour")]),
        ("/live", get(page::live), &[("GET", "what the page shows, again whenever it changes (server-sent events)")]),
        ("/home.js", get(page::script), &[]),
        ("/home.css", get(page::style), &[]),
    ]
}

/// Returns what the door can do: method, path, and what it does.
pub(crate) fn told() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    all().into_iter().flat_map(|(path, _, told)| told.iter().map(move |&(method, does)| (method, path, does)))
}

/// Returns the door's routes.
pub(crate) fn routes() -> Router<Arc<Shared>> {
    let mut door = Router::new().fallback(problem::no_such_route);
    for (path, methods, _) in all() {
        let methods = methods.fallback(problem::wrong_method);
        // Routes answer with and without a slash at the end.
        door = door.route(&format!("{path}/"), methods.clone()).route(path, methods);
    }
    Router::new().nest("/_sandbox", door)
}

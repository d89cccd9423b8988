//! `/_sandbox/…`: the door of tests. Nothing here exists at Meta, is recorded, or can fail by a fault.

mod body;
mod callbacks;
mod calls;
mod clock;
mod cors;
mod faults;
mod media;
mod outboxes;
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

/// Returns the door's routes.
pub(crate) fn routes() -> Router<Arc<Shared>> {
    let routes: [(&str, MethodRouter<Arc<Shared>>); 20] = [
        ("/users", get(users::list)),
        ("/users/{user}", patch(users::change)),
        ("/tokens", post(tokens::mint)),
        ("/media", post(media::publish)),
        ("/media/{id}", delete(media::remove)),
        ("/faults", get(faults::list)),
        ("/faults/{name}", put(faults::put).delete(faults::remove)),
        ("/calls", get(calls::list).delete(calls::forget)),
        ("/usage", get(calls::usage)),
        ("/callbacks", post(callbacks::send)),
        ("/clock", get(clock::show).post(clock::advance)),
        ("/mails", get(outboxes::mails).delete(outboxes::forget_mails)),
        ("/posts", get(x::posts).delete(x::forget_posts)),
        ("/posts/{id}", delete(x::delete_post)),
        ("/x", get(x::show).patch(x::change)),
        ("/x/families", get(x::families)),
        ("/x/users", get(x::users)),
        ("/x/users/{user}", patch(x::change_user)),
        ("/alerts", get(outboxes::alerts).delete(outboxes::forget_alerts)),
        ("/smtp", get(outboxes::smtp)),
    ];
    let mut door = Router::new().fallback(problem::no_such_route);
    for (path, methods) in routes {
        let methods = methods.fallback(problem::wrong_method);
        // Routes answer with and without a slash at the end.
        door = door.route(&format!("{path}/"), methods.clone()).route(path, methods);
    }
    Router::new().nest("/_sandbox", door)
}

//! `/_sandbox/…`: the door of tests. Nothing here exists at Meta, is recorded, or can fail by a fault.

mod body;
mod calls;
mod clock;
mod faults;
mod media;
mod outboxes;
mod problem;
mod tokens;
mod users;

use std::sync::Arc;

use axum::Router;
use axum::routing::{MethodRouter, any, delete, get, patch, post, put};

use crate::state::Shared;

pub(crate) use problem::Problem;

/// What a handler of the door answers.
type Answer<T> = Result<axum::Json<T>, Problem>;
/// What all handlers share.
type Sandbox = axum::extract::State<Arc<Shared>>;

/// Returns the door's routes.
pub(crate) fn routes() -> Router<Arc<Shared>> {
    let routes: [(&str, MethodRouter<Arc<Shared>>); 11] = [
        ("/_sandbox/users", get(users::list)),
        ("/_sandbox/users/{user}", patch(users::change)),
        ("/_sandbox/tokens", post(tokens::mint)),
        ("/_sandbox/media", post(media::publish)),
        ("/_sandbox/media/{id}", delete(media::remove)),
        ("/_sandbox/faults", get(faults::list)),
        ("/_sandbox/faults/{name}", put(faults::put).delete(faults::remove)),
        ("/_sandbox/calls", get(calls::list).delete(calls::forget)),
        ("/_sandbox/clock", get(clock::show).post(clock::advance)),
        ("/_sandbox/{outbox}", get(outboxes::list)),
        ("/_sandbox/{*rest}", any(problem::no_such_route)),
    ];
    routes.into_iter().fold(Router::new(), |router, (path, methods)| {
        let methods = methods.fallback(problem::wrong_method);
        let router = router.route(path, methods.clone());
        // Routes answer with and without a slash at the end.
        if path.contains('*') { router } else { router.route(&format!("{path}/"), methods) }
    })
}

//! How many requests are worked on at once. Whoever comes beyond that is told at once to come again: to wait unseen would
//! hold connections and memory for answers that nobody waits for any more.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// Beyond this something is wrong outside; callers who wait for a run have their own, smaller bound.
const MOST_AT_ONCE: usize = 4_096;

/// The places of requests that are worked on.
pub(crate) fn places() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(MOST_AT_ONCE))
}

/// Lets a request in, if there is a place. Whether the process is alive can always be asked.
pub(crate) async fn bound(State(places): State<Arc<Semaphore>>, request: Request, next: Next) -> Response {
    if request.uri().path() == "/healthz" {
        return next.run(request).await;
    }
    let Ok(_place) = places.try_acquire() else {
        let detail = "Too many requests are under way; try again in a moment.";
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).into_response();
    };
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Router;
    use axum::body::Body;
    use axum::http::{Request, StatusCode, header};
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tokio::sync::Semaphore;
    use tower::ServiceExt;

    use super::bound;

    #[tokio::test]
    async fn whoever_comes_beyond_the_bound_is_told_at_once_to_come_again() {
        let places = Arc::new(Semaphore::new(1));
        let routes = Router::new()
            .route("/", get(async || "in"))
            .route("/healthz", get(async || "alive"))
            .layer(from_fn_with_state(places.clone(), bound));
        let ask = async |path: &str| {
            let request = Request::get(path).body(Body::empty()).expect("a request");
            routes.clone().oneshot(request).await.expect("an answer")
        };

        let (first, second) = (ask("/").await, ask("/").await);
        let place = places.try_acquire().expect("given back by both");
        let (beyond, alive) = (ask("/").await, ask("/healthz").await);
        drop(place);

        assert_eq!((first.status(), second.status()), (StatusCode::OK, StatusCode::OK));
        assert_eq!((beyond.status(), alive.status()), (StatusCode::SERVICE_UNAVAILABLE, StatusCode::OK));
        assert_eq!(beyond.headers()[header::RETRY_AFTER], "5");
        assert_eq!(ask("/").await.status(), StatusCode::OK);
    }
}

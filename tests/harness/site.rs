//! Somebody's website: one page on an origin of its own, under a policy that allows nothing but what a feed needs.

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::Html;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

/// A page that notes what a visitor would not see: the widgets' events, what has moved, what the policy forbade.
const PAGE: &str = include_str!("site.html");

pub(crate) struct Site {
    pub url: String,
    _stop: DropGuard,
}

impl Site {
    /// Serves a page with this in its middle, which loads the widget and feeds from one origin, and pictures from another.
    pub(crate) async fn open(service: &str, pictures: &str, body: &str) -> Self {
        let policy = format!(
            "default-src 'none'; script-src 'nonce-site'; style-src 'nonce-site'; connect-src {service}; \
             img-src 'self' {pictures}; media-src {pictures}; base-uri 'none'; form-action 'none'; \
             require-trusted-types-for 'script'; trusted-types 'none'"
        );
        let page = Html(PAGE.replace("{{ service }}", service).replace("{{ body }}", body));
        let routes = Router::new()
            .route("/", get(|| async move { ([(header::CONTENT_SECURITY_POLICY, policy)], page) }))
            .fallback(|| async { StatusCode::NO_CONTENT });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let stop = CancellationToken::new();
        let ended = stop.clone().cancelled_owned();
        tokio::spawn(async move { axum::serve(listener, routes).with_graceful_shutdown(ended).await });
        Self { url, _stop: stop.drop_guard() }
    }
}

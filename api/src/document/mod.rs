//! `GET /openapi.json`: the routes, told by the code that answers them. Each stands beside its handler; here is what
//! they have in common.

use std::sync::LazyLock;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, Deprecated, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, RefOr, ServerBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use crate::answers::ProblemBody;
use crate::feed_answer::{etag, matches};

pub(crate) mod refusals;

/// What holds everywhere.
const DESCRIPTION: &str = "\
Keeps Instagram connections alive and website feeds fresh.

JSON is snake_case, times are RFC 3339 in UTC, ids are strings. Fields may be added; none is taken away. Errors are \
`application/problem+json` with a stable `code` and a `detail` that says what is wrong and how to mend it. Every route \
answers with and without a trailing slash. What is no route is 404 `no_such_route`, a route asked with another method \
405 `method_not_allowed`, with `Allow`. Too many requests at once are 503 `unavailable`, with `Retry-After`.";

/// The proof of host platforms and operators.
const BEARER: &str = "bearer";
/// The proof of a browser that is sent to a page.
const AUTH: &str = "auth";

const BEARER_IS: &str = "A token that the host platform signed: HS256 with `APP_TOKEN_SECRET`, claims `app`, `user`, \
`exp`; it sees its app alone. Or an operator's API key (`fk_…`), which sees all. Under `AUTH=open` nothing is asked for.";
const AUTH_IS: &str = "The same token in the address, for a browser that is sent there: its `exp` is at most 5 minutes \
away, and it serves here once. (As `Bearer` it serves until its end.)";

/// The subjects that the routes are grouped by.
const TAGS: [(&str, &str); 6] = [
    ("connect", "Connecting accounts."),
    ("feeds", "What websites show."),
    ("apps", "What the host platform manages."),
    ("x", "What is posted to X."),
    ("meta", "What Meta and the people there ask of us."),
    ("service", "How the service is."),
];

/// Returns the document without its routes.
pub(crate) fn base() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Feedkeeper")
        .description(Some(DESCRIPTION))
        .version(env!("CARGO_PKG_VERSION"))
        .license(Some(LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build()));
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(BEARER_IS)).build();
    let auth = ApiKey::Query(ApiKeyValue::with_description(AUTH, AUTH_IS));
    let components = ComponentsBuilder::new()
        .schema(ProblemBody::name(), ProblemBody::schema())
        .security_scheme(BEARER, SecurityScheme::Http(bearer))
        .security_scheme(AUTH, SecurityScheme::ApiKey(auth));
    let tags = TAGS.map(|(name, is)| TagBuilder::new().name(name).description(Some(is)).build());
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([ServerBuilder::new().url("/").build()]))
        .components(Some(components.build()))
        .tags(Some(tags))
        .build()
}

/// The document as it is served: written once.
static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut document = crate::documented().into_openapi();
    finish(&mut document);
    let text = document.to_pretty_json().unwrap_or_else(|error| {
        tracing::error!(%error, "the document of the routes cannot be written");
        "{}".to_owned()
    });
    text + "\n"
});

/// Says what cannot be said beside the handlers.
fn finish(document: &mut OpenApi) {
    let Some(exchange) = document.paths.paths.get_mut("/instagram/oauth") else { return };
    // A token in an address is kept by every log on its way.
    if let Some(by_get) = &mut exchange.get {
        by_get.deprecated = Some(Deprecated::True);
    }
    // The same may stand in the query.
    if let Some(RefOr::T(body)) = exchange.post.as_mut().and_then(|post| post.request_body.as_mut()) {
        body.required = None;
    }
}

/// Returns the document of all routes.
pub fn openapi_json() -> &'static str {
    &TEXT
}

/// Describes all routes.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "service",
    operation_id = "openapi",
    security(()),
    params(("If-None-Match" = Option<String>, Header, nullable = false, description = "The `ETag` of the answer that is known.")),
    responses(
        (status = 200, description = "This document.", body = Object, content_type = "application/json"),
        (status = 304, description = "It has not changed."),
    ),
)]
pub(crate) async fn show(asked: HeaderMap) -> Response {
    static TAG: LazyLock<String> = LazyLock::new(|| etag(openapi_json()));
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let headers = [
        (header::ETAG, TAG.as_str()),
        (header::CACHE_CONTROL, "public, max-age=300, stale-while-revalidate=86400"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    if known.into_iter().any(|value| matches(value, &TAG)) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, [(header::CONTENT_TYPE, "application/json")], openapi_json()).into_response()
}

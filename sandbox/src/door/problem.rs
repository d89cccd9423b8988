//! The door's errors: `application/problem+json` that names the field and the fix.

use axum::Json;
use axum::extract::OriginalUri;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::people::PEOPLE;

/// Why the door did not do what it was asked.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: String,
}

impl Problem {
    /// A body or a field that is not as it should be.
    pub(crate) fn field(detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            code: "field_invalid",
            title: "A field is not valid",
            detail: detail.into(),
        }
    }

    /// A person that does not live here.
    pub(crate) fn no_such_user(user: &str) -> Self {
        let known: Vec<_> = PEOPLE.iter().map(|person| person.user).collect();
        Self::not_found("user_unknown", format!("there is no user {user:?}; there are {}", known.join(", ")))
    }

    /// Something else that is not there.
    pub(crate) fn not_found(code: &'static str, detail: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, code, title: "Not found", detail: detail.into() }
    }
}

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Self {
        tracing::error!(%error, "the sandbox could not keep its state");
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: "internal",
            title: "The sandbox failed",
            detail: error.to_string(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": format!("urn:sandbox:{}", self.code),
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code,
        });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (self.status, kind, Json(body).into_response().into_body()).into_response()
    }
}

/// Answers a path that the door does not have.
pub(crate) async fn no_such_route(OriginalUri(uri): OriginalUri) -> Problem {
    Problem::not_found("route_unknown", format!("the door has no {}; the page at / lists its routes", uri.path()))
}

/// Answers a method that a route does not have.
pub(crate) async fn wrong_method(method: Method, OriginalUri(uri): OriginalUri) -> Problem {
    Problem {
        status: StatusCode::METHOD_NOT_ALLOWED,
        code: "method_unknown",
        title: "Method not allowed",
        detail: format!("{} does not answer {method}; the page at / lists its routes", uri.path()),
    }
}

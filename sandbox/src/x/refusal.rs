//! How X says no: problems in JSON for its calls, OAuth's words at the token's door.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A no.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    body: Value,
}

impl Refusal {
    fn blank(status: StatusCode, title: &str, detail: &str) -> Self {
        let body = json!({ "title": title, "detail": detail, "type": "about:blank", "status": status.as_u16() });
        Self { status, body }
    }

    /// A token that is none, or has ended.
    pub(crate) fn unauthorized() -> Self {
        Self::blank(StatusCode::UNAUTHORIZED, "Unauthorized", "Unauthorized")
    }

    /// A path that X does not have.
    pub(crate) fn no_such_path() -> Self {
        Self::blank(StatusCode::NOT_FOUND, "Not Found", "Not Found")
    }

    /// Something that this person or this app may not.
    pub(crate) fn forbidden(detail: &str) -> Self {
        Self::blank(StatusCode::FORBIDDEN, "Forbidden", detail)
    }

    /// What the account has just posted.
    pub(crate) fn duplicate() -> Self {
        Self::forbidden("You are not allowed to create a Tweet with duplicate content.")
    }

    /// A text that weighs more than a post may.
    pub(crate) fn too_long() -> Self {
        Self::forbidden(
            "Your Tweet text is too long. For more information on how Twitter determines text length see \
             https://github.com/twitter/twitter-text.",
        )
    }

    /// Too many calls.
    pub(crate) fn too_many() -> Self {
        Self::blank(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests", "Too Many Requests")
    }

    /// More bytes than X takes at once.
    pub(crate) fn too_large() -> Self {
        Self::blank(StatusCode::PAYLOAD_TOO_LARGE, "Payload Too Large", "Payload Too Large")
    }

    /// Nothing left of what the app has paid.
    pub(crate) fn no_credits() -> Self {
        Self {
            status: StatusCode::PAYMENT_REQUIRED,
            body: json!({
                "account_id": 1_882_000_000_000_000_000_u64,
                "title": "CreditsDepleted",
                "detail": "Your enrolled account [1882000000000000000] does not have any credits to fulfill this request.",
                "type": "https://api.twitter.com/2/problems/credits",
            }),
        }
    }

    /// A field that is not as it should be.
    pub(crate) fn invalid(parameter: &str, value: &str, message: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            body: json!({
                "errors": [{ "parameters": { parameter: [value] }, "message": message }],
                "title": "Invalid Request",
                "detail": "One or more parameters to your request was invalid.",
                "type": "https://api.x.com/2/problems/invalid-request",
            }),
        }
    }

    /// Something that is not there.
    pub(crate) fn not_found(kind: &str, id: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            body: json!({
                "value": id,
                "detail": format!("Could not find {kind} with id: [{id}]."),
                "title": "Not Found Error",
                "resource_type": kind,
                "parameter": "id",
                "resource_id": id,
                "type": "https://api.x.com/2/problems/resource-not-found",
            }),
        }
    }

    /// An app that cannot show who it is.
    pub(crate) fn unknown_app() -> Self {
        let description = "Missing valid authorization header";
        Self {
            status: StatusCode::UNAUTHORIZED,
            body: json!({ "error": "unauthorized_client", "error_description": description }),
        }
    }

    /// A code or token that is none, or was used.
    pub(crate) fn bad_grant(description: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            body: json!({ "error": "invalid_request", "error_description": description }),
        }
    }
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        tracing::error!(%error, "the stand-in X could not answer");
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::blank(status, "Service Unavailable", "Service Unavailable")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let kind = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
        (self.status, kind, Json(self.body).into_response().into_body()).into_response()
    }
}

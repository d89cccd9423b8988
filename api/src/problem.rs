//! Errors as `application/problem+json` (RFC 9457): `type title status detail code`.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::answers::ProblemBody;

/// An answer that says what is wrong and how to mend it.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
}

impl Problem {
    /// A request that cannot be understood: `code` is stable, `detail` names the field and the fix.
    pub(crate) fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, detail: detail.into() }
    }

    /// Something that is not there, or not for this caller.
    pub(crate) fn not_found(code: &'static str, detail: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, code, detail: detail.into() }
    }

    /// A caller whose proof is missing or does not hold.
    pub(crate) fn unauthorised(code: &'static str, detail: impl Into<String>) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, code, detail: detail.into() }
    }

    /// A caller whose proof holds, but not for this.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::FORBIDDEN, code: "forbidden", detail: detail.into() }
    }

    /// Any other refusal.
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into() }
    }

    /// Something of ours is away; the log says what, the caller learns only that it passes.
    pub(crate) fn unavailable(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "request failed");
        let detail = "A part of the service cannot be reached; try again in a moment.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail)
    }
}

impl Problem {
    /// Returns what is sent.
    pub(crate) fn into_body(self) -> ProblemBody {
        let Self { status, code, detail } = self;
        let title = status.canonical_reason().unwrap_or("Error");
        ProblemBody { kind: "about:blank", title, status: status.as_u16(), detail, code }
    }

    /// Returns the answer's status.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the stable word for machines.
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// Returns whether the answer's status is this one.
    pub(crate) fn is(&self, status: StatusCode) -> bool {
        self.status == status
    }
}

impl From<sea_orm::DbErr> for Problem {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::unavailable(&error)
    }
}

impl From<queue::JobError> for Problem {
    fn from(error: queue::JobError) -> Self {
        Self::unavailable(&error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status;
        let mut response = (status, Json(self.into_body())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // A widget on another site has to read why it is not served; there is nothing in it to keep from anybody.
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// Turns what the framework refused by itself (a body that is too large, a path that is no text) into a problem too.
pub(crate) async fn from_plain(response: Response) -> Response {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("text/plain") || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (code, detail) = match status {
        StatusCode::PAYLOAD_TOO_LARGE => ("body_too_large", "The body is larger than 256 KiB; send less."),
        StatusCode::BAD_REQUEST => ("bad_request", "The request cannot be read: its path or its body is no text."),
        _ => ("refused", "The request was refused."),
    };
    Problem::new(status, code, detail).into_response()
}

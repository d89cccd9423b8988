//! What an error means that has no number: its word, its text, the header beside it.

use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

use super::Class::{AppMisconfigured, BadRequest, NotFound, PermissionLost, TokenDead, Transient};
use super::Scope;
use super::classify::Verdict::{self, Is, Limit};

/// The words of OAuth (RFC 6749, 6750), and those of Instagram's first API, which name what the numbers do not.
pub(super) fn by_word(word: &str) -> Option<Verdict> {
    Some(match word {
        "invalid_token" | "OAuthAccessTokenException" => Is(TokenDead),
        "insufficient_scope"
        | "access_denied"
        | "OAuthPermissionsException"
        | "OAuthForbiddenException"
        | "APINotAllowedError" => Is(PermissionLost),
        "invalid_client" | "unauthorized_client" | "OAuthClientException" => Is(AppMisconfigured),
        "invalid_grant"
        | "invalid_request"
        | "invalid_scope"
        | "unsupported_grant_type"
        | "unsupported_response_type"
        | "OAuthParameterException"
        | "APIInvalidParametersError" => Is(BadRequest),
        "OAuthRateLimitException" | "slow_down" => Limit(Scope::None, None),
        "APINotFoundError" => Is(NotFound),
        "server_error" | "temporarily_unavailable" | "APIError" => Is(Transient),
        _ => return None,
    })
}

/// Stable English where there is no number at all.
pub(super) fn by_text(message: &str) -> Option<Verdict> {
    let message = message.to_ascii_lowercase();
    let says = |fragments: &[&str]| fragments.iter().any(|fragment| message.contains(fragment));
    if says(&[
        "validating access token",
        "malformed access token",
        "invalid oauth access token",
        "invalid access token",
        "access token has expired",
        "access token is invalid",
        "session has expired",
        "cannot parse access token",
    ]) {
        return Some(Is(TokenDead));
    }
    if says(&["maximum batch size"]) {
        return Some(Is(BadRequest));
    }
    if says(&["request limit reached", "too many calls", "too many requests", "rate limit"]) {
        return Some(Limit(Scope::None, None));
    }
    if says(&["insufficient developer role", "invalid platform app", "validating client secret", "invalid client_id"]) {
        return Some(Is(AppMisconfigured));
    }
    says(&["temporarily unavailable", "try again later", "timed out", "retry your request"]).then_some(Is(Transient))
}

/// `WWW-Authenticate: OAuth "Facebook Platform" "invalid_token" "…"`. It quotes the localised text too, so it need not
/// be ASCII.
pub(super) fn by_challenge(headers: &HeaderMap) -> Option<Verdict> {
    let challenge = String::from_utf8_lossy(headers.get(WWW_AUTHENTICATE)?.as_bytes());
    ["invalid_token", "insufficient_scope"].into_iter().find(|word| challenge.contains(word)).and_then(by_word)
}

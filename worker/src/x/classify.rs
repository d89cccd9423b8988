//! Which answer of X means what: pure.
//!
//! Seen: problems (`{"title","detail","type","status"}`), the same within `{"errors":[…]}`, the token endpoint's
//! `{"error","error_description"}`, the default `{"code","message"}`, and pages of whoever stands in between.

use serde_json::Value;

use super::limits::Limits;
use super::{Details, Error};
use crate::graph::scrub;

/// The calls whose refusal ends something for good.
const DECIDES: [&str; 2] = [super::token::REFRESH, "post"];
/// A word of X's is shorter; what is longer is none.
const LONGEST_WORD: usize = 48;

/// Decides what an answer means that is no success.
pub(super) fn classify(call: &'static str, status: u16, limits: &Limits, body: &[u8]) -> Error {
    let said = Said::read(body);
    let message = said.text.as_deref().map_or_else(|| "X said nothing".to_owned(), scrub);
    let word = said.word.clone();
    let details = Box::new(Details { call, status: Some(status), word: word.clone(), message });
    match (status, word.as_deref().unwrap_or_default()) {
        (429, _) => Error::RateLimited { details, retry_after: limits.retry_after() },
        (402, _) | (_, "usage-capped") => Error::OutOfCredits(details),
        (_, "invalid_client" | "unauthorized_client" | "client-forbidden") => Error::AppMisconfigured(details),
        // The token endpoint calls a code and a refresh token so that serve no more; other requests that it does not take
        // say nothing of them.
        (400 | 401, "invalid_grant") if said.is_oauth => Error::TokenDead(details),
        (400 | 401, "invalid_request") if said.is_of_a_token() => Error::TokenDead(details),
        // Of the token endpoint it is our app that is not believed.
        (401, _) if said.is_oauth || call == super::token::EXCHANGE || call == super::token::REFRESH => {
            Error::AppMisconfigured(details)
        }
        (401, _) => Error::TokenDead(details),
        (403, _) if said.mentions("duplicate content") => Error::Duplicate(details),
        (403, _) if said.is_readable() => Error::Forbidden(details),
        // Whoever stands in between says nothing of a token or a post.
        (400 | 404, _) if !said.is_readable() && DECIDES.contains(&call) => Error::Unclear { details, source: None },
        (404 | 410, _) => Error::NotFound(details),
        (300..=399 | 403 | 408 | 425 | 500.., _) => Error::Unclear { details, source: None },
        _ => Error::Rejected(details),
    }
}

/// What an error body says; every part may be missing.
#[derive(Default)]
struct Said {
    word: Option<String>,
    text: Option<String>,
    is_oauth: bool,
}

impl Said {
    fn read(body: &[u8]) -> Self {
        let Ok(value) = serde_json::from_slice::<Value>(body) else { return Self::default() };
        let inner = value["errors"].get(0).filter(|_| value["detail"].is_null() && value["title"].is_null());
        let value = inner.unwrap_or(&value);
        let text = |name: &str| value[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        if let Some(word) = text("error") {
            let said = text("error_description");
            return Self { word: plain(&word), text: said.or(Some(word)), is_oauth: true };
        }
        let kind = text("type").and_then(|kind| plain(kind.rsplit('/').next()?)).filter(|kind| kind != "about:blank");
        let words = text("detail").or_else(|| text("message")).or_else(|| text("title"));
        Self { word: kind, text: words, is_oauth: false }
    }

    /// "Value passed for the token was invalid", and the same of the authorization code.
    fn is_of_a_token(&self) -> bool {
        self.is_oauth && (self.mentions("token was invalid") || self.mentions("code was invalid"))
    }

    /// Whether it is X that said something, and not whoever stands in between.
    const fn is_readable(&self) -> bool {
        self.word.is_some() || self.text.is_some()
    }

    fn mentions(&self, words: &str) -> bool {
        self.text.as_ref().is_some_and(|text| text.to_ascii_lowercase().contains(words))
    }
}

/// A word that may be repeated: anything else may be anything.
fn plain(word: &str) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-' | b':');
    (!word.is_empty() && word.len() <= LONGEST_WORD && word.bytes().all(is_plain)).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::graph::Class;

    const DUPLICATE: &str = r#"{"detail":"You are not allowed to create a Tweet with duplicate content.","type":"about:blank","title":"Forbidden","status":403}"#;
    const INVALID: &str =
        r#"{"error":"invalid_request","error_description":"Value passed for the token was invalid."}"#;

    fn told(call: &'static str, status: u16, body: &str) -> Error {
        classify(call, status, &Limits::default(), body.as_bytes())
    }

    #[test]
    fn every_answer_that_was_seen_says_what_can_be_done() {
        for (call, status, body, class, name) in [
            ("post", 403, DUPLICATE, Class::BadRequest, "duplicate"),
            (
                "post",
                403,
                r#"{"title":"Forbidden","type":"https://api.x.com/2/problems/not-authorized-for-resource"}"#,
                Class::PermissionLost,
                "forbidden",
            ),
            (
                "post",
                403,
                r#"{"title":"x","type":"https://api.x.com/2/problems/client-forbidden"}"#,
                Class::AppMisconfigured,
                "app misconfigured",
            ),
            ("post", 402, "", Class::AppMisconfigured, "out of credits"),
            ("post", 429, r#"{"title":"Too Many Requests"}"#, Class::RateLimited, "rate limited"),
            ("post", 401, r#"{"title":"Unauthorized","status":401}"#, Class::TokenDead, "token dead"),
            (
                "post",
                400,
                r#"{"errors":[{"message":"text is too long"}],"title":"Invalid Request","type":"https://api.x.com/2/problems/invalid-request"}"#,
                Class::BadRequest,
                "rejected",
            ),
            ("post", 503, "<html>", Class::Transient, "unclear"),
            ("post", 403, "<html>", Class::Transient, "unclear"),
            ("post", 302, "", Class::Transient, "unclear"),
            ("me", 404, r#"{"errors":[{"detail":"gone"}]}"#, Class::NotFound, "not found"),
            ("refresh", 400, INVALID, Class::TokenDead, "token dead"),
            (
                "refresh",
                400,
                r#"{"error":"invalid_request","error_description":"Missing required parameter [client_id]."}"#,
                Class::BadRequest,
                "rejected",
            ),
            ("refresh", 400, r#"{"error":"invalid_grant"}"#, Class::TokenDead, "token dead"),
            (
                "refresh",
                401,
                r#"{"error":"unauthorized_client","error_description":"Missing valid authorization header"}"#,
                Class::AppMisconfigured,
                "app misconfigured",
            ),
            ("refresh", 401, "", Class::AppMisconfigured, "app misconfigured"),
            ("refresh", 400, "<html>", Class::Transient, "unclear"),
            ("post", 404, "", Class::Transient, "unclear"),
            ("upload_picture", 400, "<html>", Class::BadRequest, "rejected"),
        ] {
            let error = told(call, status, body);
            assert_eq!(error.class(), class, "{call} {status} {body}");
            assert!(error.to_string().starts_with(&format!("x {call}: {name}")), "{error}");
        }
    }

    #[test]
    fn a_limit_without_a_time_lasts_for_the_usual_window() {
        let Error::RateLimited { retry_after, .. } = told("post", 429, "") else { panic!("a limit") };
        assert_eq!(retry_after, Duration::from_mins(15));
    }

    #[test]
    fn no_token_is_repeated() {
        let body =
            r#"{"error":"invalid_request","error_description":"bad refresh_token=bWRWa3gzdnk3WHRGU1o0bmRRcTJ5VTZN1"}"#;
        let error = told("refresh", 400, body);
        assert!(!format!("{error} {error:?}").contains("bWRWa3g"), "{error:?}");
        let odd = told("refresh", 400, r#"{"error":"bWRWa3gzdnk3WHRGU1o0bmRRcTJ5VTZNVm9ZSXhzSnNWOUNYMDdU"}"#);
        assert!(!format!("{odd} {odd:?}").contains("bWRWa3g"), "{odd:?}");
    }
}

//! Reads the shapes in which Meta says "no", and nothing of what they mean.
//!
//! Seen: `{"error":{…}}`, `{"error":"text"}`, `{"error":"word","error_description":"text"}`, the flat
//! `{"error_type","code","error_message"}` of the token endpoints, the same within `{"meta":{…}}`, and
//! `debug_token`'s inner `{"code","message","subcode"}`.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::lenient;

/// What an error body says; every part may be missing.
#[derive(Debug, Default)]
pub(super) struct Envelope {
    pub(super) code: Option<i64>,
    pub(super) subcode: Option<i64>,
    pub(super) kind: Option<String>,
    pub(super) message: Option<String>,
    pub(super) is_transient: bool,
    /// Meta says so expressly; mere silence means nothing.
    pub(super) is_lasting: bool,
    pub(super) fbtrace_id: Option<String>,
    /// The flat form, whose `code` is an HTTP status (developers.facebook.com, Business Login for Instagram).
    pub(super) is_flat: bool,
}

impl Envelope {
    /// Reads an error body, or `None` when there is no envelope in it: HTML, cut off, empty, something else.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let Value::Object(top) = serde_json::from_slice(body).ok()? else {
            return None;
        };
        match top.get("error") {
            Some(Value::Object(error)) => return Some(Self::from_object(error)),
            Some(Value::String(word)) => {
                let described = top.get("error_description").and_then(Value::as_str);
                return Some(Self { message: Some(described.unwrap_or(word).to_owned()), ..Self::default() });
            }
            _ => {}
        }
        let flat = match top.get("meta") {
            Some(Value::Object(meta)) => Self::from_object(meta),
            _ => Self::from_object(&top),
        };
        (flat.kind.is_some() || flat.message.is_some()).then_some(Self { is_flat: true, ..flat })
    }

    /// Reads the object that holds the error itself.
    pub(super) fn from_object(object: &Map<String, Value>) -> Self {
        let text = |names: &[&str]| {
            let value = names.iter().find_map(|name| object.get(*name))?;
            lenient::as_text(value)
        };
        let number = |names: &[&str]| {
            let value = names.iter().find_map(|name| object.get(*name))?;
            lenient::as_number(value)
        };
        let transient = object.get("is_transient").and_then(Value::as_bool);
        Self {
            code: number(&["code"]),
            // `debug_token` says `subcode` where all others say `error_subcode`.
            subcode: number(&["error_subcode", "subcode"]),
            kind: text(&["type", "error_type"]),
            message: text(&["message", "error_message"]),
            is_transient: transient == Some(true),
            is_lasting: transient == Some(false),
            fbtrace_id: text(&["fbtrace_id"]),
            is_flat: false,
        }
    }
}

/// Whether a body is an error, whatever its status says; cheap enough for every success.
pub(super) fn is_error(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Probe {
        #[serde(default, deserialize_with = "present")]
        error: bool,
        error_type: Option<IgnoredAny>,
        error_message: Option<IgnoredAny>,
    }
    serde_json::from_slice::<Probe>(body)
        .is_ok_and(|probe| probe.error || (probe.error_type.is_some() && probe.error_message.is_some()))
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(value.is_object() || value.as_str().is_some_and(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Envelope {
        Envelope::read(body.as_bytes()).unwrap()
    }

    #[test]
    fn the_graph_s_own_envelope_is_read_whole() {
        let envelope = read(
            r#"{"error":{"message":"m","type":"OAuthException","code":-1,"error_subcode":2207001,"is_transient":true,"fbtrace_id":"A"}}"#,
        );
        assert_eq!(envelope.code, Some(-1));
        assert_eq!(envelope.subcode, Some(2_207_001));
        assert!(envelope.is_transient && !envelope.is_lasting);
        assert_eq!(envelope.fbtrace_id.as_deref(), Some("A"));
        assert!(!envelope.is_flat);
    }

    #[test]
    fn the_token_endpoints_flat_forms_are_read() {
        for body in [
            r#"{"error_type":"OAuthException","code":400,"error_message":"m"}"#,
            r#"{"meta":{"error_type":"OAuthException","code":400,"error_message":"m"}}"#,
        ] {
            let envelope = read(body);
            assert_eq!(envelope.code, Some(400), "{body}");
            assert_eq!(envelope.message.as_deref(), Some("m"), "{body}");
            assert!(envelope.is_flat, "{body}");
        }
    }

    #[test]
    fn an_error_that_is_a_text_is_read() {
        assert_eq!(read(r#"{"error":"oh no"}"#).message.as_deref(), Some("oh no"));
        let described = read(r#"{"error":"invalid_grant","error_description":"used"}"#);
        assert_eq!(described.message.as_deref(), Some("used"));
    }

    #[test]
    fn what_has_no_envelope_gives_none() {
        for body in ["", "<html></html>", r#"{"error":{"mess"#, "[]", "{}", "\"x\"", "null"] {
            assert!(Envelope::read(body.as_bytes()).is_none(), "{body}");
        }
    }

    #[test]
    fn a_success_is_not_taken_for_an_error() {
        for body in [
            r#"{"data":{"error":{"code":190},"is_valid":false}}"#,
            r#"{"error":null,"data":[]}"#,
            r#"{"error":false}"#,
            "access_token=1",
        ] {
            assert!(!is_error(body.as_bytes()), "{body}");
        }
        assert!(is_error(br#"{"error":{"code":803}}"#));
    }
}

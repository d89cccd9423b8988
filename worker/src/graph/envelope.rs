//! What an error says, and nothing of what it means. Where in an answer it stands is in `shapes`.
//!
//! Seen: `{"error":{…}}`, `{"error":"text"}`, `{"error":"word","error_description":"text"}`, the flat
//! `{"error_type","code","error_message"}` of the token endpoints, the same within `{"meta":{…}}`, the older
//! `{"error_code","error_msg"}`, and `debug_token`'s inner `{"code","message","subcode"}`.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{lenient, shapes};

const CODES: [&str; 4] = ["code", "error_code", "errorCode", "errno"];
const STATUSES: [&str; 4] = ["statusCode", "status_code", "http_status", "status"];
const SUBCODES: [&str; 4] = ["error_subcode", "subcode", "errorSubcode", "error_sub_code"];
const KINDS: [&str; 3] = ["type", "error_type", "errorType"];
const MESSAGES: [&str; 10] = [
    "message",
    "error_message",
    "errorMessage",
    "error_msg",
    "error_description",
    "msg",
    "error_user_msg",
    "error_user_title",
    "description",
    "detail",
];

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
    /// The HTTP status, where the body says it: the flat form's `code` is one (developers.facebook.com, Business Login
    /// for Instagram), and the element of a batch has its own.
    pub(super) status: Option<u16>,
    /// The headers of a batch's element.
    pub(super) headers: Vec<(String, String)>,
}

impl Envelope {
    /// Reads an error body, or `None` when there is no envelope in it: HTML, cut off, empty, something else.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        shapes::find(body)
    }

    /// Reads the object that holds the error itself.
    pub(super) fn from_object(object: &Map<String, Value>) -> Self {
        let message = text(object, &MESSAGES);
        let code = number(object, &CODES).or_else(|| Self::numbered(message.as_deref()?));
        let transient = object.get("is_transient").and_then(as_bool);
        Self {
            code,
            // `debug_token` says `subcode` where all others say `error_subcode`.
            subcode: number(object, &SUBCODES),
            kind: text(object, &KINDS),
            message,
            is_transient: transient == Some(true),
            is_lasting: transient == Some(false),
            fbtrace_id: text(object, &["fbtrace_id"]),
            status: status(object, &STATUSES),
            headers: Vec::new(),
        }
    }

    /// Reads an object that has no `error` in it and is one all the same.
    pub(super) fn flat(top: &Map<String, Value>) -> Option<Self> {
        let object = top.get("meta").and_then(Value::as_object).unwrap_or(top);
        let flat = Self::from_object(object);
        let says = |names: &[&str]| names.iter().any(|name| object.get(*name).is_some_and(Value::is_string));
        let is_error = says(&KINDS[1..]) || says(&MESSAGES[..4]) || object.contains_key("error_code");
        // Its code is an HTTP status, unless it is none.
        let status = flat.code.and_then(|code| u16::try_from(code).ok()).filter(|code| (400..600).contains(code));
        is_error.then(|| Self { code: flat.code.filter(|_| status.is_none()), status: status.or(flat.status), ..flat })
    }

    /// An error that is a word, with what stands beside it.
    pub(super) fn worded(word: &str, top: &Map<String, Value>) -> Self {
        let beside = Self::from_object(top);
        let flat = Self::flat(top).unwrap_or_default();
        Self {
            code: flat.code.or_else(|| Self::numbered(word)),
            status: flat.status.or(beside.status),
            kind: Some(word.to_owned()),
            message: Some(beside.message.unwrap_or_else(|| word.to_owned())),
            ..beside
        }
    }

    /// Adds what stands beside the error.
    pub(super) fn with_trace(self, top: &Map<String, Value>) -> Self {
        Self { fbtrace_id: self.fbtrace_id.or_else(|| text(top, &["fbtrace_id"])), ..self }
    }

    /// The number that Meta writes before a text: `(#10) …`.
    pub(super) fn numbered(text: &str) -> Option<i64> {
        let (_, after) = text.split_once("(#")?;
        let (number, _) = after.split_once(')')?;
        number.trim().parse().ok()
    }
}

fn text(object: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| lenient::as_text(object.get(*name)?))
}

/// A number, as it is written: `190`, `"190"`, `190.0`, `"(#190)"`.
fn number(object: &Map<String, Value>, names: &[&str]) -> Option<i64> {
    names.iter().find_map(|name| {
        let value = object.get(*name)?;
        lenient::as_number(value).or_else(|| match value {
            #[expect(clippy::cast_possible_truncation, reason = "a code has few digits")]
            Value::Number(number) => number.as_f64().filter(|number| number.fract() == 0.0).map(|number| number as i64),
            Value::String(text) => text.trim().trim_matches(['(', '#', ')']).parse().ok(),
            _ => None,
        })
    })
}

fn status(object: &Map<String, Value>, names: &[&str]) -> Option<u16> {
    number(object, names).and_then(|status| u16::try_from(status).ok()).filter(|status| (400..600).contains(status))
}

fn as_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(is) => Some(*is),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        Value::Number(number) => number.as_i64().map(|number| number != 0),
        _ => None,
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
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::from_slice::<Probe>(body)
        .is_ok_and(|probe| probe.error || (probe.error_type.is_some() && probe.error_message.is_some()))
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(value.is_object() || value.as_str().is_some_and(|text| !text.is_empty()))
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;

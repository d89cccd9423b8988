//! Where in an answer the error is: as a body is written by Meta, by what stands between Meta and us, and by whoever
//! keeps bodies.
//!
//! Seen: a byte order mark, UTF-16, a guard before the JSON, a callback around it, a whole log around it, JSON within a
//! JSON text, the element of a batch, lists, objects by id, `debug_token`'s `data.error`, a browser's `<pre>`.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::envelope::Envelope;

/// How deep an error may lie.
const DEEPEST: usize = 6;
/// At so many places the beginning of JSON is looked for in a text that is none.
const MOST_PLACES: usize = 64;
/// So much of a text that is no JSON is looked at.
const MOST_TEXT: usize = 256 * 1024;

/// Finds the error in a body; `None` where there is none: HTML, cut off, empty, something else.
pub(super) fn find(body: &[u8]) -> Option<Envelope> {
    let text = as_text(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    if let Ok(value) = serde_json::from_str(text) {
        return in_value(&value, 0);
    }
    if text.starts_with('<') {
        return in_pre(text);
    }
    in_any_text(text).or_else(|| in_query(text)).or_else(|| in_words(text))
}

/// Returns whether an answer is a whole one and holds no error; a status that is not known says nothing against it.
pub fn is_success(status: Option<u16>, body: &[u8]) -> bool {
    let text = as_text(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    let is_whole = match serde_json::from_str(text) {
        Ok(Value::Null) => false,
        Ok(Value::Array(items)) => items.is_empty() || items.iter().any(|item| !item.is_null()),
        Ok(_) => true,
        // The form that versions before 2.3 sent.
        Err(_) => text.starts_with("access_token="),
    };
    is_whole && status.is_none_or(|status| (200..300).contains(&status)) && find(body).is_none()
}

/// A body as text, whatever its bytes are.
fn as_text(body: &[u8]) -> Cow<'_, str> {
    let wide = |read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = body.chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect();
        Cow::Owned(String::from_utf16_lossy(&units))
    };
    match body {
        [0xff, 0xfe, ..] | [b'{' | b'[', 0, _, 0, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] | [0, b'{' | b'[', 0, _, ..] => wide(u16::from_be_bytes),
        _ => String::from_utf8_lossy(body),
    }
}

/// What a browser shows of a body, as it is saved.
fn in_pre(page: &str) -> Option<Envelope> {
    let (_, after) = page.split_once("<pre")?;
    let (_, after) = after.split_once('>')?;
    let (inside, _) = after.split_once("</pre>")?;
    let inside = inside.replace("&quot;", "\"").replace("&#039;", "'").replace("&#39;", "'").replace("&amp;", "&");
    in_value(&serde_json::from_str(inside.trim()).ok()?, 0)
}

/// The first JSON in a text that holds an error: behind a guard, within a callback, on its own line of a log.
fn in_any_text(text: &str) -> Option<Envelope> {
    let text = &text[..text.floor_char_boundary(MOST_TEXT)];
    let mut places = text.match_indices(['{', '[']).map(|(at, _)| at);
    let mut behind = 0;
    for _ in 0..MOST_PLACES {
        let at = places.find(|at| *at >= behind)?;
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
        if let Some(Ok(value)) = values.next() {
            if let Some(found) = in_value(&value, 0) {
                return Some(found);
            }
            // What lies inside it was looked at.
            behind = at + values.byte_offset();
        }
    }
    None
}

/// What the dialog says in an address: `error=access_denied&error_code=200&…`.
fn in_query(text: &str) -> Option<Envelope> {
    if text.contains(char::is_whitespace) || !text.contains('=') {
        return None;
    }
    let query = text.split_once('?').map_or(text, |(_, query)| query);
    let query = query.split('#').next().unwrap_or(query);
    let fields: Map<String, Value> =
        url::form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into(), value.into())).collect();
    let is_error = ["error", "error_code", "error_message"].iter().any(|name| fields.contains_key(*name));
    is_error.then(|| in_object(&fields, 0)).flatten()
}

/// A sentence of Meta's that carries its number: `(#4) Application request limit reached`.
fn in_words(text: &str) -> Option<Envelope> {
    // JSON that is cut off may have lost the number that counts.
    let line = text.lines().next().filter(|line| !line.starts_with(['{', '[']))?;
    Envelope::numbered(line).map(|code| Envelope {
        code: Some(code),
        message: Some(line.to_owned()),
        ..Envelope::default()
    })
}

fn in_value(value: &Value, depth: usize) -> Option<Envelope> {
    if depth > DEEPEST {
        return None;
    }
    match value {
        Value::Object(object) => in_object(object, depth),
        Value::Array(items) => items.iter().find_map(|item| in_value(item, depth + 1)),
        Value::String(text) if is_json(text) => in_value(&serde_json::from_str(text.trim()).ok()?, depth + 1),
        _ => None,
    }
}

fn in_object(top: &Map<String, Value>, depth: usize) -> Option<Envelope> {
    if let Some((status, body)) = element(top) {
        return in_element(top, status, body, depth);
    }
    in_error(top, depth)
        .or_else(|| in_parts(top, depth))
        .or_else(|| in_debug_token(top))
        .or_else(|| Envelope::flat(top))
}

/// An element of a batch: its `code` is an HTTP status, its `body` a text of JSON.
fn element(top: &Map<String, Value>) -> Option<(u16, &Value)> {
    let status = super::lenient::as_number(top.get("code").or_else(|| top.get("status"))?)?;
    let status = u16::try_from(status).ok().filter(|status| (100..600).contains(status))?;
    Some((status, top.get("body").filter(|_| !top.contains_key("error"))?))
}

fn in_element(top: &Map<String, Value>, status: u16, body: &Value, depth: usize) -> Option<Envelope> {
    let found = match body {
        Value::String(text) if !is_json(text) => find(text.as_bytes()),
        body => in_value(body, depth + 1),
    };
    let found = found.or_else(|| (status >= 400).then(Envelope::default));
    found.map(|found| Envelope { status: Some(status), headers: headers(top), ..found })
}

/// The headers of a batch's element: a list of names and values, or an object.
fn headers(element: &Map<String, Value>) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match element.get("headers") {
        Some(Value::Array(listed)) => {
            listed.iter().filter_map(|header| Some((text(&header["name"])?, text(&header["value"])?))).collect()
        }
        Some(Value::Object(named)) => {
            named.iter().filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect()
        }
        _ => Vec::new(),
    }
}

/// `error` as an object, a word, a text of JSON, a number, a list; or `errors`.
fn in_error(top: &Map<String, Value>, depth: usize) -> Option<Envelope> {
    if depth > DEEPEST {
        return None;
    }
    let error = top.get("error").filter(|error| !error.is_null());
    match error.or_else(|| top.get("errors"))? {
        Value::Object(error) => {
            let own = Envelope::from_object(error).with_trace(top);
            if own.code.is_some_and(|code| !(400..600).contains(&code)) {
                return Some(own);
            }
            // Whoever hands Meta's answer on puts it into an error of their own, whose code is a status.
            let inside = error.get("error").and_then(|_| in_error(error, depth + 1));
            let inside = inside.or_else(|| error.values().find_map(|part| nested(part, depth + 1)));
            let inside = inside.filter(|inside| inside.code.is_some());
            Some(inside.unwrap_or(own))
        }
        Value::String(text) if is_json(text) => in_value(&serde_json::from_str(text.trim()).ok()?, depth + 1),
        Value::String(word) if !word.is_empty() => Some(Envelope::worded(word, top)),
        Value::Array(errors) => {
            let object = errors.iter().find_map(Value::as_object);
            let word = || errors.iter().find_map(Value::as_str).map(|word| Envelope::worded(word, top));
            object.map(Envelope::from_object).or_else(word)
        }
        Value::Number(_) => Some(Envelope { code: super::lenient::as_number(error?), ..Envelope::from_object(top) }),
        _ => None,
    }
}

/// An error in one of an object's parts: by id, or in what a client keeps of an answer.
fn in_parts(top: &Map<String, Value>, depth: usize) -> Option<Envelope> {
    top.values().find_map(|part| nested(part, depth + 1))
}

/// An error that says so itself, at some depth: a text or a number that merely looks like one is not.
fn nested(value: &Value, depth: usize) -> Option<Envelope> {
    if depth > DEEPEST {
        return None;
    }
    match value {
        Value::Object(object) if object.contains_key("body") => {
            in_object(object, depth).filter(|found| found.code.is_some())
        }
        Value::Object(object) if object.get("error").is_some_and(|error| error.is_object() || error.is_string()) => {
            // What `debug_token` says of a token uses another name for the subcode; both are read.
            in_error(object, depth)
        }
        Value::Object(object) => object.values().find_map(|part| nested(part, depth + 1)),
        Value::Array(items) => items.iter().find_map(|item| nested(item, depth + 1)),
        Value::String(text) if is_json(text) => nested(&serde_json::from_str(text.trim()).ok()?, depth + 1),
        _ => None,
    }
}

/// A token that `debug_token` calls invalid without a reason.
fn in_debug_token(top: &Map<String, Value>) -> Option<Envelope> {
    let data = top.get("data").and_then(Value::as_object).unwrap_or(top);
    (data.get("is_valid") == Some(&Value::Bool(false)))
        .then(|| Envelope { kind: Some("invalid_token".to_owned()), ..Envelope::default() })
}

fn is_json(text: &str) -> bool {
    let text = text.trim();
    (text.starts_with('{') && text.ends_with('}')) || (text.starts_with('[') && text.ends_with(']'))
}

#[cfg(test)]
#[path = "shapes_tests.rs"]
mod tests;

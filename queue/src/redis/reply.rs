//! Reading what the server answers.

use ::redis::Value;
use anyhow::anyhow;

use crate::{
    lane::Lane,
    store::{StoreError, Tick},
};

/// Says that the server answered what no script of ours does.
pub(super) fn strange(what: &str) -> StoreError {
    StoreError::Unavailable(anyhow!("Redis answered a call in a way that cannot be read ({what})"))
}

pub(super) fn list(value: Value) -> Result<Vec<Value>, StoreError> {
    match value {
        Value::Array(values) => Ok(values),
        _ => Err(strange("no list")),
    }
}

pub(super) fn fixed<const N: usize>(value: Value) -> Result<[Value; N], StoreError> {
    list(value)?.try_into().map_err(|_| strange("a list of another length"))
}

pub(super) fn number(value: &Value) -> Result<i64, StoreError> {
    some_number(value).ok_or_else(|| strange("no number"))
}

/// Reads a number that may be missing, or that somebody else has written.
pub(super) fn some_number(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok()?.parse().ok(),
        _ => None,
    }
}

/// Reads a small number that may be missing.
pub(super) fn small(value: &Value) -> u32 {
    some_number(value).and_then(|number| number.try_into().ok()).unwrap_or_default()
}

pub(super) fn count(value: &Value) -> Result<u64, StoreError> {
    number(value)?.try_into().map_err(|_| strange("a negative count"))
}

pub(super) fn text(value: Value) -> Result<String, StoreError> {
    some_text(value).ok_or_else(|| strange("no text"))
}

/// Reads a text that may be missing. A stock producer's bytes that are none are made one, and fail where they are decoded.
pub(super) fn some_text(value: Value) -> Option<String> {
    match value {
        Value::BulkString(bytes) => Some(
            String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
        ),
        Value::SimpleString(text) => Some(text),
        _ => None,
    }
}

/// Returns a lane that was written as text; a name that another version knew is ordinary work.
pub(super) fn lane(name: &str) -> Lane {
    name.parse().unwrap_or(Lane::Default)
}

/// Returns the tick that was seen as the script compares it.
pub(super) fn seen(tick: &Tick) -> String {
    tick.seen.map(|seen| seen.timestamp_millis().to_string()).unwrap_or_default()
}

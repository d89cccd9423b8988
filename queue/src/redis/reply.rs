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
    match value {
        Value::Int(number) => Ok(*number),
        Value::BulkString(bytes) => {
            std::str::from_utf8(bytes).ok().and_then(|text| text.parse().ok()).ok_or_else(|| strange("no number"))
        }
        _ => Err(strange("no number")),
    }
}

/// Reads a number that may be missing, or that somebody else has written.
pub(super) fn small(value: &Value) -> u32 {
    number(value).ok().and_then(|number| number.try_into().ok()).unwrap_or_default()
}

pub(super) fn count(value: &Value) -> Result<u64, StoreError> {
    number(value)?.try_into().map_err(|_| strange("a negative count"))
}

/// Reads a text; a stock producer's bytes that are none are made one, and fail where they are decoded.
pub(super) fn text(value: Value) -> Result<String, StoreError> {
    match value {
        Value::BulkString(bytes) => {
            Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
        }
        Value::SimpleString(text) => Ok(text),
        _ => Err(strange("no text")),
    }
}

/// Reads a text that may be missing.
pub(super) fn some_text(value: Value) -> Option<String> {
    text(value).ok()
}

/// Returns a lane that was written as text; a name that another version knew is ordinary work.
pub(super) fn lane(name: &str) -> Lane {
    name.parse().unwrap_or(Lane::Default)
}

/// Returns the tick that was seen as the script compares it.
pub(super) fn seen(tick: &Tick) -> String {
    tick.seen.map(|seen| seen.timestamp_millis().to_string()).unwrap_or_default()
}

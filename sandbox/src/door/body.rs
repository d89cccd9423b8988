//! A JSON body read field by field, so that a problem can name the field and the fix.

use serde_json::{Map, Value};

use super::Problem;

/// A JSON object of which every field must be known.
#[derive(Debug)]
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a body.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Problem> {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(Problem::field("the body must be a JSON object")),
            Err(error) => Err(Problem::field(format!("the body is not JSON: {error}"))),
        }
    }

    /// Takes a field out; none if it is absent.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    /// Takes a text out; none if it is absent or null.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, Problem> {
        match self.take(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(Problem::field(format!("{name} must be a text, not {other}"))),
        }
    }

    /// Takes a text out that must be there.
    pub(crate) fn required(&mut self, name: &str) -> Result<String, Problem> {
        self.text(name)?.ok_or_else(|| Problem::field(format!("{name} is missing; it must be a text")))
    }

    /// Takes a yes or no out; absent is no.
    pub(crate) fn flag(&mut self, name: &str) -> Result<bool, Problem> {
        match self.take(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(other) => Err(Problem::field(format!("{name} must be true or false, not {other}"))),
        }
    }

    /// Refuses what is left.
    pub(crate) fn done(self, known: &str) -> Result<(), Problem> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => Err(Problem::field(format!("{name} is not a field here; there are {known}"))),
        }
    }
}

/// Reads a whole number of a range.
pub(crate) fn whole(name: &str, value: &Value, low: i64, high: i64) -> Result<i64, Problem> {
    value
        .as_i64()
        .filter(|number| (low..=high).contains(number))
        .ok_or_else(|| Problem::field(format!("{name} must be a whole number from {low} to {high}, not {value}")))
}

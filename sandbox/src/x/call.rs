//! A call to X: what came, and whose it is.

use std::sync::Arc;

use axum::http::request::Parts;
use axum::http::{HeaderName, Method, header};
use bytes::Bytes;
use serde_json::{Map, Value};

use super::families;
use super::people::Person;
use super::refusal::Refusal;
use super::scopes::Scopes;
use super::token::{Kind, Token};
use crate::graph::{Params, segments};
use crate::state::Shared;

/// A call to X.
pub(crate) struct Call<'a> {
    /// What all handlers share.
    pub(crate) shared: &'a Arc<Shared>,
    /// GET, POST, ….
    pub(crate) method: &'a Method,
    /// What follows `/x` in the path.
    pub(crate) segments: Vec<&'a str>,
    /// Of the address.
    pub(crate) query: Params,
    /// As it came.
    pub(crate) body: &'a Bytes,
    parts: &'a Parts,
}

/// Who calls, by whose leave.
pub(crate) struct Caller {
    /// The person behind the token.
    pub(crate) person: Person,
    /// The consent that the token stems from.
    pub(crate) family: String,
    scopes: Scopes,
}

impl<'a> Call<'a> {
    /// Takes a call apart.
    pub(crate) fn new(shared: &'a Arc<Shared>, parts: &'a Parts, body: &'a Bytes) -> Self {
        Self {
            shared,
            method: &parts.method,
            segments: segments(parts.uri.path()).skip(1).collect(),
            query: Params::parse(parts.uri.query().unwrap_or_default(), &[]),
            body,
            parts,
        }
    }

    /// Returns a header; empty if it is absent.
    pub(crate) fn header(&self, name: HeaderName) -> &str {
        self.parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Returns who calls, if the token is good.
    pub(crate) fn caller(&self) -> Result<Caller, Refusal> {
        let token = bearer(self.header(header::AUTHORIZATION))
            .and_then(|text| Token::read(&self.shared.key, Kind::Access, text))
            .filter(|token| families::is_good(self.shared, token))
            .ok_or_else(Refusal::unauthorized)?;
        Ok(Caller { family: token.family(), person: token.person, scopes: token.scopes })
    }

    /// Reads a JSON object.
    pub(crate) fn json(&self) -> Result<Map<String, Value>, Refusal> {
        let is_json = self.header(header::CONTENT_TYPE).starts_with("application/json");
        match serde_json::from_slice(self.body) {
            Ok(Value::Object(fields)) if is_json => Ok(fields),
            _ => Err(Refusal::invalid("body", "", "The body must be a JSON object of content type application/json")),
        }
    }
}

impl Caller {
    /// Refuses a caller who was not allowed all of these.
    pub(crate) fn needs(&self, scopes: &[&str]) -> Result<(), Refusal> {
        let has_all = scopes.iter().all(|scope| self.scopes.has(scope));
        has_all.then_some(()).ok_or_else(|| Refusal::forbidden("Forbidden"))
    }
}

/// Returns the token of an `Authorization` header.
pub(crate) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

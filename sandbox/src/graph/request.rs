//! A call to the Graph, taken apart: host, version, path, parameters.

use axum::http::{HeaderMap, Method, header};
use url::form_urlencoded;

/// The hosts that share the sandbox's port.
const HOSTS: [&str; 2] = ["graph.facebook.com", "www.facebook.com"];

/// The parameters of a call: its query, then its form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads a query and a form; bytes that are no UTF-8 become `U+FFFD`.
    pub(crate) fn parse(query: &str, form: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes())
            .chain(form_urlencoded::parse(form))
            .map(|(name, value)| (name.into_owned(), value.into_owned()));
        Self(pairs.collect())
    }

    /// Returns a parameter; an empty one counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Returns every value of a parameter.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(other, value)| other == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }
}

/// A call to the Graph.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// GET, POST, ….
    pub(crate) method: Method,
    /// The host segment that the path began with, with a slash before it.
    pub(crate) host: String,
    /// The version segment.
    pub(crate) asked_version: Option<String>,
    /// What follows the version, without empty segments.
    pub(crate) segments: Vec<String>,
    /// Query and form.
    pub(crate) params: Params,
    /// `Authorization: Bearer …`.
    bearer: Option<String>,
}

impl Request {
    /// Takes a call apart.
    pub(crate) fn new(method: Method, path: &str, query: &str, headers: &HeaderMap, form: &[u8]) -> Self {
        let mut segments: Vec<String> = segments(path).map(str::to_owned).collect();
        let host = match segments.first() {
            Some(first) if HOSTS.contains(&first.as_str()) => format!("/{}", segments.remove(0)),
            _ => String::new(),
        };
        let asked_version = match segments.first() {
            Some(first) if super::version::looks_like_one(first) => Some(segments.remove(0)),
            _ => None,
        };
        let bearer = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim().to_owned());
        Self { method, host, asked_version, segments, params: Params::parse(query, form), bearer }
    }

    /// Returns the token, from the query or else from the header.
    pub(crate) fn token(&self) -> Option<&str> {
        self.params.get("access_token").or(self.bearer.as_deref())
    }

    /// Returns the path after the version.
    pub(crate) fn path(&self) -> String {
        format!("/{}", self.segments.join("/"))
    }

    /// Returns the segments as a match can look at them.
    pub(crate) fn parts(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }
}

/// Returns the segments of a path that are not empty.
pub(crate) fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

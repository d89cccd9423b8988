//! One question to X: where, with what, by whose right.

use std::time::Duration;

use reqwest::Method;
use secrecy::SecretString;
use serde_json::Value;

use super::Error;

/// Ids have 19 digits today; none comes near this.
const ID_DIGITS: usize = 32;

/// One question to X.
pub(crate) struct Call<'a> {
    /// Its name: in logs, errors, metrics, and in the key that a limit closes.
    pub name: &'static str,
    /// GET, POST, ….
    pub method: Method,
    /// The path behind `/2`, by segments.
    pub path: &'a [&'a str],
    /// The query.
    pub query: Vec<(&'static str, String)>,
    /// By whose right.
    pub proof: Proof<'a>,
    /// What goes along.
    pub body: Body,
    /// How long the whole call may take, if it carries more than a few words.
    pub timeout: Option<Duration>,
}

/// By whose right X is asked.
pub(crate) enum Proof<'a> {
    /// Our app's.
    App,
    /// An account's.
    Token(&'a SecretString),
}

/// What goes along with a call.
pub(crate) enum Body {
    /// Nothing.
    None,
    /// Fields of a form.
    Form(Vec<(&'static str, String)>),
    /// JSON.
    Json(Value),
    /// Bytes, and what they are.
    Bytes {
        /// Their `Content-Type`.
        content_type: String,
        /// The bytes.
        bytes: Vec<u8>,
    },
}

impl<'a> Call<'a> {
    /// A question without a body.
    pub(crate) fn get(name: &'static str, path: &'a [&'a str], token: &'a SecretString) -> Self {
        let (query, body) = (Vec::new(), Body::None);
        Self { name, method: Method::GET, path, query, proof: Proof::Token(token), body, timeout: None }
    }

    /// A deed.
    pub(crate) fn post(name: &'static str, path: &'a [&'a str], proof: Proof<'a>, body: Body) -> Self {
        Self { name, method: Method::POST, path, query: Vec::new(), proof, body, timeout: None }
    }
}

/// Whether `id` may become a path segment: nothing but digits.
pub(crate) fn checked_id<'a>(call: &'static str, id: &'a str) -> Result<&'a str, Error> {
    let is_id = (1..=ID_DIGITS).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
    if is_id { Ok(id) } else { Err(Error::rejected(call, "the id is not a decimal number")) }
}

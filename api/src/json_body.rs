//! Reading a body of JSON: what is wrong with it is told by the field, and never repeats what was found there.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use crate::problem::Problem;
use crate::routes::written_name;

/// Tells what is given from what is left out: null is given.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// Reads the body: one JSON object and nothing behind it.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    read_from(body, "body")
}

/// The same; `what` it is in: a body, a line.
pub(crate) fn read_from<T: DeserializeOwned>(body: &[u8], what: &str) -> Result<T, Problem> {
    let bad = |detail: String| Problem::bad_request("bad_body", detail);
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(bad(format!("The {what} is no JSON object.")));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let given = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| bad(complaint(what, &error.path().to_string(), &error.inner().to_string())))?;
    json.end().map_err(|_| bad("Something follows the JSON object.".to_owned()))?;
    Ok(given)
}

/// The parser's complaint, with what it expected and without what it found, which may be a secret in a wrong field.
fn complaint(what: &str, path: &str, text: &str) -> String {
    let (field, index) = path.split_at(path.find(['[', '.']).unwrap_or(path.len()));
    let text = text.replace("a sequence", "a list");
    match text.rsplit_once("expected ") {
        // What we call it inside is no news to whoever sent it.
        Some((_, expected)) if expected.starts_with("struct ") => {
            format!("`{}{index}`: expected an object.", written_name(field))
        }
        Some((_, expected)) if path.is_empty() || path == "." => format!("The {what}: expected {expected}."),
        Some((_, expected)) => format!("`{}{index}`: expected {expected}.", written_name(field)),
        None => format!("The {what}: {text}."),
    }
}

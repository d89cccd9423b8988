//! A form with files: `multipart/form-data`, read as far as uploads need it.

use axum::http::header;

use super::call::Call;
use super::refusal::Refusal;

/// The fields of a form.
#[derive(Debug, Default)]
pub(super) struct Form(Vec<(String, Vec<u8>)>);

impl Form {
    /// Reads the body of a call.
    pub(super) fn read(call: &Call<'_>) -> Result<Self, Refusal> {
        let bad = || Refusal::invalid("body", "", "The body must be multipart/form-data");
        let kind = call.header(header::CONTENT_TYPE);
        let boundary = kind.strip_prefix("multipart/form-data").and_then(|rest| rest.split_once("boundary="));
        let boundary = boundary.ok_or_else(bad)?.1.split(';').next().unwrap_or_default().trim_matches('"');
        let (first, mark) = (format!("--{boundary}\r\n"), format!("\r\n--{boundary}"));
        let mut rest = call.body.strip_prefix(first.as_bytes()).ok_or_else(bad)?;
        let mut fields = Vec::new();
        loop {
            let (head, after) = cut(rest, b"\r\n\r\n").ok_or_else(bad)?;
            let (value, after) = cut(after, mark.as_bytes()).ok_or_else(bad)?;
            let head = String::from_utf8_lossy(head);
            let name = head.split_once("name=\"").and_then(|(_, rest)| rest.split_once('"')).ok_or_else(bad)?.0;
            fields.push((name.to_owned(), value.to_vec()));
            match after.strip_prefix(b"\r\n") {
                Some(next) => rest = next,
                None if after.starts_with(b"--") => return Ok(Self(fields)),
                None => return Err(bad()),
            }
        }
    }

    /// Returns the bytes of a field.
    pub(super) fn bytes(&self, name: &str) -> Result<&[u8], Refusal> {
        let found = self.0.iter().find(|(other, _)| other == name);
        let missing = || Refusal::invalid(name, "", &format!("The field {name} is missing"));
        found.map(|(_, value)| value.as_slice()).ok_or_else(missing)
    }

    /// Returns a field that is a text; none if it is absent.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.bytes(name).ok().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// Refuses fields that X does not have here.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        match self.0.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => Err(Refusal::invalid(name, "", "no additional properties are allowed")),
        }
    }
}

fn cut<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(mark.len()).position(|window| window == mark)?;
    Some((&bytes[..at], &bytes[at + mark.len()..]))
}

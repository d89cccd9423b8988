//! The forms by which files are uploaded to X.

use axum::http::header;

use super::call::Call;
use super::refusal::Refusal;
use crate::multipart;

/// The fields of a form.
#[derive(Debug, Default)]
pub(super) struct Form(Vec<(String, Vec<u8>)>);

impl Form {
    /// Reads the body of a call.
    pub(super) fn read(call: &Call<'_>) -> Result<Self, Refusal> {
        multipart::read(call.header(header::CONTENT_TYPE), call.body)
            .map(Self)
            .ok_or_else(|| Refusal::invalid("body", "", "The body must be multipart/form-data"))
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

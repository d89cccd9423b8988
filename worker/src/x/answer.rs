//! What came back from X and is no error, still unparsed.

use serde::de::DeserializeOwned;

use super::Error;

/// What came back from X and is no error.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Which call it answers.
    pub(super) call: &'static str,
    /// The HTTP status.
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Reads the body. What does not parse says nothing of whether the call was carried out.
    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| Error::unparsable(self.call, self.status, &error))
    }

    /// The error of an answer that lacks what was asked for.
    pub(crate) fn malformed(&self, why: &str) -> Error {
        Error::malformed(self.call, self.status, why)
    }
}

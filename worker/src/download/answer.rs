//! What an answer holds: the file, another address, or the reason why there is none.

use std::time::Duration;

use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};

use super::Error;

/// A file, as it was served.
#[derive(Clone, PartialEq, Eq)]
pub struct Downloaded {
    /// All of it.
    pub bytes: Vec<u8>,
    /// What the other side says that it is; a claim, not a fact.
    pub content_type: Option<String>,
}

/// Returns where an answer sends us, if it is a redirect that says so.
pub(super) fn location(response: &Response) -> Option<String> {
    let redirects = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = response.headers().get(LOCATION).filter(|_| redirects)?;
    location.to_str().ok().map(str::to_owned)
}

/// Reads the body, or says why there is none.
pub(super) async fn read(mut response: Response, at: String, limit: usize) -> Result<Downloaded, Error> {
    let status = response.status().as_u16();
    match status {
        200 => {}
        400..=499 if !matches!(status, 408 | 425 | 429) => return Err(Error::Gone { at, status }),
        // Other successes too: a part of a file (206) is not the file.
        _ => return Err(busy(&response, at)),
    }
    let too_large = |at| Error::TooLarge { at, limit };
    let announced = response.content_length().unwrap_or_default();
    if usize::try_from(announced).map_or(true, |announced| announced > limit) {
        return Err(too_large(at));
    }
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Error::transport(at.clone(), error))? {
        if chunk.len() > limit - bytes.len() {
            return Err(too_large(at));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Downloaded { bytes, content_type })
}

/// The other side's own trouble.
fn busy(response: &Response, at: String) -> Error {
    let wait = response.headers().get(RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok());
    let status = response.status().as_u16();
    let why = format!("answered with status {status}");
    Error::Transient { at, why, status: Some(status), retry_after: wait.map(Duration::from_secs), source: None }
}

impl std::fmt::Debug for Downloaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { bytes, content_type } = self;
        f.debug_struct("Downloaded").field("bytes", &bytes.len()).field("content_type", content_type).finish()
    }
}

//! The one error of this folder, named by what the caller can do about it, and what Slack's answers mean.

use std::time::Duration;

/// A word of Slack's is shorter; what is longer comes from somebody in between.
const LONGEST_WORD: usize = 48;

/// Why a message did not get through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Too many messages: none before the time is over.
    #[error("Slack: too many messages, none is taken for {} s", .retry_after.as_secs())]
    RateLimited {
        /// How long Slack wants to be left alone.
        retry_after: Duration,
    },
    /// The webhook is gone, or may not write any more: nothing gets through until somebody sets another.
    #[error("Slack: answered with status {status}, {word}")]
    Dead {
        /// The HTTP status.
        status: u16,
        /// Slack's word for it.
        word: String,
    },
    /// The message is not as Slack wants it: a fault of ours, which the same message meets again.
    #[error("Slack: does not take this message, status {status}, {word}")]
    Rejected {
        /// The HTTP status.
        status: u16,
        /// Slack's word for it.
        word: String,
    },
    /// Passes by itself: no connection, a time-out, Slack's own trouble.
    #[error("Slack: {why}")]
    Transient {
        /// How it failed.
        why: String,
        /// The transport's failure, without its address.
        source: Option<reqwest::Error>,
    },
}

impl Error {
    /// A call that had no whole answer. Whether the message was taken nobody knows.
    pub(super) fn transport(error: reqwest::Error) -> Self {
        let why = if error.is_timeout() {
            "no answer in time"
        } else if error.is_connect() {
            "no connection"
        } else {
            "the connection broke"
        };
        Self::Transient { why: why.to_owned(), source: Some(error.without_url()) }
    }

    /// Decides what an answer means.
    pub(super) fn of_answer(status: u16, retry_after: Option<Duration>, said: &[u8]) -> Result<(), Self> {
        let word = word(said);
        match status {
            200..=299 if said.first() == Some(&b'<') => {
                Err(Self::Transient { why: "a page was answered, and not by Slack".to_owned(), source: None })
            }
            200..=299 => Ok(()),
            429 => Err(Self::RateLimited { retry_after: retry_after.unwrap_or(Self::ASSUMED_LIMIT) }),
            // No webhook redirects: it is another address now, or none.
            300..=399 | 401 | 403 | 404 | 410 => Err(Self::Dead { status, word }),
            500.. | 408 => Err(Self::Transient { why: format!("answered with status {status}, {word}"), source: None }),
            _ => Err(Self::Rejected { status, word }),
        }
    }

    /// How long a limit lasts where Slack does not say.
    const ASSUMED_LIMIT: Duration = Duration::from_mins(1);
}

/// Slack's word; anything else may be anything, and is not repeated.
fn word(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let text = text.trim();
    let is_word = !text.is_empty()
        && text.len() <= LONGEST_WORD
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_word { text.to_owned() } else { "without a word of Slack's".to_owned() }
}

//! The one error of this folder, named by what the caller can do about it. No name of an account is in it.

use std::time::Duration;

use crate::download;
use crate::graph::Class;

/// How long a limit lasts where the outlet does not say.
const ASSUMED_LIMIT: Duration = Duration::from_mins(1);
/// No limit is believed to be longer: it is asked again then.
const LONGEST_LIMIT: Duration = Duration::from_hours(24);

/// Why the outlet gave no feed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not know this account or hashtag: asking again does not help, unless the name is mended.
    #[error("outlet: does not know this name")]
    Unknown,
    /// It wants to be left alone, whoever is asked for.
    #[error("outlet: wants to be left alone for {} s", .retry_after.as_secs())]
    Limited {
        /// For how long.
        retry_after: Duration,
    },
    /// Passes by itself: no connection, a time-out, its own trouble.
    #[error("outlet: {why}")]
    Away {
        /// How it failed.
        why: String,
        /// The transport's failure, without its address.
        source: Option<reqwest::Error>,
    },
    /// It answered, and not with a feed. Nothing of the answer is kept.
    #[error("outlet: {why}")]
    Malformed {
        /// What is wrong with the answer.
        why: String,
        /// Where it cannot be read.
        source: Option<serde_json::Error>,
    },
    /// It does not let us in, or sends us elsewhere: until somebody looks at `OUTLET_URL`.
    #[error("outlet: {why}")]
    Refused {
        /// How.
        why: String,
    },
}

impl Error {
    /// Returns its class.
    pub fn class(&self) -> Class {
        match self {
            Self::Unknown => Class::NotFound,
            Self::Limited { .. } => Class::RateLimited,
            Self::Away { .. } | Self::Malformed { .. } => Class::Transient,
            Self::Refused { .. } => Class::AppMisconfigured,
        }
    }

    /// An answer that is no feed.
    pub(super) fn malformed(why: impl Into<String>) -> Self {
        Self::Malformed { why: why.into(), source: None }
    }
}

impl From<download::Error> for Error {
    fn from(error: download::Error) -> Self {
        match error {
            download::Error::Transient { status: Some(429), retry_after, .. } => {
                Self::Limited { retry_after: retry_after.unwrap_or(ASSUMED_LIMIT).min(LONGEST_LIMIT) }
            }
            download::Error::Transient { retry_after: Some(wait), .. } => {
                Self::Limited { retry_after: wait.min(LONGEST_LIMIT) }
            }
            download::Error::Transient { why, source, .. } => Self::Away { why, source },
            download::Error::Gone { status: 404 | 410, .. } => Self::Unknown,
            download::Error::Gone { status, .. } => Self::Refused { why: format!("answered with status {status}") },
            download::Error::TooLarge { limit, .. } => {
                Self::malformed(format!("the answer is larger than {limit} bytes"))
            }
            download::Error::Refused { rule, .. } => Self::Refused { why: format!("not asked, {rule}") },
        }
    }
}

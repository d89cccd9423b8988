//! The one error of this folder, named by what the caller can do about it.
//! Which answer of Meta becomes which variant is decided in `classify`.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::DbErr;
use serde::Serialize;

use super::{Class, Scope};
use crate::throttles::Closed;

/// Meta's code for an invalid parameter, which it uses for much else.
const INVALID_PARAMETER: i64 = 100;

/// What is known of a failure; free of tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Details {
    /// The method of [`super::Graph`] that failed.
    pub call: &'static str,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// Meta's code, the number that decides.
    pub code: Option<i64>,
    /// Meta's `error_subcode`.
    pub subcode: Option<i64>,
    /// Meta's `type`, an open set that decides nothing.
    pub kind: Option<String>,
    /// Meta's name for this failure, which its support asks for.
    pub fbtrace_id: Option<String>,
    /// Meta's text with the tokens taken out, or ours when Meta said nothing.
    pub message: String,
}

impl Details {
    /// A failure that never reached Meta.
    fn local(call: &'static str, message: &str) -> Self {
        Self { call, message: message.to_owned(), ..Self::default() }
    }
}

impl fmt::Display for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(status) = self.status {
            write!(f, " [status {status}")?;
            if let Some(code) = self.code {
                write!(f, ", code {code}")?;
            }
            if let Some(subcode) = self.subcode {
                write!(f, "/{subcode}")?;
            }
            if let Some(trace) = &self.fbtrace_id {
                write!(f, ", trace {trace}")?;
            }
            f.write_str("]")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Why a call to the Graph gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Passes by itself: no connection, a time-out, Meta's own trouble, or an answer that does not parse.
    #[error("graph {}: transient{details}", details.call)]
    Transient {
        /// What is known.
        details: Box<Details>,
        /// The transport's failure, without its URL.
        source: Option<reqwest::Error>,
    },
    /// Nobody was asked: whether that is allowed now stands in a database that does not answer.
    #[error("graph {}: not asked{details}", details.call)]
    NotAsked {
        /// What is known.
        details: Box<Details>,
        /// The database's failure.
        source: DbErr,
    },
    /// A limit was reached; calling on makes it longer.
    #[error("graph {}: rate limited ({}){details}", details.call, scope.as_str())]
    RateLimited {
        /// What is known.
        details: Box<Details>,
        /// How long Meta wants to be left alone, if it said so.
        retry_after: Option<Duration>,
        /// Whom the limit concerns.
        scope: Scope,
    },
    /// The token is dead.
    #[error("graph {}: token dead{_0}", _0.call)]
    TokenDead(Box<Details>),
    /// A permission or a role is missing.
    #[error("graph {}: permission lost{_0}", _0.call)]
    PermissionLost(Box<Details>),
    /// Our app is set up wrongly, or blocked.
    #[error("graph {}: app misconfigured{_0}", _0.call)]
    AppMisconfigured(Box<Details>),
    /// What was asked for is not there.
    #[error("graph {}: not found{_0}", _0.call)]
    NotFound(Box<Details>),
    /// Our request is wrong.
    #[error("graph {}: bad request{_0}", _0.call)]
    BadRequest(Box<Details>),
    /// The answer leaves real doubt.
    #[error("graph {}: ambiguous{_0}", _0.call)]
    Ambiguous(Box<Details>),
}

impl Error {
    /// A question that is wrong before it is asked.
    pub(super) fn bad_request(call: &'static str, message: &str) -> Self {
        Self::BadRequest(Box::new(Details::local(call, message)))
    }

    /// A question that our set-up does not let us ask.
    pub(super) fn app_misconfigured(call: &'static str, message: &str) -> Self {
        Self::AppMisconfigured(Box::new(Details::local(call, message)))
    }

    /// An answer that holds nothing.
    pub(super) fn not_found(call: &'static str, status: u16, message: &str) -> Self {
        Self::NotFound(Box::new(Details { status: Some(status), ..Details::local(call, message) }))
    }

    /// A call that was not made, because one of its keys is closed, or nobody knows whether one is.
    pub(super) fn not_asked(call: &'static str, closed: Closed, now: DateTime<Utc>) -> Self {
        match closed {
            Closed::Until(scope, until) => {
                let message = format!("not asked, the limit lasts until {}", until.format("%F %T"));
                let retry_after = (until - now).to_std().ok();
                Self::RateLimited { details: Box::new(Details::local(call, &message)), retry_after, scope }
            }
            Closed::Unread(source) => {
                Self::NotAsked { details: Box::new(Details::local(call, "the limits cannot be read")), source }
            }
        }
    }

    /// A failure of the connection. A request that could not even be built is our fault, and will not pass.
    pub(super) fn transport(call: &'static str, status: Option<u16>, source: reqwest::Error) -> Self {
        let source = source.without_url();
        if source.is_builder() {
            return Self::bad_request(call, "the token is no header value");
        }
        let message = if source.is_timeout() {
            "no answer in time"
        } else if source.is_connect() {
            "no connection"
        } else {
            "the answer broke off"
        };
        let mut details = Details::local(call, message);
        details.status = status;
        Self::Transient { details: Box::new(details), source: Some(source) }
    }

    /// A success that is none: it cannot be read. `why` never quotes the body.
    pub(super) fn malformed(call: &'static str, status: u16, why: &str) -> Self {
        let mut details = Details::local(call, &format!("malformed answer: {why}"));
        details.status = Some(status);
        Self::Transient { details: Box::new(details), source: None }
    }

    /// As [`Self::malformed`], keeping the place that the parser names; its text may quote the body, so it is dropped.
    pub(super) fn unparsable(call: &'static str, status: u16, error: &serde_json::Error) -> Self {
        let kind = match error.classify() {
            serde_json::error::Category::Io => "unreadable",
            serde_json::error::Category::Syntax => "not JSON",
            serde_json::error::Category::Data => "of another shape",
            serde_json::error::Category::Eof => "cut off",
        };
        let why = format!("{kind} at line {} column {}", error.line(), error.column());
        Self::malformed(call, status, &why)
    }

    /// Returns the class as a word.
    pub const fn class(&self) -> Class {
        match self {
            Self::Transient { .. } | Self::NotAsked { .. } => Class::Transient,
            Self::RateLimited { .. } => Class::RateLimited,
            Self::TokenDead(_) => Class::TokenDead,
            Self::PermissionLost(_) => Class::PermissionLost,
            Self::AppMisconfigured(_) => Class::AppMisconfigured,
            Self::NotFound(_) => Class::NotFound,
            Self::BadRequest(_) => Class::BadRequest,
            Self::Ambiguous(_) => Class::Ambiguous,
        }
    }

    /// Returns what is known of the failure.
    pub const fn details(&self) -> &Details {
        match self {
            Self::Transient { details, .. }
            | Self::NotAsked { details, .. }
            | Self::RateLimited { details, .. }
            | Self::TokenDead(details)
            | Self::PermissionLost(details)
            | Self::AppMisconfigured(details)
            | Self::NotFound(details)
            | Self::BadRequest(details)
            | Self::Ambiguous(details) => details,
        }
    }

    /// Returns how long Meta wants to be left alone, if it is a limit and Meta said so.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Returns whether the code of the dialog was expired or already used: only a new click helps.
    pub fn is_code_refused(&self) -> bool {
        let details = self.details();
        // 36007 expired, 36009 used; both seen under code 100 at `oauth/access_token`.
        details.call == "exchange_code"
            && details.code == Some(INVALID_PARAMETER)
            && matches!(details.subcode, Some(36007 | 36009))
    }

    /// Returns whether our app may not read this account at all: Standard Access without a role on the app.
    pub fn is_account_not_allowed(&self) -> bool {
        let details = self.details();
        // The one place where the type counts: the number and the text alone also name an unsupported verb.
        details.code == Some(INVALID_PARAMETER)
            && details.kind.as_deref() == Some("IGApiException")
            && self.says("unsupported request - method type: get")
    }

    /// Returns whether Meta said no before it did anything, so that nothing was counted. A silence, a broken answer and
    /// a number that nobody knows leave that open.
    pub fn counts_nothing(&self) -> bool {
        let Details { status, code, .. } = self.details();
        match self {
            Self::Transient { .. } => false,
            Self::NotAsked { .. } => true,
            Self::Ambiguous(_) => *code == Some(INVALID_PARAMETER),
            _ => code.is_some() || status.is_none(),
        }
    }

    /// Returns whether a search was answered and found nothing: such a query may have been counted.
    pub const fn is_empty_answer(&self) -> bool {
        matches!(self, Self::NotFound(details) if details.code.is_none() && matches!(details.status, Some(200)))
    }

    /// Returns whether it is the hashtag that Meta does not know or show, whoever asks. What else is not there is the
    /// account that asks.
    pub const fn is_hashtag_unknown(&self) -> bool {
        matches!(self, Self::NotFound(details) if matches!((details.code, details.subcode), (Some(24), None | Some(2_207_024))))
            || self.is_empty_answer()
    }

    /// Returns whom a limit concerns, if it is one.
    pub const fn limited(&self) -> Option<Scope> {
        match self {
            Self::RateLimited { scope, .. } => Some(*scope),
            _ => None,
        }
    }

    /// Returns whether a requested field does not exist, which fails the whole call.
    pub(super) fn is_unknown_field(&self) -> bool {
        self.details().code == Some(INVALID_PARAMETER) && self.says("nonexisting field")
    }

    /// Returns whether Meta wants a smaller query ("Please reduce the amount of data you're asking for").
    pub(crate) fn is_too_much_data(&self) -> bool {
        self.details().code == Some(1) && self.says("reduce the amount of data")
    }

    fn says(&self, fragment: &str) -> bool {
        self.details().message.to_ascii_lowercase().contains(fragment)
    }
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;

//! The one error of this folder, named by what the caller can do about it.
//! Which answer of X becomes which variant is decided in `classify`.

use std::fmt;
use std::time::Duration;

use sea_orm::DbErr;

use crate::graph::Class;

/// What is known of a failure; free of tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The method of [`super::X`] that failed.
    pub call: &'static str,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// X's word for it: the last part of a problem's `type`, or a token endpoint's `error`.
    pub word: Option<String>,
    /// X's text with the tokens taken out, or ours when X said nothing.
    pub message: String,
}

impl Details {
    /// A failure that never reached X.
    fn local(call: &'static str, message: &str) -> Self {
        Self { call, message: message.to_owned(), ..Self::default() }
    }
}

impl fmt::Display for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(status) = self.status {
            write!(f, " [status {status}")?;
            if let Some(word) = &self.word {
                write!(f, ", {word}")?;
            }
            f.write_str("]")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Why a call to X gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing was sent: there was no connection. It passes by itself.
    #[error("x {}: unreachable{details}", details.call)]
    Unreachable {
        /// What is known.
        details: Box<Details>,
        /// The transport's failure, without its URL.
        source: Option<reqwest::Error>,
    },
    /// The call may have been carried out, and may not: no answer in time, one that broke off or does not parse, or X's own
    /// trouble. Who asked for a deed has to find out before asking again.
    #[error("x {}: unclear{details}", details.call)]
    Unclear {
        /// What is known.
        details: Box<Details>,
        /// The transport's failure, without its URL.
        source: Option<reqwest::Error>,
    },
    /// Nobody was asked: whether that is allowed now stands in a database that does not answer.
    #[error("x {}: not asked{details}", details.call)]
    NotAsked {
        /// What is known.
        details: Box<Details>,
        /// The database's failure.
        source: DbErr,
    },
    /// A limit was reached, or is known to be: none before the time is over.
    #[error("x {}: rate limited for {} s{details}", details.call, retry_after.as_secs())]
    RateLimited {
        /// What is known.
        details: Box<Details>,
        /// How long X wants to be left alone.
        retry_after: Duration,
    },
    /// Our app's prepaid credits are used up: nothing goes until somebody pays.
    #[error("x {}: out of credits{_0}", _0.call)]
    OutOfCredits(Box<Details>),
    /// The token serves no more; of a pair, the refresh token.
    #[error("x {}: token dead{_0}", _0.call)]
    TokenDead(Box<Details>),
    /// What is to be posted has been posted already.
    #[error("x {}: duplicate{_0}", _0.call)]
    Duplicate(Box<Details>),
    /// X does not let this account do that.
    #[error("x {}: forbidden{_0}", _0.call)]
    Forbidden(Box<Details>),
    /// Our app at X is missing, set up wrongly, or blocked.
    #[error("x {}: app misconfigured{_0}", _0.call)]
    AppMisconfigured(Box<Details>),
    /// What was asked for is not there.
    #[error("x {}: not found{_0}", _0.call)]
    NotFound(Box<Details>),
    /// X does not take this request; the same again meets the same.
    #[error("x {}: rejected{_0}", _0.call)]
    Rejected(Box<Details>),
}

impl Error {
    /// A question that is wrong before it is asked.
    pub(crate) fn rejected(call: &'static str, message: &str) -> Self {
        Self::Rejected(Box::new(Details::local(call, message)))
    }

    /// A question that our set-up does not let us ask.
    pub(super) fn app_misconfigured(call: &'static str, message: &str) -> Self {
        Self::AppMisconfigured(Box::new(Details::local(call, message)))
    }

    /// A call that was not made, as its key is closed.
    pub(super) fn closed(call: &'static str, retry_after: Duration) -> Self {
        let details = Box::new(Details::local(call, "not asked, as a limit lasts"));
        Self::RateLimited { details, retry_after }
    }

    /// A call that was not made, as nobody knows whether it may be.
    pub(super) fn unread(call: &'static str, source: DbErr) -> Self {
        Self::NotAsked { details: Box::new(Details::local(call, "the limits cannot be read")), source }
    }

    /// A failure of the connection. A request that could not even be built is our fault, and will not pass.
    pub(super) fn transport(call: &'static str, status: Option<u16>, source: reqwest::Error) -> Self {
        let source = source.without_url();
        if source.is_builder() {
            return Self::rejected(call, "the token is no header value");
        }
        let (is_connect, is_timeout) = (source.is_connect(), source.is_timeout());
        let message = match (is_connect, is_timeout) {
            (true, _) => "no connection",
            (false, true) => "no answer in time",
            (false, false) => "the answer broke off",
        };
        let details = Box::new(Details { status, ..Details::local(call, message) });
        let source = Some(source);
        if is_connect { Self::Unreachable { details, source } } else { Self::Unclear { details, source } }
    }

    /// A success that is none: it cannot be read. `why` never quotes the body.
    pub(super) fn malformed(call: &'static str, status: u16, why: &str) -> Self {
        let details = Details { status: Some(status), ..Details::local(call, &format!("malformed answer: {why}")) };
        Self::Unclear { details: Box::new(details), source: None }
    }

    /// As [`Self::malformed`], keeping the place that the parser names; its text may quote the body, so it is dropped.
    pub(super) fn unparsable(call: &'static str, status: u16, error: &serde_json::Error) -> Self {
        Self::malformed(call, status, &format!("unreadable at line {} column {}", error.line(), error.column()))
    }

    /// Returns the class as a word.
    pub const fn class(&self) -> Class {
        match self {
            Self::Unreachable { .. } | Self::Unclear { .. } | Self::NotAsked { .. } => Class::Transient,
            Self::RateLimited { .. } => Class::RateLimited,
            Self::OutOfCredits(_) | Self::AppMisconfigured(_) => Class::AppMisconfigured,
            Self::TokenDead(_) => Class::TokenDead,
            Self::Forbidden(_) => Class::PermissionLost,
            Self::NotFound(_) => Class::NotFound,
            Self::Duplicate(_) | Self::Rejected(_) => Class::BadRequest,
        }
    }

    /// Returns what is known of the failure.
    pub const fn details(&self) -> &Details {
        match self {
            Self::Unreachable { details, .. }
            | Self::Unclear { details, .. }
            | Self::NotAsked { details, .. }
            | Self::RateLimited { details, .. }
            | Self::OutOfCredits(details)
            | Self::TokenDead(details)
            | Self::Duplicate(details)
            | Self::Forbidden(details)
            | Self::AppMisconfigured(details)
            | Self::NotFound(details)
            | Self::Rejected(details) => details,
        }
    }

    /// Returns whether the call may have been carried out, though nobody heard so.
    pub const fn is_unclear(&self) -> bool {
        matches!(self, Self::Unclear { .. })
    }

    /// Returns whether it is the dialog's code that X does not take: only a new click helps.
    pub(crate) fn is_of_code(&self) -> bool {
        self.details().call == super::token::EXCHANGE
    }
}

//! The one error of this folder, named by what the caller can do about it.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use lettre::transport::smtp;

use super::refusal::is_about_us;
use crate::graph::scrub;

/// A step of the conversation with a mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The connection, the greeting, TLS and the login.
    Connection,
    /// `MAIL`: who sends.
    Sender,
    /// `RCPT`: who receives.
    Recipient,
    /// `DATA`: whether the text may come.
    Data,
    /// The text itself.
    Message,
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connection => "connecting",
            Self::Sender => "naming the sender",
            Self::Recipient => "naming the recipient",
            Self::Data => "announcing the text",
            Self::Message => "handing the text over",
        })
    }
}

/// Why a mail is not known to have been taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Passes by itself (no connection, a `4xx`), and nothing was taken: try again.
    #[error("mail: {step}: {why}")]
    Transient {
        /// What failed.
        step: Step,
        /// How.
        why: String,
    },
    /// The server refuses this mail, its sender or its recipient for good (`5xx`), and says nothing of us.
    #[error("mail: refused when {step}: {why}")]
    Refused {
        /// What was refused.
        step: Step,
        /// What the server said.
        why: String,
    },
    /// The server does not let us in (TLS, name and password, or it speaks something else), or does not work for us:
    /// relaying, a quota, a sender that it does not trust. Nothing was taken. An operator's work.
    #[error("mail: the server does not let us in: {why}")]
    Shut {
        /// How.
        why: String,
    },
    /// The text was handed over and no answer came: it may arrive, or not.
    #[error("mail: handed over, and no answer came: {why}")]
    Unknown {
        /// How the conversation ended.
        why: String,
    },
    /// The mail cannot be written down.
    #[error("mail: cannot be written: {why}")]
    Unwritable {
        /// Why not.
        why: String,
    },
}

impl Error {
    /// Decides what a failed step means.
    pub(super) fn of(step: Step, error: &smtp::Error) -> Self {
        // The server's text may repeat what it was told.
        let why = scrub(&error.to_string());
        match (step, error.status().is_some(), error.is_permanent()) {
            (Step::Connection, true, true) => Self::Shut { why },
            (Step::Connection, false, _) if error.is_tls() || error.is_client() || is_of_tls(error) => {
                Self::Shut { why }
            }
            (_, true, true) if is_about_us(error.status().map_or(0, u16::from), &why) => Self::Shut { why },
            (_, true, true) => Self::Refused { step, why },
            (Step::Message, false, _) => Self::Unknown { why },
            _ => Self::Transient { step, why },
        }
    }

    /// The server said nothing in time.
    pub(super) fn silent(step: Step, patience: Duration) -> Self {
        let why = format!("nothing was said within {} s", patience.as_secs());
        if step == Step::Message { Self::Unknown { why } } else { Self::Transient { step, why } }
    }

    /// Refused before it was tried.
    pub(super) fn refused(step: Step, why: &str) -> Self {
        Self::Refused { step, why: why.to_owned() }
    }

    /// Returns the sort as a word, for logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Transient { .. } => "transient",
            Self::Refused { .. } => "refused",
            Self::Shut { .. } => "shut",
            Self::Unknown { .. } => "unknown",
            Self::Unwritable { .. } => "unwritable",
        }
    }
}

/// Whether TLS refused the other side, such as its certificate: lettre calls that an error of the connection.
fn is_of_tls(error: &smtp::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<rustls::Error>() {
            return true;
        }
        // What an error of the system wraps is not its source.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        cause = wrapped.map(|wrapped| wrapped as &(dyn std::error::Error + 'static)).or_else(|| error.source());
    }
    false
}

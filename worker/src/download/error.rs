//! The one error of this folder, named by what the caller can do about it.
//!
//! It shows host and path of the address alone: the query of a content network's address is the key to the file.

use std::error::Error as _;
use std::time::Duration;

use super::public::NoPublicAddress;

/// Why a download gave nothing. `at` is the host and path that failed, which after a redirect is not the one asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Passes by itself: no connection, a time-out, or the other side's own trouble. Try again.
    #[error("download of {at}: {why}")]
    Transient {
        /// What failed.
        at: String,
        /// How.
        why: String,
        /// The HTTP status, where the other side answered.
        status: Option<u16>,
        /// How long the other side wants to be left alone, if it said so.
        retry_after: Option<Duration>,
        /// The transport's failure, without its address.
        source: Option<reqwest::Error>,
    },
    /// Not served, or no longer: signed addresses end. A fresh address may help, this one will not.
    #[error("download of {at}: answered with status {status}")]
    Gone {
        /// What failed.
        at: String,
        /// The HTTP status, such as 403 or 404.
        status: u16,
    },
    /// Larger than the caller takes.
    #[error("download of {at}: larger than {limit} bytes")]
    TooLarge {
        /// What failed.
        at: String,
        /// What the caller takes, in bytes.
        limit: usize,
    },
    /// The address breaks a rule, and was not asked.
    #[error("download of {at}: refused, {rule}")]
    Refused {
        /// What was refused.
        at: String,
        /// Why.
        rule: Rule,
    },
}

/// What an address has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// It cannot be read.
    #[error("it is no web address")]
    Unreadable,
    /// It is not fetched over TLS.
    #[error("only https is asked")]
    Scheme,
    /// It has a user name or a password in it.
    #[error("it carries a user name or a password")]
    UserInfo,
    /// It has a port of its own.
    #[error("only port 443 is asked")]
    Port,
    /// It names its host by number.
    #[error("its host is an IP address")]
    IpAddress,
    /// Its host is not on the list.
    #[error("its host is not among MEDIA_HOSTS")]
    Host,
    /// The caller asks for what the operator configured, and this is something else.
    #[error("it is no address of a configured service")]
    NotConfigured,
    /// Its host's name leads into a private network.
    #[error("its host's name leads to no public address")]
    Private,
    /// The way leads from the internet to this machine.
    #[error("a redirect leads to this machine")]
    Inwards,
    /// The way does not end.
    #[error("it is redirected too often")]
    Redirects,
}

impl Error {
    /// The connection failed: for good if the name leads into a private network, else for now.
    pub(super) fn transport(at: String, error: reqwest::Error) -> Self {
        let source = error.without_url();
        let mut cause = source.source();
        while let Some(inner) = cause {
            if inner.is::<NoPublicAddress>() {
                return Self::Refused { at, rule: Rule::Private };
            }
            cause = inner.source();
        }
        let why = if source.is_timeout() {
            "no answer in time"
        } else if source.is_connect() {
            "no connection"
        } else {
            "the answer broke off"
        };
        Self::Transient { at, why: why.to_owned(), status: None, retry_after: None, source: Some(source) }
    }

    /// The whole download took too long.
    pub(super) fn late(at: String) -> Self {
        let why = "not there in time".to_owned();
        Self::Transient { at, why, status: None, retry_after: None, source: None }
    }
}

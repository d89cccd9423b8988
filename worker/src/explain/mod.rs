//! What one answer of Meta means, in the words of the contract: what `feedkeeper explain` prints. It knows the body alone;
//! whether a dead token is to be believed is the diagnosis's question.

mod advice;

use std::time::Duration;

use chrono::DateTime;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde::Serialize;

use crate::graph::{Class, Error, Scope, Usage, WhoActs, classify, is_success};

/// What an answer means.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct Explanation {
    /// One of the eight classes; null: it is no error.
    pub class: Option<Class>,
    /// Meta's code.
    pub code: Option<i64>,
    /// Meta's subcode.
    pub subcode: Option<i64>,
    /// Whom it concerns.
    pub scope: Scope,
    /// How long Meta wants to be left alone, if it says so.
    pub retry_after_s: Option<u64>,
    /// Who has to do something.
    pub who_acts: WhoActs,
    /// What.
    pub advice: &'static str,
}

impl Explanation {
    /// Explains an answer; its status and headers are often not known.
    pub fn of(status: Option<u16>, headers: &HeaderMap, body: &[u8]) -> Self {
        if is_success(status, body) {
            return Self {
                class: None,
                code: None,
                subcode: None,
                scope: Scope::None,
                retry_after_s: None,
                who_acts: WhoActs::Nobody,
                advice: "This answer is no error.",
            };
        }
        let error = classify("", status.unwrap_or(0), headers, body);
        let details = error.details();
        let (who_acts, advice) = advice::of(&error);
        Self {
            class: Some(error.class()),
            code: details.code,
            subcode: details.subcode,
            scope: scope(&error),
            retry_after_s: retry_after(&error, headers).map(|wait| wait.as_secs()),
            who_acts,
            advice,
        }
    }
}

/// Whom a failure concerns: a limit says so; what is wrong with our app concerns all.
const fn scope(error: &Error) -> Scope {
    match error {
        Error::RateLimited { scope, .. } => *scope,
        Error::AppMisconfigured(_) => Scope::App,
        _ => Scope::None,
    }
}

fn retry_after(error: &Error, headers: &HeaderMap) -> Option<Duration> {
    match error {
        Error::RateLimited { retry_after, .. } => (*retry_after).max(dated(headers)),
        // It passes by itself, and a server that says when is believed. A share of an allowance is no such word.
        Error::Transient { .. } if headers.contains_key(RETRY_AFTER) => {
            Usage::read(headers).regain_after.max(dated(headers))
        }
        _ => None,
    }
}

/// `Retry-After` as a date, by the answer's own.
fn dated(headers: &HeaderMap) -> Option<Duration> {
    let date = |name| DateTime::parse_from_rfc2822(headers.get(name)?.to_str().ok()?.trim()).ok();
    (date(RETRY_AFTER)? - date(DATE)?).to_std().ok().filter(|wait| !wait.is_zero())
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

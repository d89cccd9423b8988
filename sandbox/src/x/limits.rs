//! X's limits: so many calls in a stretch of time that begins with the first of them, told in the headers of each answer.
//! Kept in memory: a restart begins at zero.

use std::collections::BTreeMap;
use std::sync::Mutex;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::durable::hold;

/// What is counted, and how much of it X allows an account in a quarter of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Counted {
    /// `POST /2/tweets`.
    Posts,
    /// `GET /2/users/me`.
    Me,
    /// `GET /2/users/{id}/tweets`.
    Timeline,
    /// `POST /2/media/upload`.
    Upload,
    /// `POST /2/media/upload/initialize`.
    Initialize,
    /// `POST /2/media/upload/{id}/append`.
    Append,
    /// `POST /2/media/upload/{id}/finalize`.
    Finalize,
    /// `GET /2/media/upload`.
    Status,
    /// `POST /2/media/metadata`.
    Metadata,
}

impl Counted {
    /// How many calls an account has in a quarter of an hour.
    fn allowed(self) -> u32 {
        match self {
            Self::Posts => 100,
            Self::Me => 75,
            Self::Timeline => 900,
            Self::Upload | Self::Metadata => 500,
            Self::Initialize | Self::Append | Self::Finalize => 1_875,
            Self::Status => 1_000,
        }
    }
}

const QUARTER_S: i64 = 15 * 60;
const DAY_S: i64 = 86_400;
/// How many posts an app has in a day.
const POSTS_OF_APP: u32 = 10_000;

#[derive(Clone, Copy, Debug)]
struct Window {
    ends_s: i64,
    calls: u32,
}

impl Window {
    /// Counts a call; false if there were too many already.
    fn count(&mut self, now_s: i64, length_s: i64, allowed: u32) -> bool {
        if now_s >= self.ends_s {
            *self = Self { ends_s: now_s + length_s, calls: 0 };
        }
        if self.calls >= allowed {
            return false;
        }
        self.calls += 1;
        true
    }

    fn told(self, headers: &mut HeaderMap, prefix: &'static str, allowed: u32) {
        for (name, value) in [
            ("limit", i64::from(allowed)),
            ("remaining", i64::from(allowed.saturating_sub(self.calls))),
            ("reset", self.ends_s),
        ] {
            if let Ok(name) = HeaderName::try_from(format!("{prefix}-{name}")) {
                headers.insert(name, HeaderValue::from(value));
            }
        }
    }
}

#[derive(Debug, Default)]
struct Windows {
    accounts: BTreeMap<(u64, Counted), Window>,
    app: Option<Window>,
}

/// Who has called how often.
#[derive(Debug, Default)]
pub(crate) struct Limits(Mutex<Windows>);

impl Limits {
    /// Counts a call of an account, and returns what its answer tells of it and whether it may be made.
    /// `allowed` is in place of X's own figure.
    pub(crate) fn count(&self, person: u64, counted: Counted, now_s: i64, allowed: Option<u32>) -> (HeaderMap, bool) {
        let mut headers = HeaderMap::new();
        let allowed = allowed.unwrap_or_else(|| counted.allowed());
        let mut windows = hold(&self.0);
        let fresh = Window { ends_s: i64::MIN, calls: 0 };
        let window = windows.accounts.entry((person, counted)).or_insert(fresh);
        let mut may = window.count(now_s, QUARTER_S, allowed);
        window.told(&mut headers, "x-rate-limit", allowed);
        if counted == Counted::Posts {
            let app = windows.app.get_or_insert(fresh);
            may = may && app.count(now_s, DAY_S, POSTS_OF_APP);
            app.told(&mut headers, "x-app-limit-24hour", POSTS_OF_APP);
        }
        (headers, may)
    }
}

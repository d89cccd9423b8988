//! When connections end, and how their owners are told.
//!
//! | file | is |
//! |---|---|
//! | `truth` | asking Meta when an install ends, and keeping it |
//! | `recipients` | who is told of an install's end |
//! | `delivery` | one mail: its row in the ledger, its way to the server, and what became of it |

pub(crate) mod delivery;
pub(crate) mod recipients;
pub(crate) mod truth;

use chrono::{DateTime, TimeDelta, Utc};

/// How and when the owners of apps are told that a connection ends.
#[derive(Clone, Debug)]
pub struct Owners {
    /// `EXPIRY_WARNING_DAYS`: how long before an end it is near.
    pub warning: TimeDelta,
    /// `PUBLIC_URL`, without a slash at its end, where the links in mails lead. Without it nobody is mailed.
    pub public_url: Option<String>,
}

impl Owners {
    /// Returns until when an end is near.
    pub fn soon(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + self.warning
    }
}

impl Default for Owners {
    fn default() -> Self {
        Self { warning: TimeDelta::days(10), public_url: None }
    }
}

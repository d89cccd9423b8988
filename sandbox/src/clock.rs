//! The sandbox's time: the system's plus an offset that `POST /_sandbox/clock` moves.
//! The only place of this crate that asks the system what time it is.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SecondsFormat, Utc};

/// A clock that can be moved ahead.
#[derive(Debug)]
pub(crate) struct Clock {
    offset_ms: AtomicI64,
    last_stamp_ms: AtomicI64,
}

impl Clock {
    /// Returns a clock that runs `offset_ms` ahead of the system's.
    pub(crate) fn new(offset_ms: i64) -> Self {
        Self { offset_ms: AtomicI64::new(offset_ms), last_stamp_ms: AtomicI64::new(0) }
    }

    /// Returns how far this clock runs ahead of the system's.
    pub(crate) fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::SeqCst)
    }

    /// Replaces the offset.
    pub(crate) fn set_offset_ms(&self, offset_ms: i64) {
        self.offset_ms.store(offset_ms, Ordering::SeqCst);
    }

    /// Returns now, in milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> i64 {
        system_ms().saturating_add(self.offset_ms())
    }

    /// Returns now, in milliseconds, and never the same twice: of a consent and a change to a person,
    /// one must be the later one.
    pub(crate) fn stamp_ms(&self) -> i64 {
        let now_ms = self.now_ms();
        let before_ms = self.last_stamp_ms.fetch_max(now_ms, Ordering::SeqCst);
        if before_ms < now_ms {
            return now_ms;
        }
        self.last_stamp_ms.fetch_add(1, Ordering::SeqCst).saturating_add(1)
    }

    /// Returns now, in seconds since 1970.
    pub(crate) fn now_s(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// Returns now as RFC 3339 with milliseconds.
    pub(crate) fn now_text(&self) -> String {
        rfc3339(self.now_ms())
    }
}

/// Writes milliseconds since 1970 as RFC 3339 in UTC.
pub(crate) fn rfc3339(at_ms: i64) -> String {
    moment(at_ms).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Turns milliseconds since 1970 into a date; what no calendar holds becomes 1970.
pub(crate) fn moment(at_ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at_ms).unwrap_or_default()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the sandbox is another party, with a clock of its own: this is its one source"
)]
fn system_ms() -> i64 {
    Utc::now().timestamp_millis()
}

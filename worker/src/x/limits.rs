//! What X says of its limits in the headers of each answer: pure.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;

/// X counts most calls by windows of this length.
const WINDOW: Duration = Duration::from_mins(15);
/// No limit is longer: what says more is a slip.
const LONGEST: Duration = Duration::from_hours(25);

/// What X says of its limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Limits {
    /// When the account may make this call again, if nothing is left of the window.
    account: Option<Reset>,
    /// When the account may, if nothing is left of its day.
    account_day: Option<Reset>,
    /// When anybody of ours may, if nothing is left of our app's day.
    app_day: Option<Reset>,
}

/// When a limit is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reset {
    wait: Duration,
    /// Whether nothing is left until then.
    is_used_up: bool,
}

impl Limits {
    /// Reads the headers of an answer that came at `now`.
    pub(super) fn read(headers: &HeaderMap, now: DateTime<Utc>) -> Self {
        let number = |name: String| headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
        let reset = |kind: &str| {
            let at = DateTime::from_timestamp(number(format!("{kind}-reset"))?, 0)?;
            // A second more, as X tells whole ones.
            let wait = (at - now).to_std().unwrap_or_default().min(LONGEST) + Duration::from_secs(1);
            Some(Reset { wait, is_used_up: number(format!("{kind}-remaining")) == Some(0) })
        };
        Self {
            account: reset("x-rate-limit"),
            account_day: reset("x-user-limit-24hour"),
            app_day: reset("x-app-limit-24hour"),
        }
    }

    /// How long the account is not to make this call, if nothing is left of what it may.
    pub(super) fn account_rests(&self) -> Option<Duration> {
        let used_up = [self.account, self.account_day].into_iter().flatten().filter(|reset| reset.is_used_up);
        used_up.map(|reset| reset.wait).max()
    }

    /// How long nobody of ours is to make this call, if nothing is left of what our app may.
    pub(super) fn app_rests(&self) -> Option<Duration> {
        self.app_day.filter(|reset| reset.is_used_up).map(|reset| reset.wait)
    }

    /// How long a call is not to be made that X has refused: until the reset of what is used up, or else of the window.
    pub(super) fn retry_after(&self) -> Duration {
        let used_up = self.account_rests().into_iter().chain(self.app_rests()).max();
        used_up.or_else(|| self.account.map(|reset| reset.wait)).unwrap_or(WINDOW)
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    const NOW: i64 = 1_795_341_600;

    fn read(headers: &[(&'static str, i64)]) -> Limits {
        let header = |(name, value): &(&'static str, i64)| {
            (HeaderName::from_static(name), HeaderValue::try_from(value.to_string()).unwrap())
        };
        let headers: HeaderMap = headers.iter().map(header).collect();
        Limits::read(&headers, DateTime::from_timestamp(NOW, 0).unwrap())
    }

    #[test]
    fn what_is_used_up_says_until_when() {
        let window = ("x-rate-limit-reset", NOW + 300);
        let apps_day = [window, ("x-app-limit-24hour-reset", NOW + 7200), ("x-app-limit-24hour-remaining", 0)];
        let accounts_day = [window, ("x-user-limit-24hour-reset", NOW + 60), ("x-user-limit-24hour-remaining", 0)];
        for (headers, refused, account, app) in [
            (&[][..], 900, None, None),
            (&[window], 301, None, None),
            (&[window, ("x-rate-limit-remaining", 7)], 301, None, None),
            (&[window, ("x-rate-limit-remaining", 0)], 301, Some(301), None),
            (&apps_day, 7201, None, Some(7201)),
            (&accounts_day, 61, Some(61), None),
            (&[("x-rate-limit-reset", NOW + 9_000_000)], 90_001, None, None),
            (&[("x-rate-limit-reset", NOW - 5)], 1, None, None),
        ] {
            let limits = read(headers);
            let seconds = |wait: Option<Duration>| wait.map(|wait| wait.as_secs());
            assert_eq!(limits.retry_after().as_secs(), refused, "{headers:?}");
            assert_eq!((seconds(limits.account_rests()), seconds(limits.app_rests())), (account, app), "{headers:?}");
        }
    }
}

//! When owners are told that a connection ends: `EXPIRY_WARNING_DAYS`, `EXPIRY_SCAN`.

use std::str::FromStr;

use chrono::TimeDelta;
use worker::Owners;
use worker::jobs::EXPIRY_SCAN;

use super::{Config, Env};

/// A connection lives for 60 days, or 90: who is told on the first of them is told nothing.
const DAYS: std::ops::RangeInclusive<i64> = 1..=45;

/// What the environment says of it.
#[derive(Clone, Debug)]
pub(crate) struct Expiry {
    /// `EXPIRY_WARNING_DAYS`: how long before its end an end is near.
    pub warning: TimeDelta,
    /// `EXPIRY_SCAN`: when it is looked for those that are.
    pub scan: String,
}

impl Expiry {
    /// Reads it.
    pub(super) fn read(env: &Env) -> anyhow::Result<Self> {
        let days = env.parsed("EXPIRY_WARNING_DAYS", 10_i64)?;
        let (least, most) = (DAYS.start(), DAYS.end());
        anyhow::ensure!(DAYS.contains(&days), "EXPIRY_WARNING_DAYS={days}: whole days, from {least} to {most}");
        let scan = env.parsed("EXPIRY_SCAN", Cron(EXPIRY_SCAN.to_owned()))?.0;
        Ok(Self { warning: TimeDelta::days(days), scan })
    }
}

impl Config {
    /// Returns how owners are told; their links lead to `public_url`, or else to `PUBLIC_URL`.
    pub(crate) fn owners(&self, public_url: Option<&str>) -> Owners {
        let configured = self.public_address().ok();
        Owners { warning: self.expiry.warning, public_url: public_url.map(str::to_owned).or(configured) }
    }
}

/// A timetable.
pub(super) struct Cron(pub String);

impl FromStr for Cron {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_one = text.split_whitespace().count() == 6 && cron::Schedule::from_str(text).is_ok();
        let says =
            "a timetable has six fields, in UTC (second, minute, hour, day, month, weekday), such as `0 30 6 * * *`";
        if is_one { Ok(Self(text.to_owned())) } else { Err(says) }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::tests::read;

    #[test]
    fn owners_are_told_ten_days_before_unless_it_is_said_otherwise() {
        assert_eq!(read(&[]).expect("defaults").expiry.warning, TimeDelta::days(10));
        let told = read(&[("EXPIRY_WARNING_DAYS", "3"), ("EXPIRY_SCAN", "0 0 */8 * * *")]).expect("read");
        assert_eq!((told.expiry.warning, told.expiry.scan.as_str()), (TimeDelta::days(3), "0 0 */8 * * *"));
    }

    #[test]
    fn what_is_no_number_of_days_and_no_timetable_is_named() {
        for (vars, says) in [
            (("EXPIRY_WARNING_DAYS", "0"), "from 1 to 45"),
            (("EXPIRY_WARNING_DAYS", "ten"), "EXPIRY_WARNING_DAYS=ten"),
            (("EXPIRY_SCAN", "30 6 * * *"), "six fields"),
            (("EXPIRY_SCAN", "0 30 25 * * *"), "six fields"),
            (("EXPIRY_SCAN", "daily"), "EXPIRY_SCAN=daily"),
        ] {
            let error = read(&[vars]).expect_err(says).to_string();
            assert!(error.contains(says), "{vars:?}: {error}");
        }
    }
}

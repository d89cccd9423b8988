//! The Graph's versions: which exist, which are alive, and which one answers a call.

use chrono::NaiveDate;

use crate::clock::moment;

/// The version of calls that name none: Meta uses what the app's dashboard says.
const DASHBOARD: &str = "v25.0";
/// The first version that the table lists; whatever is older has expired.
const OLDEST_LISTED: u32 = 21;

/// A version of the Graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// As in a path: `v26.0`.
    pub name: String,
    /// The day from which it is known.
    pub released: NaiveDate,
    /// The day from which older versions answer for it no more and newer ones do.
    pub until: Option<NaiveDate>,
}

/// The versions that a sandbox knows, oldest first.
#[derive(Clone, Debug)]
pub struct Versions(pub Vec<Version>);

impl Default for Versions {
    /// Returns the versions that Meta has published.
    fn default() -> Self {
        let published = [
            ("v21.0", (2024, 10, 2), Some((2027, 1, 21))),
            ("v22.0", (2025, 1, 21), Some((2027, 5, 20))),
            ("v23.0", (2025, 5, 29), Some((2027, 10, 8))),
            ("v24.0", (2025, 10, 8), Some((2028, 2, 18))),
            ("v25.0", (2026, 2, 18), Some((2028, 7, 29))),
            ("v26.0", (2026, 7, 29), None),
        ]
        .into_iter()
        .map(|(name, released, until)| Version {
            name: name.to_owned(),
            released: day(released),
            until: until.map(day),
        });
        Self(published.collect())
    }
}

fn day((year, month, day): (i32, u32, u32)) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

/// Returns the version that answers a call for `asked`; none if Meta has never heard of it.
/// An expired version is answered by the oldest one alive.
pub(crate) fn answering<'a>(Versions(versions): &'a Versions, asked: Option<&str>, now_ms: i64) -> Option<&'a str> {
    let today = moment(now_ms).date_naive();
    let is_alive = |version: &Version| version.until.is_none_or(|until| today < until);
    // However far a test moves the clock, the newest version answers.
    let oldest_alive = versions.iter().find(|version| is_alive(version)).or(versions.last())?;
    let asked = asked.unwrap_or(DASHBOARD);
    match versions.iter().find(|version| version.name == asked) {
        Some(version) if version.released > today => None,
        Some(version) if is_alive(version) => Some(&version.name),
        Some(_) => Some(&oldest_alive.name),
        None if major(asked).is_some_and(|major| (1..OLDEST_LISTED).contains(&major)) => Some(&oldest_alive.name),
        None => None,
    }
}

/// Tells whether a path's segment is meant as a version.
pub(crate) fn looks_like_one(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|char: char| char.is_ascii_digit()))
}

fn major(name: &str) -> Option<u32> {
    let (major, minor) = name.strip_prefix('v')?.split_once('.')?;
    minor.parse::<u32>().ok()?;
    major.parse().ok()
}

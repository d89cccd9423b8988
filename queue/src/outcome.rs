//! What the engine makes of an attempt: one pure decision per failure.

use std::{fmt, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Decision, JobError},
    retry,
};

/// Says why a job died. Its `Display` is the reason that operators and rows keep.
///
/// `on_dead` is told of each but [`Undecodable`](Self::Undecodable) and [`Unknown`](Self::Unknown), and of none if it kills
/// its worker again and again, or fails about fifty times. Such a burial is logged as an error, once, and whatever row
/// the job came from still says that there is work: whoever pushes by state may push the job again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Death {
    /// The job said that trying again cannot help.
    Refused(String),
    /// The last attempt failed too, with this error; a panic and a time-out are errors.
    Attempts(String),
    /// The job asked to be tried again later than its age allows, with this error.
    TooOld(String),
    /// Its worker died with it too often.
    WorkerDied,
    /// The payload cannot be read as the job that it names.
    Undecodable(String),
    /// No worker knew a job of this name.
    Unknown(String),
}

impl Death {
    /// Returns the sort as a word, for metrics.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Attempts(_) => "attempts",
            Self::TooOld(_) => "too_old",
            Self::WorkerDied => "worker_died",
            Self::Undecodable(_) => "undecodable",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(reason) | Self::Attempts(reason) | Self::TooOld(reason) => f.write_str(reason),
            Self::WorkerDied => f.write_str("worker died"),
            Self::Undecodable(error) => write!(f, "the payload cannot be read: {error}"),
            Self::Unknown(name) => write!(f, "no worker knows the job `{name}`"),
        }
    }
}

/// Is what becomes of a job after an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It leaves the queue.
    Done,
    /// It is tried again from this time on.
    RetryAt(DateTime<Utc>),
    /// It is over; `on_dead` is owed.
    Dead(Death),
}

/// A `RetryAt` in the past would spin, for it burns no attempt.
const SHORTEST_WAIT: TimeDelta = TimeDelta::seconds(1);

/// Is what [`decide`] looks at beside the error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt {
    /// The running number of this attempt, from 1.
    pub(crate) number: u32,
    /// The most attempts that the job may have.
    pub(crate) most: u32,
    /// The time since the push, on the domain clock.
    pub(crate) age: Duration,
    /// The most time after the push at which the job may be tried by its own wish.
    pub(crate) max_age: Duration,
    /// The domain's time.
    pub(crate) now: DateTime<Utc>,
    /// Chance, in 0..1.
    pub(crate) jitter: f64,
}

/// Returns what becomes of the job, and how many attempts it has burnt.
pub(crate) fn decide(attempt: &Attempt, result: &Result<(), JobError>) -> (Outcome, u32) {
    let burnt = attempt.number;
    let Err(error) = result else { return (Outcome::Done, burnt) };
    match error.decision() {
        Decision::Dead => (Outcome::Dead(Death::Refused(error.to_string())), burnt),
        Decision::Retry if burnt >= attempt.most => (Outcome::Dead(Death::Attempts(error.to_string())), burnt),
        Decision::Retry => (Outcome::RetryAt(attempt.now + retry::delay(burnt, attempt.jitter)), burnt),
        Decision::RetryAt(at) => wait_until(attempt, at, error),
        Decision::RetryAfter(delay) => {
            let delay = TimeDelta::from_std(delay).unwrap_or(TimeDelta::MAX);
            wait_until(attempt, attempt.now.checked_add_signed(delay).unwrap_or(DateTime::<Utc>::MAX_UTC), error)
        }
    }
}

/// A wait that somebody else asked for burns no attempt; the job's age bounds it.
fn wait_until(attempt: &Attempt, at: DateTime<Utc>, error: &JobError) -> (Outcome, u32) {
    let at = at.max(attempt.now + SHORTEST_WAIT);
    let wait = (at - attempt.now).to_std().unwrap_or_default();
    if attempt.age.saturating_add(wait) > attempt.max_age {
        (Outcome::Dead(Death::TooOld(error.to_string())), attempt.number)
    } else {
        (Outcome::RetryAt(at), attempt.number - 1)
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    fn attempt(number: u32) -> Attempt {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time");
        let hour = Duration::from_hours(1);
        Attempt { number, most: 3, age: hour, max_age: 2 * hour, now, jitter: 0.0 }
    }

    #[test]
    fn each_decision_has_its_outcome() {
        let first = attempt(1);
        let soon = first.now + TimeDelta::minutes(5);
        let late = first.now + TimeDelta::minutes(61);
        let past = first.now - TimeDelta::minutes(5);
        let cause = || anyhow!("no luck");
        let said = || "no luck".to_owned();
        let cases = [
            (first, Ok(()), Outcome::Done, 1),
            (first, Err(JobError::retry(cause())), Outcome::RetryAt(first.now + TimeDelta::seconds(1)), 1),
            (attempt(2), Err(JobError::retry(cause())), Outcome::RetryAt(first.now + TimeDelta::seconds(5)), 2),
            (attempt(3), Err(JobError::retry(cause())), Outcome::Dead(Death::Attempts(said())), 3),
            (attempt(3), Err(JobError::retry_at(soon, cause())), Outcome::RetryAt(soon), 2),
            (attempt(3), Err(JobError::retry_after(Duration::from_mins(5), cause())), Outcome::RetryAt(soon), 2),
            (first, Err(JobError::retry_after(Duration::MAX, cause())), Outcome::Dead(Death::TooOld(said())), 1),
            (first, Err(JobError::retry_at(past, cause())), Outcome::RetryAt(first.now + SHORTEST_WAIT), 0),
            (first, Err(JobError::retry_at(late, cause())), Outcome::Dead(Death::TooOld(said())), 1),
            (first, Err(JobError::dead(cause())), Outcome::Dead(Death::Refused(said())), 1),
        ];
        for (attempt, result, outcome, burnt) in cases {
            assert_eq!(decide(&attempt, &result), (outcome, burnt), "{result:?}");
        }
    }
}

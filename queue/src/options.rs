//! How much a worker does at once, and its patience.

use std::time::Duration;

use crate::{lane::Lane, store::Retention};

/// A shorter lease would be lost to an ordinary pause of the machine.
pub(crate) const SHORTEST_LEASE: Duration = Duration::from_secs(2);

/// The longest lease, and the longest grace: who means more has mistaken the unit.
const LONGEST: Duration = Duration::from_hours(1);

/// More at once is no machine's work.
const MOST_SLOTS: usize = 10_000;

/// Says which lanes a worker serves, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The lanes, each with the number of jobs that run at once; at most 10 000.
    pub lanes: Vec<(Lane, usize)>,
    /// How long a job stays claimed without a sign of life of its worker; from 2 s to 1 h.
    pub lease: Duration,
    /// How long running jobs may go on after a shutdown has begun; at most 1 h.
    pub grace: Duration,
    /// How long a lane asks nothing of the store at most, idle or busy. Every wake-up is signalled; this keeps the age of
    /// the last answer fresh, and heals a lost signal.
    pub rest: Duration,
    /// What the dead set keeps.
    pub retention: Retention,
}

impl Default for Options {
    /// Every lane, 10 jobs at once in each; a lease of 30 s, a grace of 25 s, a rest of 15 s.
    fn default() -> Self {
        Self {
            lanes: Lane::ALL.map(|lane| (lane, 10)).to_vec(),
            lease: Duration::from_secs(30),
            grace: Duration::from_secs(25),
            rest: Duration::from_secs(15),
            retention: Retention::default(),
        }
    }
}

impl Options {
    /// Returns what is wrong with them.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.lease < SHORTEST_LEASE {
            problems.push(format!("a lease of {:?} is shorter than {SHORTEST_LEASE:?}", self.lease));
        }
        if self.rest.is_zero() {
            problems.push("a rest of no time at all".to_owned());
        }
        for (what, time) in [("lease", self.lease), ("grace", self.grace), ("rest", self.rest)] {
            if time > LONGEST {
                problems.push(format!("a {what} of {time:?} is longer than {LONGEST:?}"));
            }
        }
        if self.lanes.is_empty() {
            problems.push("no queue to serve".to_owned());
        }
        for (i, (lane, slots)) in self.lanes.iter().enumerate() {
            if *slots == 0 {
                problems.push(format!("the queue {lane} has no slot"));
            }
            if *slots > MOST_SLOTS {
                problems.push(format!("the queue {lane} has {slots} slots, which is more than {MOST_SLOTS}"));
            }
            if self.lanes[..i].iter().any(|(earlier, _)| earlier == lane) {
                problems.push(format!("the queue {lane} is listed twice"));
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bound_is_checked() {
        let with = |lease, grace, lanes: &[(Lane, usize)]| {
            Options { lease, grace, lanes: lanes.to_vec(), ..Options::default() }.problems().join("; ")
        };
        let (short, hour, most) = (SHORTEST_LEASE, Duration::from_hours(1), [(Lane::Bulk, 10_000)]);
        assert_eq!(Options::default().problems(), [""; 0]);
        let restless = Options { rest: Duration::ZERO, ..Options::default() };
        assert_eq!(restless.problems(), ["a rest of no time at all"]);
        assert_eq!(with(short, Duration::ZERO, &[(Lane::Bulk, 1)]), "");
        assert_eq!(with(hour, hour, &most), "");
        let moment = Duration::from_secs(1);
        for (options, problem) in [
            (with(moment, hour, &most), "a lease of 1s is shorter than 2s"),
            (with(hour + moment, hour, &most), "a lease of 3601s is longer than 3600s"),
            (with(Duration::MAX, hour, &most), "is longer than 3600s"),
            (with(hour, hour + moment, &most), "a grace of 3601s is longer than 3600s"),
            (with(hour, Duration::from_secs(u64::MAX), &most), "is longer than 3600s"),
            (with(hour, hour, &[]), "no queue to serve"),
            (with(hour, hour, &[(Lane::Bulk, 0)]), "the queue bulk has no slot"),
            (with(hour, hour, &[(Lane::Bulk, usize::MAX)]), "slots, which is more than 10000"),
            (with(hour, hour, &[most[0], most[0]]), "the queue bulk is listed twice"),
        ] {
            assert!(options.contains(problem) && !options.contains("; "), "{options}, not {problem}");
        }
    }
}

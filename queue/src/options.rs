//! How much a worker does at once, and its patience.

use std::time::Duration;

use crate::{lane::Lane, store::Retention};

/// A shorter lease would be lost to an ordinary pause of the machine.
pub(crate) const SHORTEST_LEASE: Duration = Duration::from_secs(2);

/// Says which lanes a worker serves, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The lanes, each with the number of jobs that run at once.
    pub lanes: Vec<(Lane, usize)>,
    /// How long a job stays claimed without a sign of life of its worker; at least 2 s.
    pub lease: Duration,
    /// How long running jobs may go on after a shutdown has begun.
    pub grace: Duration,
    /// What the dead set keeps.
    pub retention: Retention,
}

impl Default for Options {
    /// Every lane, 10 jobs at once in each; a lease of 30 s, a grace of 25 s.
    fn default() -> Self {
        Self {
            lanes: Lane::ALL.map(|lane| (lane, 10)).to_vec(),
            lease: Duration::from_secs(30),
            grace: Duration::from_secs(25),
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
        if self.lanes.is_empty() {
            problems.push("no queue to serve".to_owned());
        }
        for (i, (lane, slots)) in self.lanes.iter().enumerate() {
            if *slots == 0 {
                problems.push(format!("the queue {lane} has no slot"));
            }
            if self.lanes[..i].iter().any(|(earlier, _)| earlier == lane) {
                problems.push(format!("the queue {lane} is listed twice"));
            }
        }
        problems
    }
}

//! What a run of the matrix saw, in figures.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};
use std::time::Duration;

use super::stream::Came;
use super::work::Kind;
use super::{Fault, Ledger};

#[derive(Debug, Default)]
pub(crate) struct Report {
    pub seed: u64,
    /// Each kind of fault: how many, and how many jobs ran at those moments that it interrupts.
    pub faults: BTreeMap<Fault, (usize, usize)>,
    pub exchanges: usize,
    /// Feeds that were fetched, over all times that they were due.
    pub feeds: usize,
    pub refused: usize,
    pub unanswered: usize,
    /// Accepted and not ended, or due and not fetched, or ended without having been done at Meta.
    pub lost: Vec<String>,
    /// Runs that ended with an error, and which.
    pub failed: Vec<String>,
    pub calls: usize,
    /// How often a piece of work was begun again at Meta.
    pub runs_again: usize,
    /// How many calls that made.
    pub calls_again: usize,
    /// Rounds in which more was begun again than had been interrupted, each with what was.
    pub unexplained: Vec<String>,
    pub took: Vec<Duration>,
}

impl Report {
    pub(super) fn injected(&mut self, fault: Fault, running: usize) {
        let (times, jobs) = self.faults.entry(fault).or_default();
        (*times, *jobs) = (*times + 1, *jobs + running);
    }

    /// How many faults there were, and how many jobs they interrupted.
    pub(crate) fn sum(&self) -> (usize, usize) {
        self.faults.values().fold((0, 0), |(times, jobs), (more, running)| (times + more, jobs + running))
    }

    /// Counts a round that is over. `interrupted` is how many jobs its faults may have interrupted.
    pub(super) fn count(&mut self, came: &Came, ledger: &Ledger, interrupted: usize) {
        self.lost.extend(came.lost().into_iter().map(|piece| format!("not ended: {piece:?}")));
        for ended in &came.ended {
            let is_done = ended.run["state"] == "done";
            if let Kind::Exchange { grant } = &ended.piece.kind {
                self.exchanges += 1;
                if is_done && !ledger.has_all_of(grant) {
                    self.lost.push(format!("done, but not at Meta: {:?}", ended.piece));
                }
            }
            if !is_done {
                self.failed.push(format!("{:?}: {}", ended.piece, ended.run["error"]));
            }
            self.took.push(ended.took);
        }
        self.took.sort_unstable();
        self.refused += came.refused;
        self.unanswered += came.unanswered;
        self.feeds += ledger.feeds();
        self.calls += ledger.calls();
        self.runs_again += ledger.runs_again();
        self.calls_again += ledger.calls_again();
        if ledger.runs_again() > interrupted {
            self.unexplained.push(format!("{interrupted} jobs were interrupted: {:?}", ledger.again()));
        }
    }

    /// How long a share of the work took at most.
    fn took(&self, percent: usize) -> Duration {
        let last = self.took.len().saturating_sub(1);
        self.took.get(last * percent / 100).copied().unwrap_or_default()
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let (faults, running) = self.sum();
        writeln!(f, "seed {}, {faults} faults:", self.seed)?;
        for (fault, (times, jobs)) in &self.faults {
            let bound =
                if fault.interrupts_work() { format!("{jobs} jobs ran") } else { "may cost nothing".to_owned() };
            writeln!(f, "{times:>5} × {fault:<42} {bound}")?;
        }
        writeln!(f, "{} exchanges accepted, feeds fetched {} times", self.exchanges, self.feeds)?;
        writeln!(f, "{} requests refused with 503, {} without an answer", self.refused, self.unanswered)?;
        writeln!(f, "lost: {}, ended with an error: {}", self.lost.len(), self.failed.len())?;
        for what in self.lost.iter().chain(&self.failed).chain(&self.unexplained) {
            writeln!(f, "      {what}")?;
        }
        writeln!(f, "begun again: {}, of at most {running}", self.runs_again)?;
        writeln!(f, "calls made again: {} of {}", self.calls_again, self.calls)?;
        let took = |percent| self.took(percent).as_secs_f32();
        write!(f, "accepted to ended: p50 {:.1} s, p99 {:.1} s, slowest {:.1} s", took(50), took(99), took(100))
    }
}

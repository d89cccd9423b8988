//! What is counted and timed, by the names of `docs/metrics.md`, through the `metrics` facade: where nobody collects, nothing
//! is. Labels are bounded: a job is named only if this worker knows it.

use std::{collections::HashMap, time::Duration};

use metrics::{Counter, Histogram, counter, histogram};

use crate::{lane::Lane, outcome::Death, store::Ending};

/// Stands for every name that this worker does not know.
const UNKNOWN: &str = "unknown";

/// Measures the jobs that a worker knows.
pub(crate) struct Meters {
    jobs: HashMap<&'static str, JobMeter>,
    unknown: JobMeter,
}

impl Meters {
    pub(crate) fn of(names: impl Iterator<Item = &'static str>) -> Self {
        Self { jobs: names.map(|name| (name, JobMeter::new(name))).collect(), unknown: JobMeter::new(UNKNOWN) }
    }

    pub(crate) fn job(&self, name: &str) -> &JobMeter {
        self.jobs.get(name).unwrap_or(&self.unknown)
    }
}

/// Measures the jobs of one name; what comes often is looked up once.
pub(crate) struct JobMeter {
    name: &'static str,
    wait: Histogram,
    run: Histogram,
    done: Counter,
}

impl JobMeter {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            wait: histogram!("feedkeeper_job_wait_seconds", "job" => name),
            run: histogram!("feedkeeper_job_run_seconds", "job" => name),
            done: counter!("feedkeeper_job_attempts_total", "job" => name, "outcome" => "done"),
        }
    }

    /// A job starts, so long after it was due.
    pub(crate) fn started(&self, waited: Duration) {
        self.wait.record(waited);
    }

    /// An attempt has ended, after so long.
    pub(crate) fn ended(&self, ran: Duration, ending: &Ending) {
        self.run.record(ran);
        match ending {
            Ending::Done => self.done.increment(1),
            Ending::Again { dying: None, .. } => self.attempt("again"),
            Ending::Again { dying: Some(_), .. } => self.attempt("mourning_failed"),
            Ending::Unknown { .. } => self.attempt("unknown"),
            // What is handed back was stopped: no attempt has ended.
            Ending::HandBack => {}
            Ending::Dead { death, .. } => {
                self.attempt("dead");
                self.died(death);
            }
        }
    }

    /// A failed attempt is to be tried again.
    pub(crate) fn retried(&self, class: &'static str) {
        counter!("feedkeeper_job_retries_total", "job" => self.name, "class" => class).increment(1);
    }

    pub(crate) fn died(&self, death: &Death) {
        counter!("feedkeeper_job_deaths_total", "job" => self.name, "reason" => death.kind()).increment(1);
    }

    fn attempt(&self, outcome: &'static str) {
        counter!("feedkeeper_job_attempts_total", "job" => self.name, "outcome" => outcome).increment(1);
    }
}

/// Pushes have been answered, or not, with one outcome.
pub(crate) fn pushed(job: &'static str, outcome: &'static str, times: usize) {
    if times > 0 {
        counter!("feedkeeper_job_pushes_total", "job" => job, "outcome" => outcome).increment(times as u64);
    }
}

/// Leases ran out and their jobs were taken back, each as a crash.
pub(crate) fn crashed(jobs: usize) {
    counter!("feedkeeper_job_crashes_total").increment(jobs as u64);
}

/// A job was no longer ours while we held it, or when we wanted to finish it.
pub(crate) fn lost_lease() {
    counter!("feedkeeper_job_leases_lost_total").increment(1);
}

/// The store did not answer a turn.
pub(crate) fn unanswered(lane: Lane) {
    counter!("feedkeeper_queue_failures_total", "queue" => lane.as_str()).increment(1);
}

/// The store answers again.
pub(crate) fn reconnected(lane: Lane) {
    counter!("feedkeeper_queue_reconnects_total", "queue" => lane.as_str()).increment(1);
}

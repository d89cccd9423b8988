//! What a worker measures of itself: time from the first start to the last end, processor time in between, memory at most.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Instant;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

/// Is what is written at the end.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Report {
    /// How many jobs there were.
    pub n: u64,
    /// From the first start to the last end.
    pub wall_s: f64,
    /// The processor time of the process in between, its own and the system's.
    pub cpu_s: f64,
    /// The most memory that the process ever had, in KiB.
    pub hwm_kb: u64,
    /// How long each job waited, in the order in which they were started.
    pub lat_ms: Vec<f64>,
}

/// Is a moment of the process.
type Moment = (Instant, anyhow::Result<f64>);

/// Counts the jobs, and looks at the process when the first one starts and when the last one ends.
pub(super) struct Gauge {
    jobs: u64,
    ended: AtomicU64,
    first: OnceLock<Moment>,
    last: OnceLock<Moment>,
    done: Notify,
    waits: Mutex<Vec<f64>>,
}

impl Gauge {
    /// Waits for so many jobs.
    pub(super) fn new(jobs: u64) -> Self {
        let (first, last) = (OnceLock::new(), OnceLock::new());
        Self { jobs, ended: AtomicU64::new(0), first, last, done: Notify::new(), waits: Mutex::default() }
    }

    /// Notes that a job starts.
    pub(super) fn start(&self) {
        self.first.get_or_init(moment);
    }

    /// Notes how long a job has waited.
    pub(super) fn waited(&self, ms: f64) {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).push(ms);
    }

    /// Notes that a job ends.
    pub(super) fn end(&self) {
        if self.ended.fetch_add(1, Ordering::AcqRel) + 1 == self.jobs {
            self.last.get_or_init(moment);
            self.done.notify_one();
        }
    }

    /// Returns how many jobs have ended.
    pub(super) fn ended(&self) -> u64 {
        self.ended.load(Ordering::Acquire)
    }

    /// Waits for the last end, for one caller.
    pub(super) async fn report(&self) -> anyhow::Result<Report> {
        self.done.notified().await;
        let (Some((first, cpu)), Some((last, last_cpu))) = (self.first.get(), self.last.get()) else {
            anyhow::bail!("the last job ended before the first one began");
        };
        let processor = |cpu: &anyhow::Result<f64>| cpu.as_ref().copied().map_err(|error| anyhow::anyhow!("{error:#}"));
        Ok(Report {
            n: self.jobs,
            wall_s: last.duration_since(*first).as_secs_f64(),
            cpu_s: processor(last_cpu)? - processor(cpu)?,
            hwm_kb: most_memory_kb()?,
            lat_ms: std::mem::take(&mut self.waits.lock().unwrap_or_else(PoisonError::into_inner)),
        })
    }
}

impl Report {
    /// Writes it under its name only when it is whole: somebody waits for the file.
    pub(super) fn write(&self, out: &Path) -> anyhow::Result<()> {
        let mut beside = out.as_os_str().to_owned();
        beside.push(".part");
        let written = fs::write(&beside, serde_json::to_string(self)?).and_then(|()| fs::rename(&beside, out));
        written.with_context(|| format!("BENCH_OUT={} cannot be written", out.display()))
    }
}

fn moment() -> Moment {
    (Instant::now(), processor_s())
}

/// Linux counts processor time in these, whatever the kernel ticks in.
const TICKS_A_SECOND: f64 = 100.0;

/// Returns the processor time that the process has used so far.
fn processor_s() -> anyhow::Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat").context(NEEDED)?;
    // What comes before is the program's name, in which there may be anything.
    let (_, after) = stat.rsplit_once(')').context(NEEDED)?;
    let ticks: Vec<f64> = after.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse().ok()).collect();
    anyhow::ensure!(ticks.len() == 2, NEEDED);
    Ok(ticks.iter().sum::<f64>() / TICKS_A_SECOND)
}

fn most_memory_kb() -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context(NEEDED)?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context(NEEDED)?;
    line.trim().trim_end_matches(" kB").parse().context(NEEDED)
}

/// What the figures of a process need.
const NEEDED: &str = "the processor time and the memory of a process are read from Linux's /proc";

#[cfg(test)]
mod tests {
    use super::{Gauge, most_memory_kb};

    #[tokio::test]
    async fn a_report_comes_with_the_last_end() {
        let gauge = Gauge::new(2);
        gauge.start();
        gauge.waited(1.5);
        gauge.end();
        gauge.start();
        gauge.end();
        let report = gauge.report().await.expect("a report");
        assert_eq!((report.n, gauge.ended()), (2, 2));
        assert!(report.wall_s >= 0.0 && report.cpu_s >= 0.0, "{report:?}");
        assert!(report.hwm_kb > 1_000 && report.hwm_kb <= most_memory_kb().expect("memory"), "{report:?}");
        assert_eq!(report.lat_ms, [1.5]);
    }
}

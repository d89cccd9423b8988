//! The jobs of the bench, and what they may touch. They take the way of every job: pushed, claimed under a lease,
//! decoded, performed in a task of their own within a time-out, finished.

use std::sync::Arc;

use anyhow::Context;
use queue::clock::{Clock, SystemClock};
use queue::{Engine, Job, JobError, Lane, Options, Queue};
use serde::{Deserialize, Serialize};

use super::gauge::Gauge;
use super::http::Http;

/// Everything that a job of the bench may touch.
#[derive(Clone)]
pub(super) struct Bench {
    pub(super) gauge: Arc<Gauge>,
    pub(super) http: Http,
    /// What is asked, whatever a job says.
    pub(super) url: Option<Arc<str>>,
}

/// Begins a worker that knows these jobs.
pub(super) fn engine(queue: Queue, bench: Bench, at_once: usize) -> Engine<Bench> {
    let options = Options { lanes: vec![(Lane::Default, at_once)], ..Options::default() };
    Engine::new(queue, bench).register::<Noop>().register::<Io>().register::<Latency>().options(options)
}

/// Does nothing.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Noop {
    pub(super) number: u64,
}

impl Job for Noop {
    type Context = Bench;
    const NAME: &'static str = "bench_noop";

    async fn perform(&self, bench: &Bench) -> Result<(), JobError> {
        bench.gauge.start();
        bench.gauge.end();
        Ok(())
    }
}

/// Asks an address and parses the answer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Io {
    pub(super) url: Option<String>,
}

impl Job for Io {
    type Context = Bench;
    const NAME: &'static str = "bench_io";

    async fn perform(&self, bench: &Bench) -> Result<(), JobError> {
        let url = bench.url.as_deref().or(self.url.as_deref());
        let url = url.context("BENCH_HTTP is set neither here nor at the producer").map_err(JobError::dead)?;
        bench.gauge.start();
        bench.http.parse(url).await.map_err(JobError::retry)?;
        bench.gauge.end();
        Ok(())
    }
}

/// Says how long it has waited.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Latency {
    /// Since when it has, by the system's clock: when it was pushed, or is due.
    pub(super) since_ns: i64,
}

impl Job for Latency {
    type Context = Bench;
    const NAME: &'static str = "bench_latency";

    async fn perform(&self, bench: &Bench) -> Result<(), JobError> {
        bench.gauge.start();
        #[expect(clippy::cast_precision_loss, reason = "of a wait, not of a time")]
        bench.gauge.waited((now_ns() - self.since_ns) as f64 / 1e6);
        bench.gauge.end();
        Ok(())
    }
}

/// Returns the system's time: the one clock that two processes share.
pub(super) fn now_ns() -> i64 {
    SystemClock.now().timestamp_nanos_opt().unwrap_or_default()
}

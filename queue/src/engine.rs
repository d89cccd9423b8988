//! The worker: what it knows, its start, its stop.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::{
    job::Job,
    options::Options,
    queue::{Queue, new_job},
    registry::{Kind, Registry},
    schedule::Schedule,
};

/// Performs the jobs of a queue.
pub struct Engine<C> {
    queue: Queue,
    ctx: C,
    registry: Registry<C>,
    schedules: Vec<Schedule>,
    options: Options,
    problems: Vec<String>,
}

impl<C: Clone + Send + Sync + 'static> Engine<C> {
    /// Begins a worker that knows no job yet.
    pub fn new(queue: Queue, ctx: C) -> Self {
        let (registry, schedules, problems) = (Registry::new(), Vec::new(), Vec::new());
        Self { queue, ctx, registry, schedules, options: Options::default(), problems }
    }

    /// Teaches it a job.
    #[must_use]
    pub fn register<J: Job<Context = C>>(mut self) -> Self {
        if self.registry.insert(J::NAME, Kind::of::<J>()).is_some() {
            self.problems.push(format!("two jobs are named `{}`", J::NAME));
        }
        self
    }

    /// Pushes a job at each tick of a cron expression with seconds, on the domain clock in UTC: once per cluster, missed ticks as one.
    #[must_use]
    pub fn schedule<J: Job<Context = C>>(mut self, name: &str, cron: &str, job: &J) -> Self {
        if self.schedules.iter().any(|schedule| schedule.name == name) {
            self.problems.push(format!("two schedules are named `{name}`"));
        }
        match (cron.parse(), new_job(job)) {
            (Ok(cron), Ok(job)) => self.schedules.push(Schedule { name: name.to_owned(), cron, job }),
            (Err(error), _) => self.problems.push(format!("the schedule `{name}` cannot be read: {error}")),
            (_, Err(error)) => self.problems.push(format!("the schedule `{name}`: {error}")),
        }
        self
    }

    /// Replaces the options.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Works until `shutdown`, then lets running jobs end within the grace and hands back the rest.
    pub async fn run(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let _ = (Arc::new(self.ctx), self.queue, self.options);
        shutdown.cancelled().await;
        anyhow::bail!("not built yet")
    }

    /// Works until nothing runs and nothing is due, for tests.
    pub async fn drain(&self) -> anyhow::Result<()> {
        anyhow::bail!("not built yet")
    }
}

//! The worker: what it knows, its start, its stop.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    backend, heartbeat,
    job::Job,
    meter::Meters,
    options::Options,
    outage::Outage,
    pump::Pump,
    queue::{Queue, new_job},
    reaper,
    registry::{Kind, Registry},
    run::Performer,
    schedule::{self, Schedule},
    slots::Worker,
};

/// How long a stopping worker tries to hand back what it holds; what it cannot returns when the lease runs out.
const HAND_BACK: Duration = Duration::from_secs(3);

/// How long the tasks of a stopped worker may take to end; a handler that never yields is left behind.
const LETTING_GO: Duration = Duration::from_secs(1);

/// How often at least the store's offset is compared with the clock's: an operator may have deleted it.
const OFFSET: Duration = Duration::from_secs(15);

/// The longest pause between two looks at the queue while draining; each turn is followed by one as well.
const LOOK: Duration = Duration::from_millis(20);

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

    /// Pushes a job at each tick of a cron expression with seconds, on the domain's clock in UTC: once per cluster, missed
    /// ticks as one.
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

    /// Works until `shutdown`, then lets running jobs end within the grace, and hands back the rest with nothing burnt.
    pub async fn run(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let worker = self.worker()?;
        self.work(worker, shutdown.cancelled()).await
    }

    /// Works until nothing runs and nothing is due, then stops: for tests.
    pub async fn drain(&self) -> anyhow::Result<()> {
        self.queue.impose_clock().await?;
        let worker = self.worker()?;
        self.work(worker.clone(), until_idle(&worker)).await
    }

    /// Checks what it was taught, and begins a start of the worker.
    fn worker(&self) -> anyhow::Result<Arc<Worker>> {
        let mut problems = self.problems.clone();
        problems.extend(self.options.problems());
        if !problems.is_empty() {
            bail!("the worker cannot start: {}", problems.join("; "));
        }
        Ok(Arc::new(Worker::new(self.queue.clone(), &self.options)))
    }

    async fn work(&self, worker: Arc<Worker>, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
        let meters = Arc::new(Meters::of(self.registry.keys().copied()));
        let performer = Arc::new(Performer {
            registry: self.registry.clone(),
            ctx: self.ctx.clone(),
            queue: self.queue.clone(),
            meters: meters.clone(),
        });
        self.queue.begin(worker.lanes.iter().map(|slots| slots.lane));
        let (mut contexts, mut apalis, mut pumps, mut aside) = (vec![], JoinSet::new(), JoinSet::new(), JoinSet::new());
        for slots in &worker.lanes {
            let (sender, claims) = mpsc::unbounded_channel();
            let (context, run) = backend::start(worker.clone(), slots.clone(), claims, performer.clone());
            contexts.push(context);
            apalis.spawn(run);
            for index in 0..self.queue.store().pumps() {
                pumps.spawn(Pump::new(worker.clone(), slots.clone(), sender.clone(), index).run());
            }
        }
        aside.spawn(heartbeat::run(worker.clone()));
        aside.spawn(reaper::run(worker.clone(), meters, self.options.retention));
        aside.spawn(follow_clock(self.queue.clone(), OFFSET.min(self.options.lease / 2)));
        let _ticks = Ticks::start(&self.queue, &self.schedules, &mut aside);

        let result = tokio::select! {
            () = shutdown => Ok(()),
            // None of these ends by itself; if one does, the process had better start anew.
            ended = apalis.join_next() => match ended {
                Some(Ok(Err(error))) => Err(error.context("apalis' worker ended")),
                ended => bail_out(&format!("apalis' worker ended: {ended:?}")),
            },
            ended = pumps.join_next() => match ended {
                Some(Ok(Err(error))) => Err(error.into()),
                ended => bail_out(&format!("a pump ended: {ended:?}")),
            },
            ended = aside.join_next() => bail_out(&format!("a task of the worker ended: {ended:?}")),
        };

        worker.closing.cancel();
        if timeout(self.options.grace, all(&mut pumps)).await.is_err() {
            worker.stopping.cancel();
            if timeout(HAND_BACK, all(&mut pumps)).await.is_err() {
                tracing::error!("some jobs could not be handed back: they return when their leases run out");
            }
        }
        worker.leaving.cancel();
        for context in &contexts {
            // A worker that has not been polled yet cannot be stopped; it has nothing to do either.
            if context.stop().is_err() {
                apalis.abort_all();
            }
        }
        let _ = timeout(LETTING_GO, async {
            all(&mut apalis).await;
            // Not only aborted but gone, so that whoever waits for the end finds the store let go.
            tokio::join!(pumps.shutdown(), aside.shutdown());
        })
        .await;
        result
    }
}

fn bail_out(what: &str) -> anyhow::Result<()> {
    bail!("{what}")
}

async fn all<T: 'static>(tasks: &mut JoinSet<T>) {
    while tasks.join_next().await.is_some() {}
}

/// Completes when nothing runs and nothing is due.
async fn until_idle(worker: &Worker) {
    while !worker.queue.is_idle().await.unwrap_or(false) {
        tokio::select! {
            () = worker.turned.notified() => {}
            () = sleep(LOOK) => {}
        }
    }
}

/// Keeps the store's offset that of the clock: a jump wakes every sleeper.
async fn follow_clock(queue: Queue, at_least: Duration) {
    let (mut jumps, mut outage) = (queue.clock().jumps(), Outage::default());
    loop {
        while let Err(error) = queue.impose_clock().await.context("the store does not know the clock") {
            if outage.begins() {
                tracing::warn!(error = format!("{error:#}"), "the store is asked again");
            }
            sleep(Duration::from_millis(500)).await;
        }
        outage.ends();
        let _ = timeout(at_least, jumps.next()).await;
    }
}

/// Runs the timetable while it lives; afterwards no tick of it is waited for.
struct Ticks(Queue);

impl Ticks {
    fn start(queue: &Queue, schedules: &[Schedule], tasks: &mut JoinSet<()>) -> Self {
        if !schedules.is_empty() {
            // Behind until the first look.
            queue.set_next_tick(i64::MIN);
            tasks.spawn(schedule::run(queue.clone(), schedules.to_vec()));
        }
        Self(queue.clone())
    }
}

impl Drop for Ticks {
    fn drop(&mut self) {
        self.0.set_next_tick(i64::MAX);
    }
}

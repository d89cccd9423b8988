//! One claimed job to its ending: decode, perform within the time-out, decide, and let `on_dead` speak before a burial.
//! Whatever a job does, panic included, ends that attempt and nothing else.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use anyhow::anyhow;
use futures_util::{FutureExt, future::BoxFuture};
use tokio::time::{Instant, timeout};
use tracing::Instrument;

use crate::{
    error::JobError,
    meter::Meters,
    outcome::{Attempt, Death, Outcome, decide},
    queue::Queue,
    random,
    registry::{Kind, Registry, Work},
    retry,
    store::{Claimed, Dying, Ending},
    trace,
};

/// How often in a row a job may be claimed where nobody knows it, for another worker may, in the middle of a deploy:
/// about half a day.
const UNKNOWN: u32 = 20;

/// Failures of `on_dead` after which the job is buried without it: about two days.
const ON_DEAD_TRIES: u32 = 50;

tokio::task_local! {
    static ATTEMPT: u32;
}

/// Returns the running number of the attempt that asks, from 1, for a job that records it; 0 outside of a job.
pub fn attempt() -> u32 {
    ATTEMPT.try_with(|number| *number).unwrap_or_default()
}

/// Performs what it knows, on a context.
pub(crate) struct Performer<C> {
    pub(crate) registry: Registry<C>,
    pub(crate) ctx: C,
    pub(crate) queue: Queue,
    pub(crate) meters: Arc<Meters>,
}

impl<C: Send + Sync + 'static> Performer<C> {
    /// Takes one job to its ending, which began its wait for a slot here at `since`.
    pub(crate) async fn run(&self, claimed: &Claimed, since: Instant) -> Ending {
        let (name, id, attempt) = (&claimed.name, &claimed.held.id, claimed.attempts + 1);
        let span = tracing::info_span!("job", job.name = name, job.id = id, job.attempt = attempt);
        if let Some(trace) = &claimed.trace {
            trace::follow(&span, trace);
        }
        // A dying job makes no attempt any more: its last one is what there was.
        let number = if claimed.dying.is_some() { claimed.attempts } else { attempt };
        let (meter, start) = (self.meters.job(name), Instant::now());
        meter.started(claimed.late + (start - since));
        let ending = ATTEMPT.scope(number, self.run_in_span(claimed)).instrument(span).await;
        meter.ended(start.elapsed(), &ending);
        ending
    }

    async fn run_in_span(&self, claimed: &Claimed) -> Ending {
        let Some(kind) = self.registry.get(claimed.name.as_str()) else { return unknown(claimed) };
        let work = match decode(kind, &claimed.payload) {
            Ok(work) => work,
            Err(error) => {
                tracing::error!(error, "dead without on_dead: the payload cannot be read");
                return Ending::Dead { attempts: claimed.attempts, death: Death::Undecodable(error) };
            }
        };
        match &claimed.dying {
            Some(dying) => self.mourn(kind, work.as_ref(), claimed.attempts, dying.clone()).await,
            None => self.attempt(kind, work.as_ref(), claimed).await,
        }
    }

    async fn attempt(&self, kind: &Kind<C>, work: &dyn Work<C>, claimed: &Claimed) -> Ending {
        self.queue.catch_up().await;
        let result = bounded(kind.timeout, || work.perform(&self.ctx)).await;
        let attempt = Attempt {
            number: claimed.attempts + 1,
            most: kind.attempts,
            age: claimed.age,
            max_age: kind.max_age,
            now: self.queue.clock().now(),
            // Chance is asked of the system: only where it counts.
            jitter: result.as_ref().map_or_else(|_| random::jitter(), |()| 0.0),
        };
        let (outcome, attempts) = decide(&attempt, &result);
        let class = result.as_ref().err().map(JobError::class).unwrap_or_default();
        let error = result.err().map(|error| error.to_string()).unwrap_or_default();
        match outcome {
            Outcome::Done => {
                tracing::debug!("done");
                Ending::Done
            }
            Outcome::RetryAt(at) => {
                let delay = (at - attempt.now).to_std().unwrap_or_default();
                self.meters.job(&claimed.name).retried(class);
                tracing::warn!(error, class, delay_ms = delay.as_millis(), "failed: it is tried again");
                Ending::Again { delay, attempts, dying: None }
            }
            Outcome::Dead(death) => {
                tracing::error!(error, "dead");
                self.mourn(kind, work, attempts, Dying { death, tries: 0 }).await
            }
        }
    }

    /// Runs `on_dead`; the job is buried when it has succeeded.
    async fn mourn(&self, kind: &Kind<C>, work: &dyn Work<C>, attempts: u32, dying: Dying) -> Ending {
        let Dying { death, tries } = dying;
        match bounded(kind.timeout, || work.on_dead(&self.ctx, &death)).await {
            Ok(()) => Ending::Dead { attempts, death },
            Err(error) if tries + 1 >= ON_DEAD_TRIES => {
                tracing::error!(error = %error, tries = tries + 1, "buried without on_dead: it fails again and again");
                Ending::Dead { attempts, death }
            }
            Err(error) => {
                let tries = tries + 1;
                tracing::error!(error = %error, tries, "on_dead failed: it is tried again");
                let delay = retry::delay(tries, random::jitter());
                Ending::Again { delay, attempts, dying: Some(Dying { death, tries }) }
            }
        }
    }
}

fn unknown(claimed: &Claimed) -> Ending {
    let times = claimed.unknown + 1;
    if times < UNKNOWN {
        tracing::warn!(times, "this worker does not know the job: it is left to another");
        return Ending::Unknown { delay: retry::delay(times, random::jitter()) };
    }
    tracing::error!(times, "dead without on_dead: no worker knows the job");
    let death = claimed.dying.clone().map_or_else(|| Death::Unknown(claimed.name.clone()), |dying| dying.death);
    Ending::Dead { attempts: claimed.attempts, death }
}

fn decode<C>(kind: &Kind<C>, payload: &str) -> Result<Box<dyn Work<C>>, String> {
    match catch_unwind(|| (kind.decode)(payload)) {
        Ok(decoded) => decoded.map_err(|error| error.to_string()),
        Err(panic) => Err(said(panic.as_ref())),
    }
}

/// Runs what a job does: a time-out and a panic are failures like any other.
async fn bounded<'a>(
    limit: Duration,
    begin: impl FnOnce() -> BoxFuture<'a, Result<(), JobError>> + Send,
) -> Result<(), JobError> {
    let work = AssertUnwindSafe(async { begin().await }).catch_unwind();
    match timeout(limit, work).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(JobError::retry(anyhow!("{}", said(panic.as_ref()))).of_class("panicked")),
        Err(_) => Err(JobError::retry(anyhow!("timed out after {} s", limit.as_secs_f32())).of_class("timed_out")),
    }
}

fn said(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panicked: {}", words.unwrap_or("without words"))
}

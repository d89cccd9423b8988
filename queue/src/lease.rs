//! A job under its lease: it waits for a slot, runs while the lease lasts by our own monotonic clock, and whatever happens
//! to it, its place is freed and the store hears of it once.

use std::{
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
};

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::{
    meter,
    slots::{Slots, Worker},
    store::{Claimed, Ending},
};

/// Is a claim as this process holds it.
pub(crate) struct Lease {
    pub(crate) claimed: Claimed,
    /// When the claim arrived here.
    pub(crate) since: Instant,
    until: Mutex<Instant>,
    lost: CancellationToken,
}

impl Lease {
    pub(crate) fn new(claimed: Claimed, until: Instant) -> Self {
        Self { claimed, since: Instant::now(), until: Mutex::new(until), lost: CancellationToken::new() }
    }

    /// Prolongs it; `until` was reckoned before the store was asked, so that it never outlasts the store's.
    pub(crate) fn prolong(&self, until: Instant) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    /// Notes that the store has given the job to another.
    pub(crate) fn lose(&self) {
        self.lost.cancel();
    }

    fn until(&self) -> Instant {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.lost.is_cancelled() || Instant::now() >= self.until()
    }
}

/// Runs a claimed job to its ending. Dropped or told to stop before, it hands the job back with nothing burnt.
pub(crate) async fn keep<F>(worker: Arc<Worker>, slots: Arc<Slots>, lease: Arc<Lease>, job: F)
where
    F: Future<Output = Ending> + Send,
{
    let place = Place { worker: &worker, slots: &slots, lease: &lease, ended: false };
    let permit = tokio::select! {
        biased;
        () = worker.closing.cancelled() => return,
        permit = while_held(&lease, slots.running.acquire()) => permit,
    };
    let Some(permit) = permit else { return place.lose() };
    let ending = tokio::select! {
        biased;
        () = worker.stopping.cancelled() => return,
        ending = while_held(&lease, job) => ending,
    };
    drop(permit);
    match ending {
        Some(ending) => place.end(ending),
        None => place.lose(),
    }
}

/// Polls a future for as long as the lease lasts. The clock is read before each poll, for a process that was stopped
/// and goes on must not go on with a job that is not its own any more.
async fn while_held<F: Future>(lease: &Lease, future: F) -> Option<F::Output> {
    let (mut future, mut lost, mut over) =
        (pin!(future), pin!(lease.lost.cancelled()), pin!(sleep_until(lease.until())));
    std::future::poll_fn(|cx| {
        if lease.is_over() || lost.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        while over.as_mut().poll(cx).is_ready() {
            if lease.is_over() {
                return Poll::Ready(None);
            }
            over.as_mut().reset(lease.until());
        }
        future.as_mut().poll(cx).map(Some)
    })
    .await
}

/// Is the place of a claimed job in its lane.
struct Place<'a> {
    worker: &'a Worker,
    slots: &'a Slots,
    lease: &'a Lease,
    ended: bool,
}

impl Place<'_> {
    fn end(mut self, ending: Ending) {
        self.ended = true;
        self.slots.end(self.lease.claimed.held.clone(), ending);
    }

    /// Says nothing to the store: the reaper takes the job back, as a crash, for a job may well be what stalled us.
    fn lose(mut self) {
        self.ended = true;
        let claimed = &self.lease.claimed;
        meter::lost_lease();
        tracing::warn!(job.name = claimed.name, job.id = claimed.held.id, "the lease is over: the job is stopped here");
        self.worker.release(&claimed.held);
        self.slots.vacate();
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.slots.end(self.lease.claimed.held.clone(), Ending::HandBack);
        }
    }
}

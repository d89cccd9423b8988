//! The pump of a lane: tells the store what has ended and claims what is due, in one call. A store that does not answer
//! is asked again for ever, with the same turn, so that no ending is forgotten and no claim lost.
//!
//! Where the store takes several turns at once, a helper takes those that fall due while the pump waits for an answer, so
//! that the store works while jobs do. It waits for no work of its own: whenever it has taken a turn, the pump takes one.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{
    sync::{mpsc::UnboundedSender, watch},
    task::yield_now,
    time::{Instant, sleep},
};

use crate::{
    lease::Lease,
    meter, random,
    slots::{Slots, Worker},
    store::{Finished, StoreError, Turn, Turned},
};

/// How long an ending waits for others at most.
const GATHER: Duration = Duration::from_millis(4);

/// The wait after a first failure, and the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(500));

/// Moves jobs between the store and one lane.
pub(crate) struct Pump {
    worker: Arc<Worker>,
    slots: Arc<Slots>,
    claims: UnboundedSender<Arc<Lease>>,
    wakes: watch::Receiver<u64>,
    /// Unique among all pumps, those of earlier starts too.
    name: String,
    helper: bool,
    number: u64,
    /// When the store answered last.
    answered: Instant,
}

impl Pump {
    /// Begins the pump of a lane, the one with index 0, or a helper of it.
    pub(crate) fn new(
        worker: Arc<Worker>,
        slots: Arc<Slots>,
        claims: UnboundedSender<Arc<Lease>>,
        index: usize,
    ) -> Self {
        let wakes = worker.queue.store().wakes(slots.lane);
        let name = format!("{}-{index}", worker.id);
        Self { worker, slots, claims, wakes, name, helper: index > 0, number: 0, answered: Instant::now() }
    }

    /// Works until the worker is closing and the store has heard of every claimed job's ending.
    /// Fails only if the store says that this process may not claim at all.
    pub(crate) async fn run(mut self) -> Result<(), StoreError> {
        loop {
            self.gather().await;
            // Before the store is asked, so that what comes in meanwhile is not slept over.
            self.wakes.borrow_and_update();
            let closing = self.worker.closing.is_cancelled();
            let finished = self.slots.take_ended();
            let want = if closing || (self.helper && finished.is_empty()) { 0 } else { self.slots.reserve() };
            if want == 0 && finished.is_empty() {
                if self.worker.leaving.is_cancelled() || (closing && self.slots.is_empty()) {
                    // Another pump of the lane may wait for no more than this.
                    self.slots.news.notify_one();
                    return Ok(());
                }
                let fresh = self.worker.rest.saturating_sub(self.answered.elapsed());
                if self.helper || !fresh.is_zero() {
                    self.rest(closing, false, fresh).await;
                    continue;
                }
                // Nothing to say and nothing to ask for, but whether the store answers.
            }
            let Some(turned) = self.turn(finished, want).await? else { return Ok(()) };
            if self.helper && turned.claimed < want {
                // The pump may have found no place free while this turn held them, and then it hears of no work.
                self.slots.news.notify_one();
            }
            // Too few claimed means that the lane is empty for now.
            if want > 0 && turned.claimed < want && !self.helper {
                let longest = self.worker.rest;
                self.rest(closing, true, turned.next_due.map_or(longest, |due| due.min(longest))).await;
            }
        }
    }

    /// Lets endings come together: while every slot has work at hand, a turn for each would cost more than it brings.
    async fn gather(&self) {
        // Whoever is ready ends first.
        yield_now().await;
        if self.helper {
            // What ends is told to the pump alone.
            return;
        }
        let scarce = async {
            while self.slots.is_supplied() {
                self.slots.news.notified().await;
            }
        };
        tokio::select! {
            () = scarce => {}
            () = sleep(GATHER) => {}
            () = self.worker.closing.cancelled() => {}
        }
    }

    /// Waits for news, and, if there are free places, for work; the pump for no longer than it is told.
    async fn rest(&mut self, closing: bool, work: bool, longest: Duration) {
        tokio::select! {
            () = self.slots.news.notified(), if closing || !self.helper => {}
            () = self.slots.relief.notified(), if self.helper => {}
            // Unless the loop knows of it already; it may have come during the turn.
            () = self.worker.closing.cancelled(), if !closing => {}
            () = self.worker.leaving.cancelled() => {}
            _ = self.wakes.changed(), if work => {}
            () = sleep(longest), if !self.helper => {}
        }
    }

    /// Takes one turn, however long it takes; `None` if the worker gives up before the store has answered.
    async fn turn(&mut self, finished: Vec<Finished>, want: usize) -> Result<Option<Gain>, StoreError> {
        self.number += 1;
        let suspect = want > 0 && self.worker.take_suspect(&self.slots);
        let turn = Turn {
            worker: self.name.clone(),
            lane: self.slots.lane,
            number: self.number,
            finished,
            want,
            suspect,
            lease: self.worker.lease,
        };
        self.asking(true);
        let asked = self.ask(&turn).await;
        self.asking(false);
        let Some((turned, until)) = asked? else { return Ok(None) };
        self.answered = Instant::now();
        self.worker.queue.turned(self.slots.lane);
        for (finished, applied) in turn.finished.iter().zip(&turned.applied) {
            if !applied {
                meter::lost_lease();
                tracing::warn!(job.id = finished.held.id, "the ending of a job came too late: its lease was over");
            }
            self.worker.release(&finished.held);
        }
        if suspect && !turned.claimed.iter().any(|claimed| claimed.suspect) {
            self.worker.release_suspect();
        }
        let gain = Gain { claimed: turned.claimed.len(), next_due: turned.next_due };
        self.slots.claim(want, gain.claimed);
        for claimed in turned.claimed {
            let lease = Arc::new(Lease::new(claimed, until));
            self.worker.hold(&lease);
            // The receiver lives until every pump has ended.
            let _ = self.claims.send(lease);
        }
        self.worker.turned.notify_one();
        Ok(Some(gain))
    }

    fn asking(&self, asking: bool) {
        if !self.helper {
            self.slots.asking.store(asking, Ordering::SeqCst);
        }
    }

    /// Asks the store until it answers; returns the answer and until when its claims are ours for sure. A stop with
    /// nothing owed to the store asks once more, for a lost answer may have brought claims, and gives up.
    async fn ask(&self, turn: &Turn) -> Result<Option<(Turned, Instant)>, StoreError> {
        let (mut wait, mut failures) = (BACK_OFF.0, 0u32);
        loop {
            let (asked, closing) = (Instant::now(), self.worker.closing.is_cancelled());
            match self.worker.queue.store().turn(turn).await {
                Ok(turned) => {
                    if failures > 0 {
                        meter::reconnected(turn.lane);
                        tracing::info!(lane = %turn.lane, failures, "the store answers again");
                    }
                    return Ok(Some((turned, asked + self.worker.lease)));
                }
                Err(error @ StoreError::Owned(_)) => return Err(error),
                Err(error) => {
                    if failures == 0 {
                        tracing::warn!(lane = %turn.lane, error = %error, "no turn: the store is asked again");
                    }
                    failures += 1;
                    meter::unanswered(turn.lane);
                }
            }
            if closing && turn.finished.is_empty() && self.slots.is_empty() {
                return Ok(None);
            }
            tokio::select! {
                () = self.worker.closing.cancelled(), if !closing => {}
                () = sleep(wait.mul_f64(0.5 + random::jitter() / 2.0)) => {}
                () = self.worker.leaving.cancelled() => return Ok(None),
            }
            wait = (wait * 2).min(BACK_OFF.1);
        }
    }
}

/// Is what a turn brought.
struct Gain {
    claimed: usize,
    next_due: Option<Duration>,
}

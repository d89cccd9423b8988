//! What a running worker holds: the leases, the slots of each lane, and the signals of its stop.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::{
    lane::Lane,
    lease::Lease,
    options::Options,
    queue::Queue,
    random,
    store::{BATCH, Ending, Finished, Held},
};

/// Is one start of a worker; what its tasks share.
pub(crate) struct Worker {
    /// Unique per start.
    pub(crate) id: String,
    pub(crate) queue: Queue,
    pub(crate) lease: Duration,
    /// How long a lane asks nothing of the store at most.
    pub(crate) rest: Duration,
    pub(crate) lanes: Vec<Arc<Slots>>,
    /// Claim no more, start no more.
    pub(crate) closing: CancellationToken,
    /// Stop what runs, and hand it back.
    pub(crate) stopping: CancellationToken,
    /// Wait for the store no longer.
    pub(crate) leaving: CancellationToken,
    /// Ticks with each answered turn.
    pub(crate) turned: Notify,
    held: Mutex<HashMap<Held, Arc<Lease>>>,
    /// Taken while a job on its last chance is held: at most one at a time.
    suspect: AtomicBool,
}

impl Worker {
    pub(crate) fn new(queue: Queue, options: &Options) -> Self {
        let signal = CancellationToken::new;
        Self {
            id: random::id(),
            queue,
            lease: options.lease,
            rest: options.rest,
            lanes: options.lanes.iter().map(|(lane, slots)| Arc::new(Slots::new(*lane, *slots))).collect(),
            closing: signal(),
            stopping: signal(),
            leaving: signal(),
            turned: Notify::new(),
            held: Mutex::default(),
            suspect: AtomicBool::new(false),
        }
    }

    /// Returns every lease that is held, or whose ending the store has not heard of yet.
    pub(crate) fn leases(&self) -> Vec<Arc<Lease>> {
        locked(&self.held).values().cloned().collect()
    }

    pub(crate) fn hold(&self, lease: &Arc<Lease>) {
        locked(&self.held).insert(lease.claimed.held.clone(), lease.clone());
    }

    /// Lets go of a lease: the store has heard of its ending, or has given it to another.
    pub(crate) fn release(&self, held: &Held) {
        let lease = locked(&self.held).remove(held);
        if lease.is_some_and(|lease| lease.claimed.suspect) {
            self.release_suspect();
        }
    }

    /// Takes the place of the suspect for a lane's turn; if it is taken, the lane is told when it is free.
    pub(crate) fn take_suspect(&self, slots: &Slots) -> bool {
        slots.missed_suspect.store(true, Ordering::SeqCst);
        let taken = self.suspect.compare_exchange(false, true, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        if taken {
            slots.missed_suspect.store(false, Ordering::SeqCst);
        }
        taken
    }

    pub(crate) fn release_suspect(&self) {
        self.suspect.store(false, Ordering::SeqCst);
        for slots in self.lanes.iter().filter(|slots| slots.missed_suspect.swap(false, Ordering::SeqCst)) {
            slots.news.notify_one();
        }
    }
}

/// Is the capacity of one lane, and what has ended there.
pub(crate) struct Slots {
    pub(crate) lane: Lane,
    /// A permit is the right to run.
    pub(crate) running: Semaphore,
    /// Tells the pump that something has ended.
    pub(crate) news: Notify,
    /// Tells the pump's helper, if there is one, that something has ended while the pump was asking the store.
    pub(crate) relief: Notify,
    /// Whether the pump is asking the store.
    pub(crate) asking: AtomicBool,
    /// Jobs that run at once.
    at_once: usize,
    capacity: usize,
    /// Places that are claimed, or that a turn under way may claim.
    taken: AtomicUsize,
    claimed: AtomicUsize,
    ended: Mutex<Vec<Finished>>,
    missed_suspect: AtomicBool,
}

impl Slots {
    fn new(lane: Lane, slots: usize) -> Self {
        // A tenth more than can run is leased ahead, so that a slot that becomes free need not wait for the store. A kill
        // charges these a crash too (docs/decisions/0007).
        let capacity = slots + (slots / 10).max(2);
        Self {
            lane,
            running: Semaphore::new(slots),
            news: Notify::new(),
            relief: Notify::new(),
            asking: AtomicBool::new(false),
            at_once: slots,
            capacity,
            taken: AtomicUsize::new(0),
            claimed: AtomicUsize::new(0),
            ended: Mutex::default(),
            missed_suspect: AtomicBool::new(false),
        }
    }

    /// Takes the places that are free, and returns how many jobs may be claimed for them.
    pub(crate) fn reserve(&self) -> usize {
        let free = |taken: usize| self.capacity.saturating_sub(taken).min(BATCH);
        let taken = self.taken.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |taken| Some(taken + free(taken)));
        taken.map_or(0, free)
    }

    /// Fills places that were taken with what was claimed, and frees the others.
    pub(crate) fn claim(&self, reserved: usize, jobs: usize) {
        self.claimed.fetch_add(jobs, Ordering::SeqCst);
        self.taken.fetch_sub(reserved - jobs.min(reserved), Ordering::SeqCst);
    }

    /// Notes an ending for the store, and frees the place.
    pub(crate) fn end(&self, held: Held, ending: Ending) {
        locked(&self.ended).push(Finished { held, ending });
        self.vacate();
    }

    /// Frees the place of a job that is no longer ours.
    pub(crate) fn vacate(&self) {
        self.taken.fetch_sub(1, Ordering::SeqCst);
        self.claimed.fetch_sub(1, Ordering::SeqCst);
        self.news.notify_one();
        if self.asking.load(Ordering::SeqCst) {
            self.relief.notify_one();
        }
    }

    /// Returns whether every slot has work at hand for a while, and little has ended: nobody waits for a turn then.
    pub(crate) fn is_supplied(&self) -> bool {
        let ahead = self.claimed.load(Ordering::SeqCst).saturating_sub(self.at_once);
        2 * ahead > self.capacity - self.at_once && 2 * locked(&self.ended).len() < self.at_once
    }

    /// Takes what has ended, as much as one call carries.
    pub(crate) fn take_ended(&self) -> Vec<Finished> {
        let mut ended = locked(&self.ended);
        let taken = ended.len().min(BATCH);
        let rest = ended.split_off(taken);
        std::mem::replace(&mut *ended, rest)
    }

    /// Returns whether nothing is claimed, and the store has been told, or is being told, of all that was.
    pub(crate) fn is_empty(&self) -> bool {
        // In this order: an ending is noted before its place is freed.
        self.claimed.load(Ordering::SeqCst) == 0 && locked(&self.ended).is_empty()
    }
}

/// A panic while one of these locks is held leaves nothing half done.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claims jobs for the places that are free.
    fn claim(slots: &Slots, jobs: usize) {
        slots.claim(slots.reserve(), jobs);
    }

    /// Ends jobs that were claimed.
    fn end(slots: &Slots, jobs: usize) {
        for _ in 0..jobs {
            slots.end(Held { id: random::id(), token: 1 }, Ending::Done);
        }
    }

    #[test]
    fn a_turn_waits_while_there_is_work_at_hand_and_little_has_ended() {
        let slots = Slots::new(Lane::Bulk, 100);
        assert!(!slots.is_supplied(), "idle");
        claim(&slots, 110);
        assert!(slots.is_supplied(), "ten are ahead");
        end(&slots, 4);
        assert!(slots.is_supplied(), "six are ahead");
        end(&slots, 1);
        assert!(!slots.is_supplied(), "half of what is ahead is gone");
        claim(&slots, 5);
        assert!(slots.is_supplied(), "ten again, and five to tell of");
        for _ in 0..9 {
            end(&slots, 5);
            claim(&slots, 5);
        }
        assert!(!slots.is_supplied(), "fifty to tell of");
    }
}

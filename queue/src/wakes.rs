//! Waking the pumps of this process, from memory: what every store does for the process it lives in.

use std::{collections::BTreeSet, sync::Arc};

use tokio::sync::watch::{Receiver, Sender};

use crate::lane::Lane;

/// Counts what may have brought work to each lane.
#[derive(Clone, Default)]
pub(crate) struct Wakes(Arc<[Sender<u64>; 3]>);

impl Wakes {
    pub(crate) fn wake(&self, lane: Lane) {
        self.0[lane as usize].send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(crate) fn wake_all(&self) {
        for lane in Lane::ALL {
            self.wake(lane);
        }
    }

    /// Begins a write that may bring work.
    pub(crate) fn owe(&self) -> Owed<'_> {
        Owed { wakes: self, lanes: BTreeSet::new() }
    }

    pub(crate) fn subscribe(&self, lane: Lane) -> Receiver<u64> {
        self.0[lane as usize].subscribe()
    }
}

/// Wakes lanes when it is dropped: a caller that hangs up during the commit drops the write, and the commit comes about
/// all the same. Made before the file is locked and filled before the commit, it wakes when both are over; if the commit
/// fails, in vain.
pub(crate) struct Owed<'a> {
    wakes: &'a Wakes,
    lanes: BTreeSet<Lane>,
}

impl Owed<'_> {
    /// Wakes nobody after all.
    pub(crate) fn forgive(mut self) {
        self.lanes.clear();
    }
}

impl Extend<Lane> for Owed<'_> {
    fn extend<I: IntoIterator<Item = Lane>>(&mut self, lanes: I) {
        self.lanes.extend(lanes);
    }
}

impl Drop for Owed<'_> {
    fn drop(&mut self) {
        for lane in &self.lanes {
            self.wakes.wake(*lane);
        }
    }
}

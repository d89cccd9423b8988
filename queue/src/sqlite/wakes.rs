//! Waking the pumps of this process, from memory.

use std::sync::Arc;

use tokio::sync::watch::{Receiver, Sender};

use crate::lane::Lane;

/// Counts what may have brought work to each lane.
#[derive(Clone, Default)]
pub(super) struct Wakes(Arc<[Sender<u64>; 3]>);

impl Wakes {
    pub(super) fn wake(&self, lane: Lane) {
        self.0[lane as usize].send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(super) fn wake_all(&self) {
        for lane in Lane::ALL {
            self.wake(lane);
        }
    }

    pub(super) fn subscribe(&self, lane: Lane) -> Receiver<u64> {
        self.0[lane as usize].subscribe()
    }
}

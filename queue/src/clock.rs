//! The domain clock: due times, expiries and schedules read it, and `dev` and tests may move it. Leases, heart-beats and
//! time-outs do not: they run on real time.

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

/// Tells the domain's time.
pub trait Clock: Send + Sync + 'static {
    /// Returns the time of the domain.
    fn now(&self) -> DateTime<Utc>;

    /// Returns how far the domain is ahead of the system's time.
    fn offset(&self) -> TimeDelta;

    /// Returns what tells of the moves from here on.
    fn jumps(&self) -> Jumps;
}

/// Waits for moves of a clock.
#[derive(Debug)]
pub struct Jumps(Option<watch::Receiver<TimeDelta>>);

impl Jumps {
    /// Completes when the clock has been moved since the last call; never on a clock that cannot be moved.
    pub async fn next(&mut self) {
        if let Some(offsets) = &mut self.0
            && offsets.changed().await.is_ok()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}

/// Is the system's own time.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where time enters")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn offset(&self) -> TimeDelta {
        TimeDelta::zero()
    }

    fn jumps(&self) -> Jumps {
        Jumps(None)
    }
}

/// Is the system's time plus an offset that can be moved.
#[derive(Debug)]
pub struct ShiftedClock(watch::Sender<TimeDelta>);

impl ShiftedClock {
    /// Starts `offset` ahead of the system's time.
    pub fn new(offset: TimeDelta) -> Self {
        Self(watch::Sender::new(offset))
    }

    /// Moves the clock by `step`, and wakes who waits for a move.
    pub fn advance(&self, step: TimeDelta) {
        self.0.send_modify(|offset| *offset += step);
    }

    /// Puts the clock `offset` ahead of the system's time, and wakes who waits if that is a move.
    pub fn set(&self, offset: TimeDelta) {
        self.0.send_if_modified(|current| std::mem::replace(current, offset) != offset);
    }

    /// Puts the clock ahead and wakes nobody yet: others, whose clocks follow the same one, may still be about to.
    pub fn set_quietly(&self, offset: TimeDelta) {
        self.0.send_if_modified(|current| {
            *current = offset;
            false
        });
    }

    /// Wakes who waits for a move.
    pub fn wake(&self) {
        self.0.send_modify(|_| {});
    }
}

impl Default for ShiftedClock {
    fn default() -> Self {
        Self::new(TimeDelta::zero())
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + self.offset()
    }

    fn offset(&self) -> TimeDelta {
        *self.0.borrow()
    }

    fn jumps(&self) -> Jumps {
        Jumps(Some(self.0.subscribe()))
    }
}

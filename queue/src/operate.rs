//! The operator's hands on a queue: counts, pause, and the dead set.

use crate::{
    error::QueueError,
    lane::Lane,
    queue::Queue,
    store::{BATCH, DeadFilter, DeadJob, LaneStats},
};

impl Queue {
    /// Counts the jobs of each lane.
    pub async fn stats(&self) -> Result<Vec<LaneStats>, QueueError> {
        self.follow_clock().await?;
        Ok(self.store().stats().await?)
    }

    /// Stops the claiming of a lane, for every worker; what runs goes on.
    pub async fn pause(&self, lane: Lane) -> Result<(), QueueError> {
        Ok(self.store().set_paused(lane, true).await?)
    }

    /// Resumes the claiming of a lane.
    pub async fn resume(&self, lane: Lane) -> Result<(), QueueError> {
        Ok(self.store().set_paused(lane, false).await?)
    }

    /// Returns up to `limit` dead jobs, the latest first.
    pub async fn dead(&self, filter: &DeadFilter, limit: usize) -> Result<Vec<DeadJob>, QueueError> {
        Ok(self.store().dead(filter, limit).await?)
    }

    /// Puts dead jobs back to work, as new; one whose key a live job holds stays dead. Returns how many.
    pub async fn retry_dead(&self, ids: &[String]) -> Result<usize, QueueError> {
        let mut count = 0;
        for page in ids.chunks(BATCH) {
            count += self.store().retry_dead(page).await?;
        }
        Ok(count)
    }

    /// Forgets dead jobs. Returns how many.
    pub async fn delete_dead(&self, ids: &[String]) -> Result<usize, QueueError> {
        let mut count = 0;
        for page in ids.chunks(BATCH) {
            count += self.store().delete_dead(page).await?;
        }
        Ok(count)
    }
}

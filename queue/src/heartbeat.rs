//! The sign of life: every lease is prolonged in batched calls, in a task of its own, so that no busy handler starves it.

use std::sync::Arc;

use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use crate::{
    slots::Worker,
    store::{BATCH, Held},
};

/// Prolongs the leases for as long as it is polled.
pub(crate) async fn run(worker: Arc<Worker>) {
    let beat = worker.lease / 3;
    let mut beats = interval(beat);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beats.tick().await;
        for page in worker.leases().chunks(BATCH) {
            let held: Vec<Held> = page.iter().map(|lease| lease.claimed.held.clone()).collect();
            let asked = Instant::now();
            // A beat that hangs must not keep the next from being tried.
            let renewed = match timeout(beat, worker.queue.store().renew(&held, worker.lease)).await {
                Ok(Ok(renewed)) => renewed,
                Ok(Err(error)) => {
                    tracing::warn!(error = %error, "a heart-beat failed");
                    continue;
                }
                Err(_) => {
                    tracing::warn!("a heart-beat was not answered in time");
                    continue;
                }
            };
            for (lease, renewed) in page.iter().zip(renewed) {
                if renewed { lease.prolong(asked + worker.lease) } else { lease.lose() }
            }
        }
    }
}

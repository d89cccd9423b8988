//! The reaper: takes back what dead workers held, and keeps the dead set within its bounds. Every worker runs one.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use crate::{
    meter::{self, Meters},
    outcome::Death,
    slots::Worker,
    store::Retention,
};

/// Reaps for as long as it is polled.
pub(crate) async fn run(worker: Arc<Worker>, meters: Arc<Meters>, retention: Retention) {
    let pause = (worker.lease / 10).clamp(Duration::from_millis(100), Duration::from_secs(1));
    loop {
        match worker.queue.store().reap(&retention).await {
            Ok(reaped) => {
                meter::crashed(reaped.returned + reaped.buried.len());
                if reaped.returned > 0 {
                    tracing::warn!(jobs = reaped.returned, "leases ran out: their jobs return, each with a crash more");
                }
                for (id, name) in reaped.buried {
                    meters.job(&name).died(&Death::WorkerDied);
                    tracing::error!(job.id = id, job.name = name, "buried without on_dead: it kills its worker too");
                }
                if reaped.more {
                    continue;
                }
            }
            // The pump says that the store is away.
            Err(error) => tracing::debug!(error = %error, "no reaping"),
        }
        sleep(pause).await;
    }
}

//! The reaper: takes back what dead workers held, and keeps the dead set within its bounds. Every worker runs one.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use crate::{
    meter::{self, Meters},
    outage::Outage,
    outcome::Death,
    slots::Worker,
    store::Retention,
};

/// Reaps for as long as it is polled.
pub(crate) async fn run(worker: Arc<Worker>, meters: Arc<Meters>, retention: Retention) {
    let pause = (worker.lease / 10).clamp(Duration::from_millis(100), Duration::from_secs(1));
    let mut outage = Outage::default();
    loop {
        match worker.queue.store().reap(&retention).await {
            Ok(reaped) => {
                outage.ends();
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
            // The store may answer all others: no lease returns until it answers this.
            Err(error) if outage.begins() => tracing::warn!(error = %error, "no reaping: the store is asked again"),
            Err(_) => {}
        }
        sleep(pause).await;
    }
}

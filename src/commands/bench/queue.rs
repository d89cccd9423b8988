//! The cases of the queue. Enqueueing, draining and waiting are one process each for the producer and the worker, as in
//! production; on the embedded queue, which serves one process, who waits is in the same one.

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::children::{Children, Order};
use super::figures::{Figures, quantile};
use super::gauge::{Gauge, Report};
use super::http::Http;
use super::jobs::{Bench, engine};
use super::place::Place;
use super::side::{Case, Mode, Side};
use super::{Extent, produce, tell};
use crate::commands::stop_signal;
use crate::config::Env;

/// Jobs that are waited for before those whose wait counts: processes start, connections open.
const WARM_UP: u64 = 25;

/// The pause between two jobs whose wait counts: long enough for the worker to have nothing to do.
const PAUSE: Duration = Duration::from_millis(20);

/// Measures every case, on `REDIS_URL` or else in a temporary folder.
pub(super) async fn run(env: &Env, extent: Extent) -> anyhow::Result<()> {
    let folder = TempDir::with_prefix("feedkeeper-bench.")?;
    let place = match env.secret("REDIS_URL")? {
        Some(url) => Place::Redis(url),
        None => Place::File(folder.path().join("bench.db.bench-queue")),
    };
    let stop = stop_signal()?;
    let measured = tokio::select! {
        measured = measure(&place, &folder, extent) => measured,
        () = stop.cancelled() => Err(anyhow::anyhow!("stopped before everything was measured")),
    };
    let cleared = place.clear().await;
    measured?.say()?;
    cleared
}

async fn measure(place: &Place, folder: &TempDir, extent: Extent) -> anyhow::Result<Figures> {
    let run = Run { place, children: Children::new(place, folder).await?, jobs: extent.jobs };
    let mut figures = Figures::default();
    for round in 1..=extent.rounds {
        tell(&format!("round {round} of {}", extent.rounds));
        run.enqueue(&mut figures, "noop_enqueue_seq", Mode::Seq, 10_000).await?;
        run.enqueue(&mut figures, "noop_enqueue_c50", Mode::Single, 50_000).await?;
        run.enqueue(&mut figures, "noop_enqueue_bulk1000", Mode::Bulk, 100_000).await?;
        run.drain(&mut figures).await?;
        run.io(&mut figures).await?;
        run.idle(&mut figures).await?;
        place.clear().await?;
    }
    Ok(figures)
}

struct Run<'a> {
    place: &'a Place,
    children: Children<'a>,
    jobs: Option<u64>,
}

impl Run<'_> {
    async fn enqueue(&self, figures: &mut Figures, name: &str, mode: Mode, jobs: u64) -> anyhow::Result<()> {
        self.place.clear().await?;
        let jobs = self.jobs.unwrap_or(jobs);
        let wall_s = self.children.produce(Case::Noop, jobs, mode).await?;
        figures.note(name, per(jobs, wall_s), "jobs/s");
        Ok(())
    }

    /// 20 000 jobs wait when the worker starts.
    async fn drain(&self, figures: &mut Figures) -> anyhow::Result<()> {
        let order = Order { case: Case::Noop, jobs: self.jobs.unwrap_or(20_000), at_once: 50 };
        let report = self.preloaded(order).await?;
        figures.note("noop_drain_c50", per(report.n, report.wall_s), "jobs/s");
        if let Place::Redis(_) = self.place {
            self.place.clear().await?;
            let bare = self.children.work_bare(order)?.report().await?;
            figures.note("ref_script_c50", per(bare.n, bare.wall_s), "jobs/s");
        }
        Ok(())
    }

    async fn io(&self, figures: &mut Figures) -> anyhow::Result<()> {
        let order = Order { case: Case::Io, jobs: self.jobs.unwrap_or(3_000), at_once: 100 };
        let report = self.preloaded(order).await?;
        let bare = self.children.work_bare(order)?.report().await?;
        for (prefix, report) in [("", report), ("ref_", bare)] {
            figures.note(format!("{prefix}io_c100"), per(report.n, report.wall_s), "jobs/s");
            let cpu_s = report.cpu_s * 1000.0 / count(report.n);
            figures.note(format!("{prefix}io_worker_cpu"), cpu_s, "s/1000 jobs");
            figures.note(format!("{prefix}io_worker_peak_rss"), count(report.hwm_kb) * 1024.0 / 1e6, "MB");
        }
        Ok(())
    }

    async fn preloaded(&self, order: Order) -> anyhow::Result<Report> {
        self.place.clear().await?;
        self.children.produce(order.case, order.jobs, Mode::Bulk).await?;
        self.children.work(order)?.report().await
    }

    async fn idle(&self, figures: &mut Figures) -> anyhow::Result<()> {
        self.place.clear().await?;
        let jobs = self.jobs.unwrap_or(500) + WARM_UP;
        let report = match self.place {
            Place::Redis(_) => {
                let working = self.children.work(Order { case: Case::Latency, jobs, at_once: 10 })?;
                self.children.produce(Case::Latency, jobs, Mode::Paced(PAUSE)).await?;
                working.report().await?
            }
            Place::File(_) => together(self.place, jobs).await?,
        };
        let mut waits: Vec<f64> = report.lat_ms.into_iter().skip(usize::try_from(WARM_UP)?).collect();
        for (name, part) in [("idle_latency_p50", 0.5), ("idle_latency_p99", 0.99), ("idle_latency_max", 1.0)] {
            figures.note(name, quantile(&mut waits, part), "ms");
        }
        Ok(())
    }
}

/// Pushes to a worker in this process.
async fn together(place: &Place, jobs: u64) -> anyhow::Result<Report> {
    let (queue, stop) = (place.to_work().await?, CancellationToken::new());
    let gauge = Arc::new(Gauge::new(jobs));
    let bench = Bench { gauge: gauge.clone(), http: Http::new()?, url: None };
    let working = tokio::spawn(engine(queue.clone(), bench, 10).run(stop.clone()));
    let _stopping = stop.clone().drop_guard();
    let (case, mode, delay) = (Case::Latency, Mode::Paced(PAUSE), Duration::ZERO);
    produce::push(&queue, &Side { case, jobs, at_once: 10, mode, delay, http: None, out: None }).await?;
    let report = gauge.report().await?;
    stop.cancel();
    working.await??;
    Ok(report)
}

fn per(jobs: u64, wall_s: f64) -> f64 {
    count(jobs) / wall_s
}

#[expect(clippy::cast_precision_loss, reason = "counts of jobs stay far below where an f64 skips numbers")]
fn count(jobs: u64) -> f64 {
    jobs as f64
}

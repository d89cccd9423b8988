//! The working side: performs jobs until there were as many as were announced, says how that went, and stays.

use std::sync::Arc;

use super::gauge::Gauge;
use super::http::Http;
use super::jobs::{Bench, engine};
use super::place::Place;
use super::side::Side;
use crate::commands::stop_signal;
use crate::config::Env;

/// Performs what `BENCH_…` says, writes the report to `BENCH_OUT`, and waits for SIGTERM.
pub(super) async fn run(env: &Env) -> anyhow::Result<()> {
    let side = Side::read(env)?;
    let out = side.out()?;
    let stop = stop_signal()?;
    let queue = Place::of(env)?.to_work().await?;
    let gauge = Arc::new(Gauge::new(side.jobs));
    let url = side.http.as_ref().map(|url| url.as_str().into());
    let bench = Bench { gauge: gauge.clone(), http: Http::new()?, url };
    let engine = engine(queue, bench, side.at_once);
    let mut working = tokio::spawn(engine.run(stop.clone()));
    tokio::select! {
        report = gauge.report() => {
            report?.write(out)?;
            tracing::info!(jobs = side.jobs, report = %out.display(), "measured");
        }
        ended = &mut working => {
            ended??;
            anyhow::bail!("stopped after {} of {} jobs: there is no report", gauge.ended(), side.jobs);
        }
    }
    working.await?
}

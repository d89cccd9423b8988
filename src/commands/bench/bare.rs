//! What the figures are compared with: the same without a queue, in a process of the same kind, in the same run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context;
use tokio::task::JoinSet;

use super::gauge::Gauge;
use super::http::Http;
use super::place::Place;
use super::redis;
use super::side::{Case, Side};
use crate::config::Env;

/// Does what `BENCH_…` says, and writes the report to `BENCH_OUT`.
pub(super) async fn run(env: &Env) -> anyhow::Result<()> {
    let side = Side::read(env)?;
    let gauge = Arc::new(Gauge::new(side.jobs));
    match side.case {
        Case::Io => ask(&side, &gauge).await?,
        Case::Noop => match Place::of(env)? {
            Place::Redis(url) => redis::finish_and_lease(&url, side.jobs, side.at_once, &gauge).await?,
            Place::File(_) => anyhow::bail!("the bare script runs on REDIS_URL"),
        },
        Case::Latency => anyhow::bail!("BENCH_CASE=latency: there is nothing to compare it with"),
    }
    gauge.report().await?.write(side.out()?)
}

/// Asks `BENCH_HTTP` in so many loops at once.
async fn ask(side: &Side, gauge: &Arc<Gauge>) -> anyhow::Result<()> {
    let url: Arc<str> = side.http.as_ref().context("BENCH_HTTP is not set")?.as_str().into();
    let (http, begun) = (Http::new()?, Arc::new(AtomicU64::new(0)));
    let mut loops = JoinSet::new();
    for _ in 0..side.at_once {
        let (http, begun, gauge, url, jobs) = (http.clone(), begun.clone(), gauge.clone(), url.clone(), side.jobs);
        loops.spawn(async move {
            while begun.fetch_add(1, Ordering::Relaxed) < jobs {
                gauge.start();
                http.parse(&url).await?;
                gauge.end();
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = loops.join_next().await {
        ended??;
    }
    Ok(())
}

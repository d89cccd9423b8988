//! `ADMIN_PORT`: metrics, and whether this process is ready, for whoever watches it; on this machine alone.

mod names;

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Context;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, serve};
use entities::Db;
use metrics::gauge;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use queue::{Lane, Queue};
use tokio::net::TcpListener;
use tokio::time::{interval, timeout};
use tokio_util::sync::CancellationToken;

use crate::config::Config;

/// The upper bounds of every histogram, in seconds: from a claim on a quiet machine to the longest attempt.
const BUCKETS: [f64; 17] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0];
/// How often what was timed is counted into its buckets, where nobody asks.
const UPKEEP: Duration = Duration::from_secs(5);
/// How long a queue may take to say how much lies in it; an older answer is better than none.
const PATIENCE: Duration = Duration::from_secs(3);

/// A bound port, and what has been counted so far.
pub(crate) struct Admin {
    listener: TcpListener,
    collected: PrometheusHandle,
}

/// What the routes look at.
#[derive(Clone)]
struct Watched {
    collected: PrometheusHandle,
    db: Db,
    queue: Queue,
}

impl Admin {
    /// Begins to count, if `ADMIN_PORT` is set: before anything is built that counts.
    pub(crate) async fn open(config: &Config) -> anyhow::Result<Option<Self>> {
        let Some(port) = config.admin_port else { return Ok(None) };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.with_context(|| {
            format!(
                "ADMIN_PORT={port} cannot be bound; each process on a machine needs its own, and 0 takes any free one"
            )
        })?;
        let recorder = PrometheusBuilder::new().set_buckets(&BUCKETS)?.build_recorder();
        let collected = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(|_| anyhow::anyhow!("somebody counts already"))?;
        names::describe();
        tracing::info!(url = format!("http://{}/metrics", listener.local_addr()?), "metrics");
        Ok(Some(Self { listener, collected }))
    }

    /// Serves `/metrics` and `/readyz` until the stop.
    pub(crate) async fn serve(self, db: Db, queue: Queue, stop: CancellationToken) -> std::io::Result<()> {
        let watched = Watched { collected: self.collected, db, queue };
        let upkeep = keep_up(watched.collected.clone());
        let routes = Router::new().route("/metrics", get(show)).route("/readyz", get(ready)).with_state(watched);
        tokio::select! {
            served = serve(self.listener, routes) => served,
            () = upkeep => Ok(()),
            () = stop.cancelled() => Ok(()),
        }
    }
}

async fn keep_up(collected: PrometheusHandle) {
    let mut ticks = interval(UPKEEP);
    loop {
        ticks.tick().await;
        collected.run_upkeep();
    }
}

async fn show(State(watched): State<Watched>) -> Response {
    look(&watched.queue).await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], watched.collected.render()).into_response()
}

async fn ready(State(watched): State<Watched>) -> Response {
    api::readiness(&watched.db, &watched.queue).await
}

/// Reads from the queue what no process counts for itself.
async fn look(queue: &Queue) {
    #[expect(clippy::cast_precision_loss, reason = "nobody has so many jobs")]
    let number = |count: u64| count as f64;
    let stats = timeout(PATIENCE, queue.stats()).await;
    gauge!("feedkeeper_queue_up").set(u8::from(matches!(stats, Ok(Ok(_)))));
    if let Some(age) = queue.last_turn() {
        gauge!("feedkeeper_queue_last_claim_seconds").set(age);
    }
    let Ok(Ok(stats)) = stats else { return };
    for stats in stats {
        let lane: &'static str = Lane::as_str(stats.lane);
        for (state, count) in
            [("waiting", stats.waiting), ("delayed", stats.delayed), ("running", stats.running), ("dead", stats.dead)]
        {
            gauge!("feedkeeper_queue_jobs", "queue" => lane, "state" => state).set(number(count));
        }
        gauge!("feedkeeper_queue_oldest_seconds", "queue" => lane).set(stats.oldest.unwrap_or_default());
        gauge!("feedkeeper_queue_paused", "queue" => lane).set(u8::from(stats.paused));
    }
}

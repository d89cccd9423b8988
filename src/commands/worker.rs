//! `feedkeeper worker`: the half that works. It listens to nobody but on `ADMIN_PORT`; its log says when it is ready.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use queue::{Engine, Lane, Queue};
use url::Url;
use worker::Context;
use worker::download::Download;
use worker::graph::Graph;
use worker::jobs::{PushDue, TellOperator};
use worker::throttles::Throttles;
use worker::x::X;

use super::half::Half;
use super::parts::Parts;
use super::stop_signal;
use crate::admin::Admin;
use crate::config::{Auth, Config, Env, GRAPH};

/// How often it is looked whether the first claims have been answered.
const LOOK: Duration = Duration::from_millis(50);

/// Runs until SIGINT or SIGTERM: then nothing is claimed, running jobs have their grace, and the rest is handed back.
pub(crate) async fn run(env: &Env) -> anyhow::Result<()> {
    let config = Config::read(env, IpAddr::V4(Ipv4Addr::LOCALHOST), Auth::Signed)?;
    config.check_half()?;
    let graph = Graph::new(config.graph(&Url::parse(GRAPH)?, config.meta_app.clone()))?;
    let (mailer, operator) = config.operator(None)?;
    let outlet = config.outlet(None)?;
    let x = config.x(None)?;
    let download = Download::new(config.download(None))?;
    let stop = stop_signal()?;
    let Some(half) = Half::open(&config, &stop).await? else { return Ok(()) };
    let admin = Admin::open(&config).await?;

    let ctx = Context {
        db: half.db.clone(),
        queue: half.queue.clone(),
        clock: half.clock.clone(),
        keyring: half.keyring.clone(),
        graph,
        throttles: Throttles::default(),
        outlet,
        x: X::new(x, half.clock.clone())?,
        download,
        mailer,
        operator,
        owners: config.owners(None),
        migrating: config.migrating(config.outlet_url.is_some()),
    };
    let engine = Engine::new(half.queue.clone(), ctx);
    let engine = worker::jobs::register(engine, &config.scans()).options(config.work.clone());
    tokio::spawn(begin(half.queue.clone(), config.work.lanes.clone()));
    let mut parts = Parts::new(&stop);
    parts.spawn("worker", engine.run(stop.clone()));
    if let Some(admin) = admin {
        parts.spawn("admin", admin.serve(half.db.clone(), half.queue.clone(), stop.clone()));
    }
    half.follow_clock(&mut parts, true, &stop);
    parts.ended(config.work.grace).await
}

/// Says that it claims, once it does, and brings back what a kill left between a row and its push.
async fn begin(queue: Queue, lanes: Vec<(Lane, usize)>) {
    while !queue.is_claiming() {
        tokio::time::sleep(LOOK).await;
    }
    let queues: Vec<_> = lanes.iter().map(|(lane, slots)| format!("{lane} ({slots} at once)")).collect();
    tracing::info!(queues = queues.join(", "), "working");
    if let Err(error) = queue.push(&PushDue {}).await {
        tracing::warn!(%error, "what is due is not looked for before the next tick");
    }
    if let Err(error) = queue.push(&TellOperator {}).await {
        tracing::warn!(%error, "the operator is told at the next tick");
    }
}

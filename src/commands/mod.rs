//! The subcommands: one file each, each a boot as a list.

mod age;
pub(crate) mod api;
pub(crate) mod api_keys;
pub(crate) mod bench;
pub(crate) mod dev;
pub(crate) mod doctor;
pub(crate) mod explain;
mod half;
pub(crate) mod import;
pub(crate) mod installs;
pub(crate) mod jobs;
pub(crate) mod keys;
pub(crate) mod mail;
pub(crate) mod migrate;
pub(crate) mod migration;
mod parts;
pub(crate) mod queue;
pub(crate) mod rollout;
pub(crate) mod sandbox;
mod table;
pub(crate) mod worker;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::config::Config;

/// Returns what is cancelled by SIGINT or SIGTERM.
fn stop_signal() -> anyhow::Result<CancellationToken> {
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => tracing::info!("SIGINT: stopping"),
            _ = terminate.recv() => tracing::info!("SIGTERM: stopping"),
        }
        stopped.cancel();
    });
    Ok(stop)
}

/// Binds the routes' address.
async fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind((config.host, config.port)).await;
    listener.with_context(|| {
        format!("HOST={} PORT={} cannot be bound; PORT=0 takes any free port", config.host, config.port)
    })
}

/// Writes one line to stdout, where scripts read addresses.
fn say(line: &str) {
    use std::io::Write;
    // Whoever closed our stdout does not want to know.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

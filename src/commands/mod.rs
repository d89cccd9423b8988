//! The subcommands: one file each, each a boot as a list.

pub(crate) mod api_keys;
pub(crate) mod dev;
pub(crate) mod halves;
pub(crate) mod keys;
pub(crate) mod migrate;
pub(crate) mod sandbox;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

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

/// Writes one line to stdout, where scripts read addresses.
fn say(line: &str) {
    use std::io::Write;
    // Whoever closed our stdout does not want to know.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

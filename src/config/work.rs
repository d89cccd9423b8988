//! What a worker serves, how much of it at once, and how it holds and lets go of jobs.

use std::ops::RangeInclusive;
use std::time::Duration;

use anyhow::Context;
use queue::{Lane, Options};

use super::{Env, list};

/// Reads `QUEUES`, `CONCURRENCY`, `LEASE` and `SHUTDOWN_GRACE`.
pub(super) fn options(env: &Env) -> anyhow::Result<Options> {
    let defaults = Options::default();
    let concurrency = match env.text("CONCURRENCY") {
        None => 10,
        Some(text) => text
            .parse()
            .ok()
            .filter(|jobs| (1..=10_000).contains(jobs))
            .with_context(|| format!("CONCURRENCY={text}: 1 to 10000 jobs at once"))?,
    };
    let lanes = match env.text("QUEUES") {
        None => Lane::ALL.to_vec(),
        Some(names) if list(&names).is_empty() => anyhow::bail!("QUEUES={names}: name at least one queue"),
        Some(names) => list(&names)
            .iter()
            .map(|name| name.parse().map_err(|error| anyhow::anyhow!("QUEUES={names}: {error}")))
            .collect::<anyhow::Result<_>>()?,
    };
    Ok(Options {
        lanes: lanes.into_iter().map(|lane| (lane, concurrency)).collect(),
        lease: seconds(env, "LEASE", defaults.lease, 2..=3_600)?,
        grace: seconds(env, "SHUTDOWN_GRACE", defaults.grace, 0..=3_600)?,
        ..defaults
    })
}

/// Reads whole seconds.
fn seconds(env: &Env, name: &str, default: Duration, allowed: RangeInclusive<u64>) -> anyhow::Result<Duration> {
    let Some(text) = env.text(name) else { return Ok(default) };
    let number = text.strip_suffix('s').unwrap_or(&text).trim().parse().ok().filter(|number| allowed.contains(number));
    let (least, most) = (allowed.start(), allowed.end());
    number.map(Duration::from_secs).with_context(|| format!("{name}={text}: whole seconds, from {least} to {most}"))
}

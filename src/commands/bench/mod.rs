//! `feedkeeper bench`: figures of this machine. How they are taken, and what they were: `docs/performance.md`.

mod api;
mod bare;
mod children;
mod figures;
mod gauge;
mod http;
mod jobs;
mod place;
mod produce;
mod queue;
mod redis;
mod side;
mod stand_in;
mod worker;

use std::io::Write;

use clap::{Args, Subcommand};

use crate::config::Env;

/// What is measured.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// The queue, on `REDIS_URL` or else embedded in a temporary folder, as JSON lines on stdout
    Queue(Extent),
    /// The routes, on SQLite in a temporary folder and on a database of its own beside `DATABASE_URL`, as JSON lines on stdout
    Api(Extent),
    /// Pushes jobs and prints how long that took, for a harness of yours: see BENCH_… in docs/performance.md
    Produce,
    /// Performs jobs, writes how that went to `BENCH_OUT`, and waits for SIGTERM
    Worker,
    /// Does what a worker does, without a queue: to compare with
    #[command(hide = true)]
    Bare,
    /// Answers every request after 50 ms, until its input ends
    #[command(hide = true)]
    StandIn,
}

/// How much is measured.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Extent {
    /// How often each case is taken; what is printed are the medians
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// How many jobs or requests each case has, instead of as many as it needs for a steady figure
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    jobs: Option<u64>,
}

/// Measures it.
pub(crate) async fn run(env: &Env, action: &Action) -> anyhow::Result<()> {
    match action {
        Action::Queue(extent) => queue::run(env, *extent).await,
        Action::Api(extent) => api::run(env, *extent).await,
        Action::Produce => produce::run(env).await,
        Action::Worker => worker::run(env).await,
        Action::Bare => bare::run(env).await,
        Action::StandIn => stand_in::run().await,
    }
}

/// Writes one line to stderr, for whoever is watching.
fn tell(line: &str) {
    // Whoever closed our stderr does not want to know.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

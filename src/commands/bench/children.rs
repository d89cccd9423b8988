//! The processes that a run of the bench starts: each side is this same binary, and what it measures of itself is its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use serde::Deserialize;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use url::Url;

use super::gauge::Report;
use super::place::Place;
use super::side::{Case, Mode};

/// How often it is looked whether there is a report.
const LOOK: Duration = Duration::from_millis(10);

/// How one side is started.
#[derive(Clone, Copy)]
pub(super) struct Order {
    pub(super) case: Case,
    pub(super) jobs: u64,
    pub(super) at_once: usize,
}

/// Starts the sides of one run.
pub(super) struct Children<'a> {
    place: &'a Place,
    folder: &'a TempDir,
    stand_in: StandIn,
}

impl<'a> Children<'a> {
    /// Starts the stand-in, which all cases ask.
    pub(super) async fn new(place: &'a Place, folder: &'a TempDir) -> anyhow::Result<Self> {
        Ok(Self { place, folder, stand_in: StandIn::start().await? })
    }

    /// Pushes jobs; returns how many seconds that took.
    pub(super) async fn produce(&self, case: Case, jobs: u64, mode: Mode) -> anyhow::Result<f64> {
        #[derive(Deserialize)]
        struct Said {
            wall_s: f64,
        }
        let mut command = self.command("produce", case, jobs)?;
        command.env("BENCH_MODE", mode.to_string()).stdout(Stdio::piped());
        let output = command.output().await?;
        anyhow::ensure!(output.status.success(), "the producer has failed");
        let said: Said = serde_json::from_slice(&output.stdout).context("the producer said something strange")?;
        Ok(said.wall_s)
    }

    /// Starts a worker.
    pub(super) fn work(&self, order: Order) -> anyhow::Result<Working> {
        self.start("worker", order)
    }

    /// Starts what the worker is compared with.
    pub(super) fn work_bare(&self, order: Order) -> anyhow::Result<Working> {
        self.start("bare", order)
    }

    fn start(&self, side: &str, order: Order) -> anyhow::Result<Working> {
        let out = self.folder.path().join("report");
        let mut command = self.command(side, order.case, order.jobs)?;
        command.env("BENCH_CONC", order.at_once.to_string()).env("BENCH_OUT", &out);
        Ok(Working { child: command.stdout(Stdio::null()).spawn()?, out })
    }

    fn command(&self, side: &str, case: Case, jobs: u64) -> anyhow::Result<Command> {
        let mut command = this(side)?;
        command.env("BENCH_CASE", case.as_str()).env("BENCH_N", jobs.to_string());
        command.env("BENCH_HTTP", self.stand_in.url.as_str()).env_remove("BENCH_DELAY").stdin(Stdio::null());
        if let Place::File(_) = self.place {
            // Both sides find the file by the address of a database, which is never opened.
            command.env("DATABASE_URL", database_url(self.folder.path()));
        }
        Ok(command)
    }
}

/// Returns the address of the database beside which the sides meet in a folder.
pub(super) fn database_url(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("bench.db").display())
}

/// Is a side at work; it is killed when this is dropped.
pub(super) struct Working {
    child: Child,
    out: PathBuf,
}

impl Working {
    /// Waits for the report. The side itself is over then, however far it is: it has written down all that counts.
    pub(super) async fn report(mut self) -> anyhow::Result<Report> {
        let mut ended = None;
        while !self.out.exists() {
            if let Some(status) = ended {
                anyhow::bail!("a side of the bench ended without a report: {status}");
            }
            // Looked at once more after the end.
            ended = self.child.try_wait()?;
            tokio::time::sleep(LOOK).await;
        }
        let report = std::fs::read(&self.out).context("the report of a side")?;
        std::fs::remove_file(&self.out)?;
        self.child.kill().await?;
        serde_json::from_slice(&report).context("the report of a side")
    }
}

/// Is the stand-in, which ends when its input does.
struct StandIn {
    url: Url,
    _child: Child,
    _input: Option<ChildStdin>,
}

impl StandIn {
    async fn start() -> anyhow::Result<Self> {
        let mut child = this("stand-in")?.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().context("the stand-in has no output")?;
        let line = BufReader::new(output).lines().next_line().await?.context("the stand-in says nothing")?;
        Ok(Self { url: line.parse()?, _input: child.stdin.take(), _child: child })
    }
}

fn this(side: &str) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe().context("finding this binary")?);
    command.args(["bench", side]).kill_on_drop(true);
    Ok(command)
}

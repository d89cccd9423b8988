//! `feedkeeper bench` with the real binary: in a folder of its own, with nothing in its environment but what a test says.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use super::{Half, within_reason};

/// What the contract promises of the queue, in its order.
pub(crate) const CASES: [&str; 10] = [
    "noop_enqueue_seq",
    "noop_enqueue_c50",
    "noop_enqueue_bulk1000",
    "noop_drain_c50",
    "io_c100",
    "io_worker_cpu",
    "io_worker_peak_rss",
    "idle_latency_p50",
    "idle_latency_p99",
    "idle_latency_max",
];

/// A bench and the folder that it leaves its files in, if it leaves any.
pub(crate) struct Bench {
    folder: TempDir,
    env: Vec<(String, String)>,
}

impl Bench {
    pub(crate) fn new(env: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let mut all = vec![("TMPDIR".to_owned(), folder.path().display().to_string())];
        all.extend(env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self { folder, env: all }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Says more to it from here on.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.env.push((name.to_owned(), value.into()));
    }

    /// Runs it; returns what it printed, and what it said.
    pub(crate) async fn run(&self, args: &str) -> Result<String, String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedkeeper"));
        command.arg("bench").args(args.split(' ')).env_clear().kill_on_drop(true);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        let output = within_reason(command.output()).await.expect("it ran");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }

    /// Runs it, and returns its figures in their order. It leaves no file behind.
    pub(crate) async fn figures(&self, args: &str) -> Vec<(String, f64, String)> {
        let printed = self.run(args).await.expect("figures");
        let left: Vec<_> = std::fs::read_dir(self.folder()).expect("the folder").filter_map(Result::ok).collect();
        assert!(left.is_empty(), "{left:?}");
        let figure = |line: &str| {
            let line: BTreeMap<String, Value> = serde_json::from_str(line).expect("a JSON object");
            assert!(line.keys().eq(["case", "unit", "value"]), "{line:?}");
            let text = |name: &str| line[name].as_str().expect("a text").to_owned();
            (text("case"), line["value"].as_f64().expect("a number"), text("unit"))
        };
        printed.lines().map(figure).collect()
    }

    /// Starts a worker.
    pub(crate) fn work(&self) -> Half {
        Half::spawn("bench worker", &self.env)
    }

    /// Pushes, has the worker measure, stops it, and returns both reports.
    pub(crate) async fn both_sides(&mut self) -> (Value, Value) {
        let out = self.folder().join("out");
        self.set("BENCH_OUT", out.display().to_string());
        let worker = self.work();
        let produced = self.run("produce").await.expect("pushed");
        worker.says("measured").await;
        let report = std::fs::read_to_string(out).expect("a report");
        assert_eq!(worker.stop().await, Some(0));
        (serde_json::from_str(&produced).expect("JSON"), serde_json::from_str(&report).expect("JSON"))
    }
}

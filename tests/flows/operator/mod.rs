//! The operator's hands with the real binary: the queues and the dead.

mod dead;
mod doctor;
mod explain;
mod import;
mod installs;
mod mail;
mod metrics;
mod migration;
mod queues;

pub(crate) use dead::graveyard;

use std::path::Path;

use serde_json::Value;
use tokio::process::Command;

use crate::harness::within_reason;

/// What a command left behind.
pub(crate) struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    /// The lines on stdout as JSON.
    pub(crate) fn objects(&self) -> Vec<Value> {
        let object = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        self.out.lines().map(object).collect()
    }

    /// The marks of `doctor`'s lines about something.
    pub(crate) fn marks(&self, about: &str) -> String {
        let about = format!(" {about}: ");
        self.out.lines().filter(|line| line.contains(&about)).filter_map(|line| line.chars().next()).collect()
    }
}

async fn run(folder: &Path, args: &[&str]) -> Said {
    run_with(folder, &[], args).await
}

pub(crate) async fn run_with(folder: &Path, env: &[(&str, &str)], args: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedkeeper"));
    command.args(args).env_clear().env("DATA_DIR", folder).envs(env.iter().copied()).kill_on_drop(true);
    let output = within_reason(command.output()).await.expect("it ran");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

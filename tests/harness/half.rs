//! One half of a deployment: `feedkeeper api` or `feedkeeper worker`, as a process whose every word is heard.

use std::net::SocketAddr;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use super::within_reason;

pub(crate) struct Half {
    child: Child,
    log: watch::Receiver<String>,
}

impl Half {
    /// Starts one, or another command; it may end at once.
    pub(crate) fn spawn(command: &str, env: &[(String, String)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_feedkeeper"))
            .args(command.split(' '))
            .env_clear()
            .envs(env.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        let (sender, log) = watch::channel(String::new());
        let mut lines = BufReader::new(child.stderr.take().expect("stderr")).lines();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                sender.send_modify(|log| log.extend([line.as_str(), "\n"]));
            }
        });
        Self { child, log }
    }

    /// Waits until it has said something, and returns the line.
    pub(crate) async fn says(&self, words: &str) -> String {
        let mut log = self.log.clone();
        let said = within_reason(log.wait_for(|log| log.contains(words))).await.map(|log| log.clone());
        let said = said.unwrap_or_else(|_| panic!("it ended and did not say `{words}`: {}", self.log()));
        said.lines().find(|line| line.contains(words)).expect("a line").to_owned()
    }

    /// Where an API serves, when it has said so.
    pub(crate) async fn address(&self) -> SocketAddr {
        let line = self.says(" serving address=").await;
        let address = line.split("address=").nth(1).and_then(|rest| rest.split(' ').next());
        address.and_then(|address| address.parse().ok()).expect("an address")
    }

    /// What it has said so far.
    pub(crate) fn log(&self) -> String {
        self.log.borrow().clone()
    }

    /// SIGKILL: no goodbye.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.expect("killed");
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let sent = std::process::Command::new("kill").args([&format!("-{name}"), &id]).status();
        assert!(sent.expect("kill").success());
    }

    /// SIGTERM; returns the exit code.
    pub(crate) async fn stop(mut self) -> Option<i32> {
        self.signal("TERM");
        self.ended().await
    }

    /// The process's id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id().expect("running")
    }

    /// Waits for its end, and returns the exit code.
    pub(crate) async fn ended(&mut self) -> Option<i32> {
        within_reason(self.child.wait()).await.expect("ended").code()
    }

    /// Whether it runs.
    pub(crate) fn lives(&mut self) -> bool {
        self.child.try_wait().expect("looked at").is_none()
    }
}

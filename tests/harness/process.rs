//! The real binary, as a process that can be killed.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Answer, Http, StandIns};

/// A `feedkeeper dev` in a folder of its own.
pub(crate) struct Service {
    pub url: String,
    pub stand_ins: StandIns,
    pub http: Http,
    pub folder: TempDir,
    /// What its environment says beside the harness's own.
    env: Vec<(String, String)>,
    child: Child,
    /// Stand-ins that outlive a kill, where the test wants such.
    beside: Option<DropGuard>,
}

impl Service {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[], Http::new()).await
    }

    /// Starts with more in its environment, and is asked by a client of the test's own.
    pub(crate) async fn start_with(env: &[(&str, &str)], http: Http) -> Self {
        let folder = TempDir::new().expect("a folder");
        let env: Vec<_> = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (child, url, sandbox) = spawn(folder.path(), "0", None, &env).await;
        Self { url, stand_ins: StandIns { url: sandbox, http: http.clone() }, http, folder, env, child, beside: None }
    }

    /// Starts with stand-ins that are not killed along.
    pub(crate) async fn start_beside_stand_ins() -> Self {
        let folder = TempDir::new().expect("a folder");
        let stop = CancellationToken::new();
        let stand_ins = StandIns::serve(&folder.path().join("meta"), Arc::new(|_| Box::pin(async {})), &stop).await;
        let (child, url, _) = spawn(folder.path(), "0", Some(&stand_ins.url), &[]).await;
        let (http, beside) = (stand_ins.http.clone(), Some(stop.drop_guard()));
        Self { url, http, stand_ins, folder, env: Vec::new(), child, beside }
    }

    /// SIGKILL: no goodbye.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.expect("killed");
    }

    /// Starts again on the same folder and port.
    pub(crate) async fn restart(&mut self) {
        let port = |url: &str| url.rsplit(':').next().expect("a port").to_owned();
        let beside = self.beside.as_ref().map(|_| self.stand_ins.url.as_str());
        let (child, url, sandbox) = spawn(self.folder.path(), &port(&self.url), beside, &self.env).await;
        assert_eq!(url, self.url);
        if self.beside.is_none() {
            self.stand_ins.url = sandbox;
        }
        self.child = child;
    }

    /// Starts again with another environment.
    pub(crate) async fn restart_with(&mut self, env: &[(&str, &str)]) {
        self.env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.restart().await;
    }

    /// SIGTERM; returns the exit code.
    pub(crate) async fn stop(mut self) -> Option<i32> {
        let id = self.child.id().expect("running").to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().await.expect("kill");
        assert!(sent.success());
        self.child.wait().await.expect("ended").code()
    }

    /// Posts a token for an app; returns the run's id.
    pub(crate) async fn exchange(&self, user: &str, app_id: &str) -> String {
        let token = self.stand_ins.mint(user).await;
        let url = format!("{}/instagram/oauth?token={token}&appId={app_id}&user=owner&app_type=socialFeed", self.url);
        let answer = self.http.post(&url).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        answer.json()["job_id"].as_str().expect("an id").to_owned()
    }

    /// Waits for a run's end by its own long poll.
    pub(crate) async fn end_of(&self, run_id: &str) -> Value {
        for _ in 0..4 {
            let run = self.http.get(&format!("{}/jobs/{run_id}?wait=30", self.url)).await.json();
            if run["state"] == "done" || run["state"] == "failed" {
                return run;
            }
        }
        panic!("the run {run_id} is stuck")
    }

    pub(crate) async fn ask(&self, app_id: &str, name: &str) -> Answer {
        self.http.get(&format!("{}/instagram?app_id={app_id}&username_or_hashtag=@{name}", self.url)).await
    }

    pub(crate) fn data(&self) -> &Path {
        self.folder.path()
    }
}

async fn spawn(folder: &Path, port: &str, meta: Option<&str>, env: &[(String, String)]) -> (Child, String, String) {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("log")).expect("a log");
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedkeeper"));
    command
        .arg("dev")
        .env_clear()
        .env("DATA_DIR", folder)
        .env("PORT", port)
        .env("SANDBOX_PORT", "0")
        .env("LEASE", "2")
        .envs(env.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true);
    if let Some(meta) = meta {
        command.env("GRAPH_URL", meta).env("FB_DIALOG_URL", meta);
    }
    let mut child = command.spawn().expect("the binary starts");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
    let mut next = async |word: &str| {
        let line = lines.next_line().await.expect("read").unwrap_or_else(|| {
            panic!(
                "no `{word}` line; the log says: {}",
                std::fs::read_to_string(folder.join("log")).unwrap_or_default()
            )
        });
        line.strip_prefix(word).expect("the line that was promised").trim().to_owned()
    };
    let (url, sandbox) = (next("ready").await, next("sandbox").await);
    let (mut said, path) = (lines.into_inner(), folder.join("stdout"));
    tokio::spawn(async move {
        let mut file = tokio::fs::OpenOptions::new().create(true).append(true).open(path).await?;
        tokio::io::copy(&mut said, &mut file).await
    });
    (child, url, sandbox)
}

//! A server of the measurement's own, which ends with it.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdin, Command, Stdio},
};

use tempfile::TempDir;

pub(crate) struct Server {
    pub(crate) url: String,
    _folder: TempDir,
    _process: (Child, ChildStdin),
}

impl Server {
    /// Starts a server with AOF; the shell between kills it when our end of the pipe is closed.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().to_str().expect("a path in UTF-8");
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its number").port();
        let mut shell = Command::new("sh")
            .args(["-c", r#"redis-server "$@" & read end; kill -KILL $!; wait"#, "redis", "--dir", dir])
            .args(["--port", &port.to_string(), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let said = BufReader::new(shell.stdout.take().expect("what it says"));
        let ready = said.lines().map_while(Result::ok).any(|line| line.contains("eady to accept connections"));
        assert!(ready, "redis-server starts");
        let stdin = shell.stdin.take().expect("its input");
        Self { url: format!("redis://127.0.0.1:{port}"), _folder: folder, _process: (shell, stdin) }
    }
}

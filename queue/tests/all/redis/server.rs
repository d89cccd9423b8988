//! A Redis server of the tests' own: its files in a folder, its door a socket there. It ends with whoever started it, however
//! that ends: a shell stands between, which reads from a pipe that only we hold, and kills the server when it is closed.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::LazyLock,
};

use ::redis::{FromRedisValue, aio::MultiplexedConnection};
use tempfile::TempDir;

/// Passes on the signals that it is told; at the end of its input it ends the server.
const WATCH: &str = r#"redis-server "$@" & while read signal; do kill -$signal $!; done; kill -KILL $!; wait"#;

/// Is shared by all cases that only need a server: each has a prefix of its own.
static SHARED: LazyLock<Server> = LazyLock::new(|| Server::start(&[]));

pub(crate) fn shared() -> &'static Server {
    &SHARED
}

pub(crate) struct Server {
    folder: TempDir,
    options: Vec<String>,
    process: Option<(Child, ChildStdin)>,
}

impl Server {
    /// Starts a server and waits until it takes connections.
    pub(crate) fn start(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let options = options.iter().map(|&option| option.to_owned()).collect();
        let mut server = Self { folder, options, process: None };
        server.begin();
        server
    }

    fn begin(&mut self) {
        let folder = self.folder.path().to_str().expect("a path in UTF-8");
        let mut shell = Command::new("sh")
            .args(["-c", WATCH, "redis", "--port", "0", "--unixsocket", &format!("{folder}/socket"), "--dir", folder])
            .args(["--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--daemonize", "no"])
            .args(&self.options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let said = BufReader::new(shell.stdout.take().expect("what it says"));
        let ready = said.lines().map_while(Result::ok).any(|line| line.contains("eady to accept connections"));
        assert!(ready, "redis-server starts (Debian: apt-get install redis-server)");
        let stdin = shell.stdin.take().expect("its input");
        self.process = Some((shell, stdin));
    }

    /// Kills the server and starts it again on what it has written.
    pub(crate) fn restart(&mut self) {
        self.stop();
        self.begin();
    }

    /// Kills the server.
    pub(crate) fn stop(&mut self) {
        if let Some((mut shell, stdin)) = self.process.take() {
            drop(stdin);
            shell.wait().expect("it ends");
        }
    }

    /// Starts the server again after a stop.
    pub(crate) fn resume(&mut self) {
        self.begin();
    }

    /// Sends the server a signal.
    pub(crate) fn signal(&mut self, name: &str) {
        let (_, stdin) = self.process.as_mut().expect("it runs");
        writeln!(stdin, "{name}").expect("the shell reads");
    }

    pub(crate) fn url(&self) -> String {
        format!("unix://{}/socket", self.folder.path().display())
    }

    pub(crate) async fn conn(&self) -> MultiplexedConnection {
        let client = ::redis::Client::open(self.url()).expect("a valid address");
        client.get_multiplexed_async_connection().await.expect("it answers")
    }

    /// Asks the server, as an operator would.
    pub(crate) async fn ask<T: FromRedisValue>(&self, words: &str) -> T {
        let mut words = words.split_whitespace();
        let mut cmd = ::redis::cmd(words.next().expect("a command"));
        cmd.arg(words.collect::<Vec<_>>());
        cmd.query_async(&mut self.conn().await).await.expect("it is done")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

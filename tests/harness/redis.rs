//! A Redis server of a test's own: its files in a folder, its door a socket there. It ends with the test, however that
//! ends: a shell stands between, which reads from a pipe that the test alone holds, and kills the server when it is closed.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;

use queue::redis::{Options, RedisStore};
use tempfile::TempDir;

/// Passes on the signals that it is told; at the end of its input it ends the server.
const WATCH: &str = r#"redis-server "$@" & while read signal; do kill -$signal $!; done; kill -KILL $!; wait"#;

pub(crate) struct Redis {
    folder: TempDir,
    settings: Vec<String>,
    running: Option<(Child, ChildStdin)>,
}

impl Redis {
    /// Names a server that does not run yet.
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().expect("a folder"), settings: Vec::new(), running: None }
    }

    /// Gives it more settings, from its next start on.
    pub(crate) fn set_up(&mut self, settings: &[&str]) {
        self.settings.extend(settings.iter().map(|&setting| setting.to_owned()));
    }

    /// Starts it on what it has written before, and waits until it takes connections.
    pub(crate) fn start(&mut self) {
        let folder = self.folder.path().to_str().expect("a path in UTF-8");
        let mut shell = Command::new("sh")
            .args(["-c", WATCH, "redis", "--port", "0", "--unixsocket", &format!("{folder}/socket"), "--dir", folder])
            .args(["--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--daemonize", "no"])
            .args(&self.settings)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let said = BufReader::new(shell.stdout.take().expect("what it says"));
        let ready = said.lines().map_while(Result::ok).any(|line| line.contains("eady to accept connections"));
        assert!(ready, "redis-server starts (Debian: redis-server); leave `cluster::` out where there is none");
        let stdin = shell.stdin.take().expect("its input");
        self.running = Some((shell, stdin));
    }

    /// Kills it.
    pub(crate) fn stop(&mut self) {
        if let Some((mut shell, stdin)) = self.running.take() {
            drop(stdin);
            shell.wait().expect("it ends");
        }
    }

    /// Makes it lose, while it is stopped, all that it has written.
    pub(crate) fn forget(&self) {
        std::fs::remove_dir_all(self.folder.path().join("appendonlydir")).expect("its files");
    }

    /// Every command that has ever changed what it holds, with its keys and values.
    pub(crate) fn everything(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path().join("appendonlydir")).expect("its files");
        files.flat_map(|file| std::fs::read(file.expect("a file").path()).expect("read")).collect()
    }

    /// How much it has written.
    pub(crate) fn written(&self) -> u64 {
        self.latest_file().1
    }

    /// Makes it lose, while it is stopped, what it has written since: as a machine without power does.
    pub(crate) fn cut_back_to(&self, written: u64) {
        let (path, size) = self.latest_file();
        let file = std::fs::OpenOptions::new().write(true).open(path).expect("its file");
        file.set_len(written.min(size)).expect("cut");
    }

    /// The file that its writes go to, and its size.
    fn latest_file(&self) -> (PathBuf, u64) {
        let files = std::fs::read_dir(self.folder.path().join("appendonlydir")).expect("its files");
        let paths = files.map(|file| file.expect("a file").path());
        let path = paths.filter(|path| path.to_string_lossy().ends_with(".incr.aof")).max().expect("one of them");
        let size = path.metadata().expect("its size").len();
        (path, size)
    }

    /// Tells it something, as an operator does.
    pub(crate) async fn tell(&self, words: &str) {
        let client = redis::Client::open(self.url()).expect("an address");
        let mut conn = client.get_multiplexed_async_connection().await.expect("it answers");
        let mut words = words.split(' ');
        let mut command = redis::cmd(words.next().expect("a command"));
        let () = command.arg(words.collect::<Vec<_>>()).query_async(&mut conn).await.expect("it does as it is told");
    }

    /// Sends it a signal, such as STOP and CONT.
    pub(crate) fn signal(&mut self, name: &str) {
        let (_, stdin) = self.running.as_mut().expect("it runs");
        writeln!(stdin, "{name}").expect("the shell reads");
    }

    pub(crate) fn url(&self) -> String {
        format!("unix://{}/socket", self.folder.path().display())
    }

    /// The queue as an operator sees it.
    pub(crate) async fn store(&self) -> Arc<RedisStore> {
        RedisStore::connect(&self.url(), Options::default()).await.expect("it answers")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
    }
}

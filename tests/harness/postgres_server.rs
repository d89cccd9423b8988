//! A PostgreSQL server of a run's own, which may be crashed and started again: behind a socket in a folder of its own, on no
//! port. It ends with the run, however that ends, by the same means as [`super::Redis`].
//!
//! What ends it here is a crash of its processes and not of the machine: what it has handed to the kernel is kept. So it
//! need not wait for the disk, but a commit is written before it is answered, as in production.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use tempfile::TempDir;
use url::Url;

/// At the end of its input it crashes the server: SIGQUIT, after which it has to recover.
const WATCH: &str = r#""$@" & while read signal; do kill -$signal $!; done; kill -QUIT $!; wait"#;

pub(crate) struct PostgresServer {
    pub url: Url,
    programs: PathBuf,
    folder: TempDir,
    running: Option<(Child, ChildStdin)>,
}

impl PostgresServer {
    pub(crate) fn is_installed() -> bool {
        programs().is_some()
    }

    /// Makes one and starts it.
    pub(crate) fn start() -> Self {
        let programs = programs().expect("PostgreSQL is installed (Debian: postgresql)");
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().to_str().expect("a path in UTF-8").to_owned();
        if is_root() {
            run(Command::new("chown").args(["postgres", &path]));
        }
        run(as_postgres(&programs.join("initdb"))
            .args(["-D", &format!("{path}/data"), "-U", "postgres", "-A", "trust"])
            .args(["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]));
        let url = format!("postgres:///postgres?host={path}&user=postgres").parse().expect("an address");
        let mut server = Self { url, programs, folder, running: None };
        server.resume();
        server
    }

    /// Crashes it, and starts it again on what it has written.
    pub(crate) fn crash(&mut self) {
        self.stop();
        self.resume();
    }

    fn resume(&mut self) {
        let path = self.folder.path().display();
        let mut shell = as_postgres(Path::new("sh"))
            .args(["-c", WATCH, "postgres"])
            .arg(self.programs.join("postgres"))
            .args(["-D", &format!("{path}/data"), "-c", "listen_addresses=", "-c", "max_connections=100"])
            .args(["-c", &format!("unix_socket_directories={path}"), "-c", "fsync=off", "-c", "full_page_writes=off"])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut said = BufReader::new(shell.stderr.take().expect("what it says")).lines().map_while(Result::ok);
        let is_ready = said.any(|line| line.contains("ready to accept connections"));
        assert!(is_ready, "PostgreSQL starts in {path}");
        // Who does not listen to the end makes it wait.
        std::thread::spawn(move || said.for_each(drop));
        let stdin = shell.stdin.take().expect("its input");
        self.running = Some((shell, stdin));
    }

    fn stop(&mut self) {
        if let Some((mut shell, stdin)) = self.running.take() {
            drop(stdin);
            shell.wait().expect("it ends");
        }
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Where Debian keeps the programs of the newest version.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(Result::ok);
    let bins = versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").exists());
    bins.max()
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// PostgreSQL refuses to run as root.
fn as_postgres(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program);
    command
}

fn run(command: &mut Command) {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

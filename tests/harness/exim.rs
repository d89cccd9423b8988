//! A real mail server: Exim, with its configuration and its queue in a folder of its own. Each connection is a process that
//! talks to that connection alone, so there is no daemon and no port but the test's. What it takes stays in its queue.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

/// As the package names it.
const SERVER: &str = "/usr/sbin/exim4";
/// Whom it runs as, where root starts it.
const USER: &str = "Debian-exim";
/// Whom it lets in over TLS.
pub(crate) const LOGIN: &str = "feeds";
pub(crate) const PASSWORD: &str = "a p@ssword";
/// Takes mail from those who have logged in.
const MEMBERS: &str = "accept authenticated = *\n  deny message = log in first";

/// A server that takes mail for everybody but `nobody`.
pub(crate) struct Exim {
    pub port: u16,
    folder: TempDir,
    _stop: DropGuard,
}

/// A mail in its queue.
pub(crate) struct Queued {
    /// Its headers, and how it came.
    pub head: String,
    /// All that comes behind them.
    pub body: String,
}

impl Exim {
    /// Starts one that takes mail from everybody, in the clear.
    pub(crate) async fn plain() -> Self {
        Self::start("accept", "").await
    }

    /// Starts one that takes mail from those alone who have logged in, which it offers over TLS alone.
    pub(crate) async fn closed() -> Self {
        Self::start(MEMBERS, "").await
    }

    /// The same, with TLS from the first byte on.
    pub(crate) async fn closed_and_whole() -> Self {
        Self::start(MEMBERS, "-tls-on-connect").await
    }

    async fn start(rule: &str, more: &'static str) -> Self {
        let folder = TempDir::new().expect("a folder");
        configure(folder.path(), rule);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (stop, configuration) = (CancellationToken::new(), folder.path().join("conf"));
        let stopped = stop.clone();
        tokio::spawn(async move {
            while let Some(Ok((stream, _))) = stopped.run_until_cancelled(listener.accept()).await {
                let stream = stream.into_std().expect("a socket");
                stream.set_nonblocking(false).expect("a socket that waits");
                let socket = std::os::fd::OwnedFd::from(stream);
                let said = socket.try_clone().expect("a socket");
                let mut server = Command::new(SERVER);
                server
                    .arg("-C")
                    .arg(&configuration)
                    .arg("-bs")
                    .args(more.split_terminator(' '))
                    .stdin(socket)
                    .stdout(said)
                    .stderr(Stdio::null());
                let mut child = server.spawn().expect("exim4 is installed");
                std::thread::spawn(move || child.wait());
            }
        });
        Self { port, folder, _stop: stop.drop_guard() }
    }

    /// What it has taken.
    pub(crate) fn queue(&self) -> Vec<Queued> {
        let input = self.folder.path().join("spool/input");
        let Ok(files) = fs::read_dir(&input) else { return Vec::new() };
        let names = files.map(|file| file.expect("a file").file_name().into_string().expect("a name"));
        let ids = names.filter_map(|name| name.strip_suffix("-D").map(str::to_owned));
        let read = |id: &str, part| fs::read_to_string(input.join(format!("{id}-{part}"))).expect("a mail");
        ids.map(|id| Queued { head: read(&id, "H"), body: read(&id, "D") }).collect()
    }
}

/// Writes its configuration, its certificate, for which nobody vouches and which names no address of the tests', and its queue's folder.
fn configure(folder: &Path, rule: &str) {
    let made = rcgen::generate_simple_self_signed(["mail.test".to_owned()]).expect("a certificate");
    let (certificate, key, spool) = (folder.join("cert.pem"), folder.join("key.pem"), folder.join("spool"));
    fs::create_dir(&spool).expect("a folder");
    fs::write(&certificate, made.cert.pem()).expect("written");
    fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    let at = folder.display();
    let text = format!(
        "primary_hostname = mail.test\nspool_directory = {at}/spool\nlog_file_path = {at}/spool/%slog\n\
         tls_advertise_hosts = *\ntls_certificate = {at}/cert.pem\ntls_privatekey = {at}/key.pem\n\
         auth_advertise_hosts = ${{if def:tls_in_cipher {{*}}{{}}}}\nqueue_only\nacl_smtp_rcpt = rcpt\n\
         begin acl\nrcpt:\n  deny message = nobody lives here\n       local_parts = nobody\n  {rule}\n\
         begin routers\nall:\n  driver = accept\n  transport = none\n\
         begin transports\nnone:\n  driver = appendfile\n  file = /dev/null\n\
         begin authenticators\nplain:\n  driver = plaintext\n  public_name = PLAIN\n  server_prompts = :\n  \
         server_condition = ${{if and{{{{eq{{$auth2}}{{{LOGIN}}}}}{{eq{{$auth3}}{{{PASSWORD}}}}}}}}}\n  server_set_id = $auth2\n"
    );
    fs::write(folder.join("conf"), text).expect("written");
    if rustix::process::geteuid().is_root() {
        let id = |flag| {
            let said = Command::new("id").args([flag, USER]).output().expect("id").stdout;
            String::from_utf8(said).expect("a number").trim().parse::<u32>().expect("exim4 is installed")
        };
        for path in [&spool, &key] {
            chown(path, Some(id("-u")), Some(id("-g"))).expect("given away");
        }
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("passable");
    }
}

//! A line to PostgreSQL that breaks at the worst moment: the server has done what it was told, and its answer is lost.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use url::Url;

use super::{Postgres, within_reason};

/// A line that goes through this process.
pub(crate) struct Lossy {
    /// Where the database is behind it.
    pub url: String,
    /// The statement whose answer is lost next.
    loses: Arc<Mutex<Option<String>>>,
    /// Whether it is cut, and how many have found it so.
    cut: Arc<(AtomicBool, AtomicUsize)>,
}

impl Lossy {
    pub(crate) async fn before(postgres: &Postgres) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let mut url = postgres.url.clone();
        let user = url.query_pairs().find(|(name, _)| name == "user").map(|(_, user)| user.into_owned());
        url.set_query(Some("sslmode=disable"));
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(port)).expect("a port");
        if let Some(user) = user {
            url.set_username(&user).expect("a name");
        }
        let loses: Arc<Mutex<Option<String>>> = Arc::default();
        let cut: Arc<(AtomicBool, AtomicUsize)> = Arc::default();
        let (armed, there, found) = (loses.clone(), postgres.url.clone(), cut.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if found.0.load(Ordering::Relaxed) {
                    found.1.fetch_add(1, Ordering::Relaxed);
                    continue;
                }
                let (armed, there) = (armed.clone(), there.clone());
                tokio::spawn(async move {
                    match socket(&there) {
                        Some(path) => carry(client, UnixStream::connect(path).await?, &armed).await,
                        None => carry(client, TcpStream::connect(address(&there)).await?, &armed).await,
                    }
                });
            }
        });
        Self { url: url.into(), loses, cut }
    }

    /// Loses the answer to the next statement that contains `text`, and breaks the connection it came on.
    pub(crate) fn lose_the_answer_to(&self, text: &str) {
        *self.loses.lock().unwrap_or_else(PoisonError::into_inner) = Some(text.to_owned());
    }

    /// Lets nobody through any more, or everybody again. Who is through stays so.
    pub(crate) fn cut(&self, cut: bool) {
        self.cut.0.store(cut, Ordering::Relaxed);
    }

    /// Waits until some have found it cut.
    pub(crate) async fn wait_for_refused(&self, number: usize) {
        within_reason(async {
            while self.cut.1.load(Ordering::Relaxed) < number {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    /// Whether an answer is still to be lost.
    pub(crate) fn is_armed(&self) -> bool {
        self.loses.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

/// The server's socket, where it has one.
fn socket(url: &Url) -> Option<String> {
    let folder = url.query_pairs().find(|(name, folder)| name == "host" && folder.starts_with('/'))?.1;
    Some(format!("{folder}/.s.PGSQL.{}", url.port().unwrap_or(5432)))
}

fn address(url: &Url) -> (String, u16) {
    (url.host_str().unwrap_or("localhost").to_owned(), url.port().unwrap_or(5432))
}

/// Carries bytes both ways, until an end hangs up or the answer comes that is to be lost. A statement that is prepared
/// first is done by the message behind.
async fn carry(
    mut client: impl AsyncRead + AsyncWrite + Unpin,
    mut server: impl AsyncRead + AsyncWrite + Unpin,
    loses: &Mutex<Option<String>>,
) -> std::io::Result<()> {
    let (mut asked, mut told) = (vec![0; 65_536], vec![0; 65_536]);
    let (mut is_prepared, mut is_lost) = (false, false);
    loop {
        tokio::select! {
            size = client.read(&mut asked) => {
                let message = &asked[..size?];
                if message.is_empty() {
                    return Ok(());
                }
                is_lost |= is_prepared;
                if is_hit(message, loses) {
                    is_prepared = message[0] == b'P';
                    is_lost |= !is_prepared;
                }
                server.write_all(message).await?;
            }
            size = server.read(&mut told) => {
                let answer = &told[..size?];
                if answer.is_empty() || is_lost {
                    return Ok(());
                }
                client.write_all(answer).await?;
            }
        }
    }
}

/// Whether this is the statement whose answer is to be lost; it is so once.
fn is_hit(message: &[u8], loses: &Mutex<Option<String>>) -> bool {
    let contains = |text: &mut String| message.windows(text.len()).any(|part| part == text.as_bytes());
    loses.lock().unwrap_or_else(PoisonError::into_inner).take_if(contains).is_some()
}

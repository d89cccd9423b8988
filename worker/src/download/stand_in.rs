//! A server for this folder's tests: says, byte for byte and in order, what it was told to, and remembers what it heard.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{Config, Download, Hosts};

/// One answer, for one connection.
pub(super) struct Reply {
    text: Vec<u8>,
    hangs: bool,
}

/// A running stand-in, and a client that may ask it.
pub(super) struct StandIn {
    pub(super) download: Download,
    pub(super) url: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Reply {
    /// A head of status line and headers, and a body.
    pub(super) fn new(head: &str, body: impl AsRef<[u8]>) -> Self {
        let mut text = format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n").into_bytes();
        text.extend_from_slice(body.as_ref());
        Self { text, hangs: false }
    }

    pub(super) fn redirect(to: &str) -> Self {
        Self::new(&format!("302 Found\r\nlocation: {to}\r\ncontent-length: 0"), "")
    }

    /// Leaves the connection open after the last byte.
    pub(super) fn hangs(mut self) -> Self {
        self.hangs = true;
        self
    }
}

impl StandIn {
    pub(super) async fn start(replies: impl IntoIterator<Item = Reply, IntoIter: Send + 'static>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let config = Config {
            hosts: "localhost".parse::<Hosts>().unwrap(),
            stand_ins: vec![url.parse().unwrap()],
            configured: Vec::new(),
        };
        tokio::spawn(serve(listener, replies.into_iter(), heard.clone()));
        Self { download: Download::new(config).unwrap(), url, heard }
    }

    /// The same as a service that an operator configured.
    pub(super) async fn configured(replies: impl IntoIterator<Item = Reply, IntoIter: Send + 'static>) -> Self {
        let server = Self::start(replies).await;
        let configured = vec![server.url.parse().unwrap()];
        let config = Config { hosts: Hosts::default(), stand_ins: Vec::new(), configured };
        Self { download: Download::new(config).unwrap(), ..server }
    }

    /// The heads of the requests so far, in order.
    pub(super) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(listener: TcpListener, mut replies: impl Iterator<Item = Reply>, heard: Arc<Mutex<Vec<String>>>) {
    let mut open = Vec::new();
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let question = head_of(&mut stream).await;
        heard.lock().unwrap_or_else(PoisonError::into_inner).push(question);
        let reply = replies.next().unwrap_or_else(|| Reply::new("599 Asked too often", ""));
        // Whoever has heard enough hangs up, in the middle of an answer too.
        let _ = stream.write_all(&reply.text).await;
        if reply.hangs {
            open.push(stream);
        }
    }
}

async fn head_of(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

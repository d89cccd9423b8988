//! What the HTTP jobs of the bench ask: a server that answers every request after 50 ms with a page of JSON, and keeps
//! its connections.

use std::io::Read;
use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::commands::say;

/// How long an answer takes: about what the Graph takes for a page of media.
const ANSWERS_AFTER: Duration = Duration::from_millis(50);

/// Items in a page; with these it has about 4 KB.
const ITEMS: u32 = 16;

/// Serves on a free port, which it prints, until its input ends: so it ends with whoever started it.
pub(super) async fn run() -> anyhow::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    say(&format!("http://{}/", listener.local_addr()?));
    let input = tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0]));
    tokio::select! {
        served = serve(&listener) => served,
        _ = input => Ok(()),
    }
}

async fn serve(listener: &TcpListener) -> anyhow::Result<()> {
    let answer: &'static str = Box::leak(answer().into_boxed_str());
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        // A connection that breaks ends alone.
        tokio::spawn(async move { converse(stream, answer).await.ok() });
    }
}

/// Answers one request after the other; requests have no body.
async fn converse(stream: TcpStream, answer: &str) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        if line == "\r\n" {
            tokio::time::sleep(ANSWERS_AFTER).await;
            stream.write_all(answer.as_bytes()).await?;
        }
    }
}

fn answer() -> String {
    let item = |number: u32| {
        json!({
            "id": format!("1789{number:013}"), "media_type": "IMAGE", "media_product_type": "FEED",
            "caption": "Figures are taken where the work is done, and told with the machine they were taken on.",
            "permalink": format!("https://www.instagram.com/p/B{number:010}/"), "timestamp": "2026-11-20T10:00:00+0000",
            "like_count": number, "comments_count": number / 7,
        })
    };
    let body = json!({"data": (0..ITEMS).map(item).collect::<Vec<_>>()}).to_string();
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

//! `feedkeeper explain`: what one answer of Meta means. It needs no key, no configuration and no network.

use std::io::Read;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use worker::explain::Explanation;
use worker::graph::{HeaderMap, HeaderName, HeaderValue};

use super::say;

/// No answer of Meta's is longer.
const MOST_READ: u64 = 8 * 1024 * 1024;
/// The end of a command that could not read what it was given.
const UNREADABLE: u8 = 2;

/// An answer of Meta.
#[derive(Debug, Args)]
pub(crate) struct Answer {
    /// The HTTP status, if it is known
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(100..=599))]
    status: Option<u16>,
    /// A header of the answer; may be said again
    #[arg(long = "header", value_name = "K: V", value_parser = header)]
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The file with the body; `-`, or nothing: stdin. What `curl -i` prints may stand in it, too
    #[arg(value_name = "FILE")]
    file: Option<String>,
}

/// Explains it: prints one JSON object.
pub(crate) fn run(answer: &Answer) -> anyhow::Result<ExitCode> {
    let body = match read(answer.file.as_deref()) {
        Ok(body) => body,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "the last word of a process that could not go on")]
            {
                eprintln!("feedkeeper: {error:#}");
            }
            return Ok(ExitCode::from(UNREADABLE));
        }
    };
    let (status, mut headers, body) = with_head(&body);
    headers.extend(answer.headers.iter().cloned());
    let explanation = Explanation::of(answer.status.or(status), &headers, body);
    say(&serde_json::to_string_pretty(&explanation)?);
    Ok(ExitCode::SUCCESS)
}

fn header(text: &str) -> Result<(HeaderName, HeaderValue), &'static str> {
    let fix = "a header is a name, a colon and a value, such as 'Retry-After: 30'";
    let (name, value) = text.split_once(':').ok_or(fix)?;
    Ok((name.trim().parse().map_err(|_| fix)?, HeaderValue::from_bytes(value.trim().as_bytes()).map_err(|_| fix)?))
}

fn read(file: Option<&str>) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    match file {
        None | Some("-") => {
            std::io::stdin().lock().take(MOST_READ).read_to_end(&mut body).context("stdin cannot be read")?
        }
        Some(path) => {
            let opened = std::fs::File::open(path).with_context(|| format!("{path} cannot be opened"))?;
            opened.take(MOST_READ).read_to_end(&mut body).with_context(|| format!("{path} cannot be read"))?
        }
    };
    Ok(body)
}

/// Takes off the heads that `curl -i` prints: of redirects, of proxies, and the answer's own, which is the last.
fn with_head(mut body: &[u8]) -> (Option<u16>, HeaderMap, &[u8]) {
    let (mut status, mut headers) = (None, HeaderMap::new());
    while body.starts_with(b"HTTP/") {
        let end = |gap: &[u8]| body.windows(gap.len()).position(|window| window == gap).map(|at| (at, at + gap.len()));
        let (end, behind) = match (end(b"\r\n\r\n"), end(b"\n\n")) {
            (Some(one), Some(other)) => one.min(other),
            (one, other) => one.or(other).unwrap_or((body.len(), body.len())),
        };
        let head = String::from_utf8_lossy(&body[..end]).into_owned();
        let mut lines = head.lines();
        status = lines.next().and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
        headers = lines.filter_map(|line| header(line).ok()).collect();
        body = &body[behind..];
    }
    (status, headers, body)
}

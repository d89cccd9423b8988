//! `POST /_sandbox/callbacks`: Meta's two callbacks, sent to the service when a test says so.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::{Host, Url};

use super::body::{Fields, whole};
use super::{Answer, Problem, Sandbox};
use crate::people::{self, Person};
use crate::signing::hmac_sha256;

/// How long Meta waits for an answer here.
const PATIENCE: Duration = Duration::from_secs(10);
/// The oldest callback that can be repeated.
const LONGEST_AGO_S: i64 = 10 * 365 * 86_400;

/// How far the clock may be ahead by which a callback is stamped.
const AHEAD_S: i64 = 3_600;

/// Sends what Meta sends when a person has removed the app, or wants to be forgotten, and tells what was answered.
pub(super) async fn send(State(shared): Sandbox, body: Bytes) -> Answer<Value> {
    let mut fields = Fields::read(&body)?;
    let (user, url) = (fields.required("user")?, fields.required("url")?);
    let signature = fields.text("signature")?.unwrap_or_else(|| "right".to_owned());
    let as_page = fields.flag("as_page")?;
    let issued_ago_s = match fields.take("issued_ago_s") {
        None => 0,
        Some(ago) => whole("issued_ago_s", &ago, -AHEAD_S, LONGEST_AGO_S)?,
    };
    fields.done("user, url, signature, as_page, issued_ago_s")?;
    let person = people::by_user(&user).ok_or_else(|| Problem::no_such_user(&user))?;
    let payload = URL_SAFE_NO_PAD.encode(payload(person, as_page, shared.clock.now_s() - issued_ago_s)?.to_string());
    let sign = |secret: &str| URL_SAFE_NO_PAD.encode(hmac_sha256(secret.as_bytes(), payload.as_bytes()));
    let secret = shared.config.app_secret.as_str();
    let signed_request = match signature.as_str() {
        "right" => format!("{}.{payload}", sign(secret)),
        "wrong" => format!("{}.{payload}", sign(&format!("not {secret}"))),
        "mangled" => format!("{}{payload}", sign(secret)),
        other => return Err(Problem::field(format!("signature is right, wrong or mangled, not {other:?}"))),
    };
    let url = address(&url)?;
    let (status, text) = tokio::time::timeout(PATIENCE, post(&url, &signed_request))
        .await
        .map_err(|_| Problem::field(format!("url: nobody answers at {url}")))?
        .map_err(|error| Problem::field(format!("url: {url}: {error}")))?;
    Ok(Json(json!({ "status": status, "body": text })))
}

/// What Meta signs. Where a Page removes the app, it is named in place of a person.
fn payload(person: &Person, as_page: bool, now_s: i64) -> Result<Value, Problem> {
    if !as_page {
        return Ok(json!({ "algorithm": "HMAC-SHA256", "issued_at": now_s, "user_id": person.id.to_string() }));
    }
    let page = person.pages.first().ok_or_else(|| Problem::field("as_page: this user has no Page"))?;
    Ok(json!({ "algorithm": "HMAC-SHA256", "issued_at": now_s, "user_id": 0, "profile_id": page.id }))
}

/// Only this machine is called: a test's slip must not reach anybody.
fn address(text: &str) -> Result<Url, Problem> {
    let bad = || Problem::field(format!("url must be an http address of this machine, not {text:?}"));
    let url = Url::parse(text).map_err(|_| bad())?;
    let is_here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if url.scheme() == "http" && is_here { Ok(url) } else { Err(bad()) }
}

/// Posts the form, and reads the answer to its end.
async fn post(url: &Url, signed_request: &str) -> std::io::Result<(u16, String)> {
    let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(80));
    let mut connection = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    let form =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("signed_request", signed_request).finish();
    let request = format!(
        "POST {} HTTP/1.1\r\nhost: {host}:{port}\r\nuser-agent: facebookexternalua\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{form}",
        url.path(),
        form.len()
    );
    connection.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await?;
    let text = String::from_utf8_lossy(&answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| std::io::Error::other("the answer is no HTTP"))?;
    Ok((status, body.to_owned()))
}

//! The one door to Slack: an incoming webhook, which takes a text and answers with a word.
//!
//! The webhook's address is a secret, as whoever knows it may write: it is in no log, no error, and no `Debug`.

mod error;

#[cfg(test)]
mod client_tests;

use std::time::Duration;

use anyhow::Context as _;
use reqwest::redirect;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::loopback::is_loopback;

pub use error::Error;

/// A host that does not even accept the connection by then is down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The whole call.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(15);
/// Slack answers with a word; no more of an answer is looked at.
const BODY_LIMIT: usize = 512;
/// Slack cuts what is longer off.
const LONGEST: usize = 30_000;

/// The client of one webhook. Cloning shares its connections.
#[derive(Clone)]
pub struct Slack {
    http: reqwest::Client,
    url: SecretString,
    origin: Url,
}

impl Slack {
    /// Builds the client; follows no redirect, as no webhook gives one. Refuses an address in the clear, unless it is on
    /// this machine.
    #[expect(clippy::disallowed_methods, reason = "this folder is where Slack's client is built")]
    pub fn new(webhook: &SecretString) -> anyhow::Result<Self> {
        // The parser's error repeats nothing of the address.
        let url: Url = webhook.expose_secret().parse().context("the webhook is no address")?;
        let is_here = is_loopback(&url);
        anyhow::ensure!(
            url.scheme() == "https" || (url.scheme() == "http" && is_here),
            "the webhook begins with https:// (http:// is for this machine alone)"
        );
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TOTAL_TIMEOUT)
            .redirect(redirect::Policy::none())
            .user_agent(concat!("feedkeeper/", env!("CARGO_PKG_VERSION")));
        if is_here {
            // A stand-in on this machine is never behind the company's proxy.
            builder = builder.no_proxy();
        }
        let http = builder.build().context("building Slack's client")?;
        let origin = url.join("/").context("the webhook has no host")?;
        Ok(Self { http, url: webhook.clone(), origin })
    }

    /// Says a text, as it stands: nothing in it is markup, and no link is unfolded.
    #[expect(clippy::disallowed_methods, reason = "this folder is where Slack is called")]
    pub async fn tell(&self, text: &str) -> Result<(), Error> {
        let body = json!({"text": escaped(text), "mrkdwn": false, "unfurl_links": false, "unfurl_media": false});
        let mut response =
            self.http.post(self.url.expose_secret()).json(&body).send().await.map_err(Error::transport)?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
        let retry_after = retry_after.and_then(|value| value.trim().parse().ok()).map(Duration::from_secs);
        let mut said = Vec::new();
        while said.len() < BODY_LIMIT
            && let Some(chunk) = response.chunk().await.map_err(Error::transport)?
        {
            said.extend_from_slice(&chunk);
        }
        Error::of_answer(status, retry_after, &said)
    }

    /// Reaches the webhook's host and says nothing there: any answer is one.
    #[expect(clippy::disallowed_methods, reason = "this folder is where Slack is called")]
    pub async fn reach(&self) -> Result<(), Error> {
        self.http.head(self.origin.clone()).send().await.map(drop).map_err(Error::transport)
    }

    /// Returns the webhook's host, which is no secret.
    pub fn host(&self) -> &str {
        self.origin.host_str().unwrap_or_default()
    }

    /// Returns what tells one webhook from another, and does not lead back to it.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.url.expose_secret());
        digest.iter().take(8).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }
}

impl std::fmt::Debug for Slack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slack").field("host", &self.host()).finish_non_exhaustive()
    }
}

/// Slack wants these three as entities, and no others.
fn escaped(text: &str) -> String {
    let text = &text[..text.floor_char_boundary(LONGEST)];
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

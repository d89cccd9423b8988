//! Asking over HTTP: the bench's one client and its one `send`.

use std::time::Duration;

use anyhow::Context;
use reqwest::{Client, Method};
use serde_json::Value;

/// Longer than anything that is measured here may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks over connections that are kept.
#[derive(Clone, Debug)]
pub(super) struct Http(Client);

impl Http {
    #[expect(clippy::disallowed_methods, reason = "this file is where the bench's client is built")]
    pub(super) fn new() -> anyhow::Result<Self> {
        // The stand-in is on this machine, or where the bench was told; never behind the company's proxy.
        Ok(Self(Client::builder().no_proxy().timeout(PATIENCE).build().context("building the bench's client")?))
    }

    /// Asks once and reads the answer to its end: the status and the body.
    #[expect(clippy::disallowed_methods, reason = "this file is where the bench's client is used")]
    pub(super) async fn send(&self, method: Method, url: &str) -> anyhow::Result<(u16, Vec<u8>)> {
        let answer = self.0.request(method, url).send().await?;
        Ok((answer.status().as_u16(), answer.bytes().await?.into()))
    }

    /// Posts JSON, and parses what is answered.
    #[expect(clippy::disallowed_methods, reason = "this file is where the bench's client is used")]
    pub(super) async fn post(&self, url: &str, body: &Value) -> anyhow::Result<Value> {
        Ok(self.0.post(url).json(body).send().await?.error_for_status()?.json().await?)
    }

    /// Gets an address, and parses what it answers.
    pub(super) async fn parse(&self, url: &str) -> anyhow::Result<Value> {
        let (status, body) = self.send(Method::GET, url).await.context("BENCH_HTTP")?;
        anyhow::ensure!(status == 200, "BENCH_HTTP answers {status}");
        serde_json::from_slice(&body).context("BENCH_HTTP answers no JSON")
    }
}

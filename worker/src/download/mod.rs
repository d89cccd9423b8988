//! The one way to fetch a file or a foreign address: pictures and videos of posts, what an outlet answers.
//!
//! An address is content, written by others. It is asked if it is https of a listed host ([`Hosts`], `MEDIA_HOSTS`), or of
//! a stand-in on this machine, from where the pictures come while one tries things out; so is every address that it
//! redirects to; and never does a name lead into a private network. What the operator configured (the outlet) may lie
//! anywhere, as it is configured: it is asked by [`Download::get_configured`] alone, and neither content nor a redirect
//! from elsewhere leads there. Nothing of ours goes along: no token, no cookie, no referrer.
//!
//! The outlet is asked so (`crate::outlet`). `crosspost_media` is the one job that downloads: what it posts.

mod address;
mod answer;
mod error;
mod hosts;
mod public;

#[cfg(test)]
mod client_tests;
#[cfg(test)]
mod stand_in;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use reqwest::{Client, ClientBuilder, Response, redirect};
use tracing::{Instrument as _, Span, field};
use url::Url;

use crate::loopback::is_loopback;
use address::Address;
pub use answer::Downloaded;
pub use error::{Error, Rule};
pub use hosts::{Hosts, HostsError};

/// A host that does not even accept the connection by then is down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Content networks redirect once, if at all.
const MOST_REDIRECTS: usize = 3;

/// What may be asked.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// `MEDIA_HOSTS`.
    pub hosts: Hosts,
    /// Addresses of stand-ins, whose origins may be asked too: on this machine, also over plain http.
    pub stand_ins: Vec<Url>,
    /// Addresses of services that the operator configured (`OUTLET_URL`), whose origins are asked as they stand: over http,
    /// on any port, in a private network.
    pub configured: Vec<Url>,
}

/// What a caller takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest body, in bytes.
    pub bytes: usize,
    /// The longest time, redirects and body included.
    pub time: Duration,
}

impl Default for Limits {
    /// 16 MiB, twice Instagram's largest picture, in 30 seconds. Videos are larger: their caller says how large.
    fn default() -> Self {
        Self { bytes: 16 * 1024 * 1024, time: Duration::from_secs(30) }
    }
}

/// The client. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct Download {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: Config,
    /// Connects to public addresses alone.
    outside: Client,
    /// Connects to the stand-ins, and to what is configured.
    inside: Client,
}

impl Download {
    /// Builds the client; refuses a stand-in that is not on this machine.
    pub fn new(config: Config) -> anyhow::Result<Self> {
        for url in &config.stand_ins {
            anyhow::ensure!(is_on_this_machine(url), "the stand-in `{}` is not on this machine", shown_origin(url));
        }
        for url in &config.configured {
            let is_web = matches!(url.scheme(), "http" | "https");
            anyhow::ensure!(is_web, "the service `{}` is asked over http or https", shown_origin(url));
        }
        let outside = builder().https_only(true).dns_resolver(public::PublicOnly).build();
        let outside = outside.context("building the client for downloads")?;
        let inside = builder().build().context("building the client for what is configured")?;
        Ok(Self { inner: Arc::new(Inner { config, outside, inside }) })
    }

    /// Fetches a file within the default [`Limits`].
    pub async fn get(&self, url: &str) -> Result<Downloaded, Error> {
        self.get_within(url, Limits::default()).await
    }

    /// Fetches a file.
    pub async fn get_within(&self, url: &str, limits: Limits) -> Result<Downloaded, Error> {
        self.fetch(Address::first(url, &self.inner.config)?, limits).await
    }

    /// Asks a service that the operator configured. The address is made of what is configured, never taken from content.
    pub async fn get_configured(&self, url: &str, limits: Limits) -> Result<Downloaded, Error> {
        self.fetch(Address::configured(url, &self.inner.config)?, limits).await
    }

    async fn fetch(&self, mut address: Address, limits: Limits) -> Result<Downloaded, Error> {
        let at = address.shown();
        let span = tracing::info_span!(
            "download",
            %at,
            status = field::Empty,
            redirects = field::Empty,
            bytes = field::Empty,
            duration_ms = field::Empty,
        );
        let started = Instant::now();
        let download = self.follow(&mut address, limits.bytes, &span).instrument(span.clone());
        let outcome = tokio::time::timeout(limits.time, download).await;
        let outcome = outcome.unwrap_or_else(|_| Err(Error::late(address.shown())));
        span.record("duration_ms", u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX));
        if let Ok(file) = &outcome {
            span.record("bytes", file.bytes.len());
        }
        span.in_scope(|| tracing::debug!("a file was asked for"));
        outcome
    }

    /// Asks an address and those that it redirects to; `address` is the one that was asked last.
    async fn follow(&self, address: &mut Address, limit: usize, span: &Span) -> Result<Downloaded, Error> {
        for redirects in 0..=MOST_REDIRECTS {
            let response = self.ask(address).await?;
            span.record("status", response.status().as_u16()).record("redirects", redirects);
            match answer::location(&response) {
                Some(location) => *address = address.next(&location, &self.inner.config)?,
                None => return answer::read(response, address.shown(), limit).await,
            }
        }
        Err(Error::Refused { at: address.shown(), rule: Rule::Redirects })
    }

    #[expect(clippy::disallowed_methods, reason = "this folder is where files are downloaded")]
    async fn ask(&self, address: &Address) -> Result<Response, Error> {
        let client = if address.is_inside() { &self.inner.inside } else { &self.inner.outside };
        client.get(address.url()).send().await.map_err(|error| Error::transport(address.shown(), error))
    }
}

/// What both clients have in common. A proxy would look the names up itself, past our resolver: none is used.
#[expect(clippy::disallowed_methods, reason = "this folder is where the client for downloads is built")]
fn builder() -> ClientBuilder {
    Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("feedkeeper/", env!("CARGO_PKG_VERSION")))
}

fn is_on_this_machine(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && is_loopback(url)
}

fn shown_origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

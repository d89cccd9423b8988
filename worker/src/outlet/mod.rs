//! The one door to the legacy outlet, which the operator configured: it answers for any account, connected or not, with its
//! newest items in one call.
//!
//! `GET {OUTLET_URL}/{name}?limit=N`; a hashtag is asked for as `%23food`. What it answers is content of others', and is
//! read into our own shape (`items`). What its failures mean is in `error`; when it is left alone, in `rest`.

mod error;
mod items;
mod meter;
mod rest;

#[cfg(test)]
mod client_tests;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use entities::FeedKey;
use serde_json::Value;
use tokio::sync::{Semaphore, SemaphorePermit};
use url::Url;

use crate::download::{self, Download, Hosts, Limits};

pub use error::Error;
pub(crate) use rest::Rest;
use rest::Trouble;

/// The largest answer. Fifty items with albums and long captions are a tenth of it.
const LARGEST: usize = 4 * 1024 * 1024;
/// So many calls are under way at once, so that an outlet that is slow leaves hands free for what others serve.
const HANDS: usize = 4;
/// A name that no account has: what is asked when it is only looked whether the outlet answers.
const NOBODY: &str = "@feedkeeper.doctor";

/// Where the outlet is, and how long it may take.
#[derive(Clone, Debug)]
pub struct Config {
    /// `OUTLET_URL`.
    pub url: Url,
    /// How long a call may take.
    pub patience: Duration,
}

impl Config {
    /// Returns the configuration of an outlet that has ten seconds for an answer.
    pub const fn at(url: Url) -> Self {
        Self { url, patience: Duration::from_secs(10) }
    }
}

/// The client. Cloning shares its connections, and what is known of the outlet.
#[derive(Clone, Debug)]
pub struct Outlet {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: Config,
    download: Download,
    hands: Semaphore,
    trouble: Mutex<Trouble>,
}

impl Outlet {
    /// Builds the client.
    pub fn new(config: Config) -> anyhow::Result<Self> {
        anyhow::ensure!(
            !config.url.cannot_be_a_base(),
            "the outlet's address has no path that a name could be put behind"
        );
        let configured = vec![config.url.clone()];
        let rules = download::Config { hosts: Hosts::default(), stand_ins: Vec::new(), configured };
        let download = Download::new(rules).context("building the outlet's client")?;
        let (hands, trouble) = (Semaphore::new(HANDS), Mutex::default());
        Ok(Self { inner: Arc::new(Inner { config, download, hands, trouble }) })
    }

    /// Reads the newest `limit` items of an account or a hashtag, as a feed's body.
    pub async fn feed(&self, key: &FeedKey, limit: u32) -> Result<Value, Error> {
        let url = self.address(key, limit).ok_or(Error::Unknown)?;
        let limits = Limits { bytes: LARGEST, time: self.inner.config.patience };
        let started = Instant::now();
        let answer = self.inner.download.get_configured(url.as_str(), limits).await;
        let body = answer.map_err(Error::from).and_then(|answer| items::body(&answer.bytes, key, limit));
        meter::called(started.elapsed(), body.as_ref().err());
        body
    }

    /// Looks whether the outlet answers as an outlet does: that it does not know a name is an answer.
    pub async fn reach(&self) -> Result<(), Error> {
        let Ok(nobody) = FeedKey::parse(NOBODY) else { return Ok(()) };
        match self.feed(&nobody, 1).await {
            Ok(_) | Err(Error::Unknown) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Returns a free hand for one call; `None`: all are at work.
    pub(crate) fn hand(&self) -> Option<SemaphorePermit<'_>> {
        self.inner.hands.try_acquire().ok()
    }

    /// Returns where a feed is asked for; `None`: a name made of a dot or two would be no name in a path, but a way out
    /// of it.
    fn address(&self, key: &FeedKey, limit: u32) -> Option<Url> {
        let name = key.account_name().unwrap_or(key.as_str());
        if matches!(name, "." | "..") {
            return None;
        }
        let mut url = self.inner.config.url.clone();
        url.path_segments_mut().ok()?.pop_if_empty().push(name);
        url.query_pairs_mut().append_pair("limit", &limit.to_string());
        Some(url)
    }
}

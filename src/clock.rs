//! `CLOCK_URL`: the domain's clock goes after a stand-in's, so that processes beside it live at its time, and at the same.
//! Leases and time-outs stay on real time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::TimeDelta;
use queue::Store;
use queue::clock::{Clock, ShiftedClock};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use url::Url;

/// How often the stand-in is asked.
const LOOK: Duration = Duration::from_millis(100);
/// After how long everybody who asks so often has heard of a move.
const EVERYBODY: Duration = Duration::from_millis(250);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a stand-in that is just starting is waited for.
const STARTING: Duration = Duration::from_secs(10);
/// Where a stand-in tells its time, if the address does not say.
const DOOR: &str = "/_sandbox/clock";

/// Goes after a stand-in's clock.
pub(crate) struct Follower {
    url: Url,
    http: reqwest::Client,
    clock: Arc<ShiftedClock>,
    /// When the stand-in was last seen to have moved.
    moved: Option<Instant>,
    /// Whether the schedules of this process have still to hear of that.
    owes_wake: bool,
}

impl Follower {
    /// Sets a clock by the stand-in's.
    #[expect(clippy::disallowed_methods, reason = "the one client that asks for the time, of nobody but a stand-in")]
    pub(crate) async fn start(url: &Url) -> anyhow::Result<Self> {
        let mut url = url.clone();
        if url.path() == "/" {
            url.set_path(DOOR);
        }
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().context("building a client")?;
        let follower = Self { url, http, clock: Arc::new(ShiftedClock::default()), moved: None, owes_wake: true };
        let told = tokio::time::timeout(STARTING, async {
            loop {
                match follower.ask().await {
                    Ok(offset) => return offset,
                    Err(error) => tracing::debug!(error = format!("{error:#}"), "CLOCK_URL is asked again"),
                }
                tokio::time::sleep(LOOK).await;
            }
        });
        let offset = told.await.with_context(|| format!("CLOCK_URL={} does not tell the time", follower.url))?;
        follower.clock.set(TimeDelta::milliseconds(offset));
        Ok(follower)
    }

    /// Returns the clock that goes along.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    /// Goes along until `stop`. A store that is given is told of each move, and schedules here are woken, when everybody else
    /// who follows can have heard of it as well: what falls due then is done by nobody who still lives before it.
    pub(crate) async fn run(mut self, store: Option<Arc<dyn Store>>, stop: CancellationToken) -> anyhow::Result<()> {
        let mut is_lost = false;
        while !stop.is_cancelled() {
            let followed = self.follow(store.as_deref()).await;
            if let Err(error) = &followed
                && !is_lost
            {
                let error = format!("{error:#}");
                tracing::warn!(error, "CLOCK_URL cannot be followed: the clock goes on as it was");
            }
            is_lost = followed.is_err();
            let _ = tokio::time::timeout(LOOK, stop.cancelled()).await;
        }
        Ok(())
    }

    async fn follow(&mut self, store: Option<&dyn Store>) -> anyhow::Result<()> {
        let offset = self.ask().await?;
        if self.clock.offset().num_milliseconds() != offset {
            self.clock.set_quietly(TimeDelta::milliseconds(offset));
            (self.moved, self.owes_wake) = (Some(Instant::now()), true);
        }
        if self.moved.is_some_and(|moved| moved.elapsed() < EVERYBODY) {
            return Ok(());
        }
        if let Some(store) = store
            && store.offset().await? != offset
        {
            store.set_offset(offset).await?;
        }
        if std::mem::take(&mut self.owes_wake) {
            self.clock.wake();
        }
        Ok(())
    }

    /// Returns how far the stand-in is ahead of the system's time, in milliseconds.
    #[expect(clippy::disallowed_methods, reason = "the one question of this file")]
    async fn ask(&self) -> anyhow::Result<i64> {
        let answer = self.http.get(self.url.clone()).send().await?.error_for_status()?;
        let told: Value = answer.json().await.context("the answer is no stand-in's")?;
        told["offset_ms"].as_i64().context("the answer holds no offset_ms")
    }
}

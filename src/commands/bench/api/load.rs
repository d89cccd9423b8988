//! The load: loops that ask, each again as soon as it is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use reqwest::Method;
use tokio::task::JoinSet;

use crate::commands::bench::http::Http;

/// Requests under way at once.
pub(super) const AT_ONCE: usize = 50;

/// Each request's address, by its number.
pub(super) type Urls = Box<dyn Fn(u64) -> String + Send + Sync>;

/// Is what is asked for.
pub(super) struct Load {
    pub(super) requests: u64,
    pub(super) method: Method,
    /// What each answer has to be.
    pub(super) status: u16,
    pub(super) urls: Urls,
}

/// Is how it was answered.
pub(super) struct Answers {
    wall_s: f64,
    /// How long each answer took.
    pub(super) ms: Vec<f64>,
}

impl Answers {
    /// Returns how many there were in a second.
    #[expect(clippy::cast_precision_loss, reason = "counts of requests stay far below where an f64 skips numbers")]
    pub(super) fn per_second(&self) -> f64 {
        self.ms.len() as f64 / self.wall_s
    }
}

impl Load {
    /// Asks; an answer of another status ends it.
    pub(super) async fn run(self, http: &Http) -> anyhow::Result<Answers> {
        let (load, next, started) = (Arc::new(self), Arc::new(AtomicU64::new(0)), Instant::now());
        let mut loops = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (load, next, http) = (load.clone(), next.clone(), http.clone());
            loops.spawn(async move {
                let mut ms = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= load.requests {
                        return anyhow::Ok(ms);
                    }
                    let asked = Instant::now();
                    let (status, body) = http.send(load.method.clone(), &(load.urls)(number)).await?;
                    ms.push(asked.elapsed().as_secs_f64() * 1000.0);
                    let said = || String::from_utf8_lossy(&body).into_owned();
                    anyhow::ensure!(status == load.status, "{status} instead of {}: {}", load.status, said());
                }
            });
        }
        let mut ms = Vec::new();
        while let Some(answered) = loops.join_next().await {
            ms.append(&mut answered??);
        }
        Ok(Answers { wall_s: started.elapsed().as_secs_f64(), ms })
    }
}

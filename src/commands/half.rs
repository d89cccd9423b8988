//! What both halves of a deployment share: what they open, in this order, and what they refuse to work with.

use std::sync::Arc;

use anyhow::Context;
use entities::Db;
use entities::seal::Keyring;
use queue::clock::{Clock, SystemClock};
use queue::redis::RedisStore;
use queue::{Queue, Store};
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;

use super::migrate;
use super::parts::Parts;
use crate::clock::Follower;
use crate::config::Config;
use crate::keyring;

/// What both halves work with.
pub(super) struct Half {
    pub(super) db: Db,
    pub(super) keyring: Keyring,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) queue: Queue,
    store: Arc<dyn Store>,
    follower: Option<Follower>,
}

impl Half {
    /// Opens all of it, unless the stop comes first.
    pub(super) async fn open(config: &Config, stop: &CancellationToken) -> anyhow::Result<Option<Self>> {
        tokio::select! {
            half = Self::open_all(config) => half.map(Some),
            () = stop.cancelled() => Ok(None),
        }
    }

    async fn open_all(config: &Config) -> anyhow::Result<Self> {
        let db = migrate::open_existing(config).await?;
        let keyring = keyring::open(config, &db).await?.with_context(|| {
            format!(
                "KEYRING is not set and {} is not there: `feedkeeper keys generate` prints a key, and every process gets \
                 the same ring",
                keyring::file(config).display()
            )
        })?;
        let address = config.shared_queue()?.expose_secret();
        let store = RedisStore::connect(address, config.redis_options()).await;
        let store: Arc<dyn Store> = store.map_err(|error| config.blame_redis(error))?;
        let follower = match &config.clock_url {
            Some(url) => Some(Follower::start(url).await?),
            None => None,
        };
        let (clock, queue) = match &follower {
            Some(follower) => (follower.clock(), Queue::following(store.clone(), follower.clock())),
            None => (Arc::new(SystemClock) as Arc<dyn Clock>, Queue::new(store.clone(), Arc::new(SystemClock))),
        };
        Ok(Self { db, keyring, clock, queue, store, follower })
    }

    /// Goes after the stand-in's clock, if there is one. Of the halves it is the workers that tell the store.
    pub(super) fn follow_clock(self, parts: &mut Parts, tells_store: bool, stop: &CancellationToken) {
        if let Some(follower) = self.follower {
            parts.spawn("clock", follower.run(tells_store.then_some(self.store), stop.clone()));
        }
    }
}

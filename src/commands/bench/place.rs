//! Where the jobs of the bench lie: under a prefix of their own on Redis, or in a file of their own. No other queue on
//! the same server, and no other file, is touched.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::Context;
use queue::clock::SystemClock;
use queue::redis::{Options, RedisStore};
use queue::sqlite::SqliteStore;
use queue::{Queue, Store};
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use secrecy::{ExposeSecret, SecretString};

use super::redis;
use crate::config::{Auth, Config, Env};

/// What every key of the bench begins with, in braces.
pub(super) const PREFIX: &str = "bench";

/// What is added to the name of the database's file.
const ENDING: &str = ".bench-queue";

/// Where the jobs lie.
#[derive(Clone)]
pub(super) enum Place {
    /// On the server at this address.
    Redis(SecretString),
    /// In this file.
    File(PathBuf),
}

impl Place {
    /// Returns where both sides meet: on `REDIS_URL`, or else in a file beside that of `DATABASE_URL`. PostgreSQL alone is
    /// refused, as it is to the service.
    pub(super) fn of(env: &Env) -> anyhow::Result<Self> {
        let config = Config::read(env, IpAddr::V4(Ipv4Addr::LOCALHOST), Auth::Signed)?;
        config.check_service()?;
        match (config.redis_url, config.database_url) {
            (Some(url), _) => Ok(Self::Redis(url)),
            (None, Some(url)) => {
                let options = SqliteConnectOptions::from_str(url.expose_secret());
                let options = options.context("DATABASE_URL cannot be read")?;
                let mut path = options.get_filename().as_os_str().to_owned();
                path.push(ENDING);
                Ok(Self::File(path.into()))
            }
            (None, None) => anyhow::bail!(
                "two processes meet on REDIS_URL, or, on the embedded queue, beside DATABASE_URL=sqlite://path; name one"
            ),
        }
    }

    /// Opens it to push.
    pub(super) async fn to_push(&self) -> anyhow::Result<Queue> {
        let store: Arc<dyn Store> = match self {
            Self::Redis(url) => connect(url).await?,
            Self::File(path) => SqliteStore::open_producer(path).await?,
        };
        Ok(Queue::new(store, Arc::new(SystemClock)))
    }

    /// Opens it to claim; in a file, as the only process that does.
    pub(super) async fn to_work(&self) -> anyhow::Result<Queue> {
        let store: Arc<dyn Store> = match self {
            Self::Redis(url) => connect(url).await?,
            Self::File(path) => SqliteStore::open(path).await?,
        };
        Ok(Queue::new(store, Arc::new(SystemClock)))
    }

    /// Forgets every job, whoever left it.
    pub(super) async fn clear(&self) -> anyhow::Result<()> {
        match self {
            Self::Redis(url) => redis::clear(url).await,
            Self::File(path) => {
                for ending in ["", "-wal", "-shm", ".lock"] {
                    let mut path = path.as_os_str().to_owned();
                    path.push(ending);
                    match std::fs::remove_file(&path) {
                        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error)?,
                        _ => {}
                    }
                }
                Ok(())
            }
        }
    }
}

async fn connect(url: &SecretString) -> anyhow::Result<Arc<RedisStore>> {
    let options = Options { prefix: PREFIX.to_owned(), ca: None };
    let store = RedisStore::connect(url.expose_secret(), options).await.context("REDIS_URL")?;
    // A store bears a server that is away, for as long as it takes; a figure does not.
    store.ping().await.context("REDIS_URL")?;
    Ok(store)
}

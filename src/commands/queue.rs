//! `feedkeeper queue`: how much lies in the queues, and stopping and resuming them.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Subcommand;
use queue::clock::{Clock, SystemClock};
use queue::redis::RedisStore;
use queue::sqlite::SqliteStore;
use queue::store::LaneStats;
use queue::{Lane, Queue, Store};
use secrecy::ExposeSecret;
use serde_json::json;

use super::{age, say, table};
use crate::config::{Auth, Config, Env};

/// What to do with the queues.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Counts the jobs of each queue, and says how long the next one has been due
    Stats {
        /// interactive, default or bulk; all of them if it is left out
        name: Option<Lane>,
        /// Prints one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Stops the claiming, for every worker; what runs goes on, and what comes in waits
    Pause {
        /// interactive, default or bulk; all of them if it is left out
        name: Option<Lane>,
    },
    /// Resumes the claiming
    Resume {
        /// interactive, default or bulk; all of them if it is left out
        name: Option<Lane>,
    },
}

/// Does it.
pub(crate) async fn run(env: &Env, action: &Action) -> anyhow::Result<()> {
    let Hands { queue, .. } = Hands::on(env).await?;
    match action {
        Action::Stats { name, json } => print(&wanted(&queue, *name).await?, *json),
        Action::Pause { name } => {
            for lane in lanes(*name) {
                queue.pause(lane).await?;
            }
            for stats in wanted(&queue, *name).await? {
                say(&format!("paused {}: {} due, {} still running", stats.lane, stats.waiting, stats.running));
            }
        }
        Action::Resume { name } => {
            for lane in lanes(*name) {
                queue.resume(lane).await?;
            }
            for stats in wanted(&queue, *name).await? {
                say(&format!("resumed {}: {} due, {} running", stats.lane, stats.waiting, stats.running));
            }
        }
    }
    Ok(())
}

/// The queue in the operator's hands.
pub(super) struct Hands {
    pub(super) queue: Queue,
    /// The domain's time, by which jobs are due and have died.
    pub(super) now: DateTime<Utc>,
}

impl Hands {
    /// Takes the queue on Redis, or the embedded one's file beside the process that works on it.
    pub(super) async fn on(env: &Env) -> anyhow::Result<Self> {
        let config = Config::read(env, IpAddr::V4(Ipv4Addr::LOCALHOST), Auth::Open)?;
        let store: Arc<dyn Store> = if let Some(url) = &config.redis_url {
            let store = RedisStore::connect(url.expose_secret(), config.redis_options()).await;
            store.map_err(|error| config.blame_redis(error))?
        } else {
            SqliteStore::open_producer(&file(&config)?).await?
        };
        let offset = store.offset().await?;
        // Our own clock is not moved: whoever moved the domain's time is the authority on it.
        let now = SystemClock.now() + TimeDelta::milliseconds(offset);
        Ok(Self { queue: Queue::new(store, Arc::new(SystemClock)), now })
    }
}

/// Where the embedded queue lies. It is looked at and never made: an empty one would say that all is well.
fn file(config: &Config) -> anyhow::Result<PathBuf> {
    let file = config.data_dir.join("queue.db");
    let is_there = file.try_exists().with_context(|| format!("{} cannot be looked at", file.display()))?;
    let path = file.display();
    anyhow::ensure!(is_there, "there is no queue at {path}: set REDIS_URL, or DATA_DIR to the running process' folder");
    Ok(file)
}

fn lanes(name: Option<Lane>) -> Vec<Lane> {
    name.map_or_else(|| Lane::ALL.to_vec(), |lane| vec![lane])
}

async fn wanted(queue: &Queue, name: Option<Lane>) -> anyhow::Result<Vec<LaneStats>> {
    let stats = queue.stats().await?.into_iter();
    Ok(stats.filter(|stats| name.is_none_or(|name| name == stats.lane)).collect())
}

fn print(stats: &[LaneStats], as_json: bool) {
    if as_json {
        for stats in stats {
            say(&object(stats));
        }
        return;
    }
    let rows: Vec<_> = stats.iter().map(row).collect();
    table::print(["queue", "waiting", "delayed", "running", "dead", "oldest", "state"], &rows);
}

fn object(stats: &LaneStats) -> String {
    let LaneStats { lane, waiting, delayed, running, dead, paused, oldest } = stats;
    let oldest_s = oldest.map(|oldest| oldest.as_secs());
    json!({
        "queue": lane, "waiting": waiting, "delayed": delayed, "running": running, "dead": dead, "paused": paused,
        "oldest_s": oldest_s,
    })
    .to_string()
}

fn row(stats: &LaneStats) -> [String; 7] {
    let LaneStats { lane, waiting, delayed, running, dead, paused, oldest } = stats;
    let oldest = oldest.and_then(|oldest| TimeDelta::from_std(oldest).ok());
    [
        lane.to_string(),
        waiting.to_string(),
        delayed.to_string(),
        running.to_string(),
        dead.to_string(),
        oldest.map_or_else(|| "-".to_owned(), age::written),
        if *paused { "paused" } else { "open" }.to_owned(),
    ]
}

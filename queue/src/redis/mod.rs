//! The store of production: a Redis server, and any number of processes that push, claim and look. What one call does is
//! one script, so that it is done as a whole; the keys are those of apalis-redis and some of our own beside them.
//!
//! `{prefix}` is the hash tag under which all lies, `q` is `{prefix}:lane`, one queue of apalis-redis' for each lane.
//!
//! | key | type | whose | holds |
//! |---|---|---|---|
//! | `q:active` | list | apalis | ids that are due; the head is next |
//! | `q:scheduled` | zset | apalis | ids that are not due yet, by when they are, in seconds |
//! | `q:data` | hash | apalis | the payloads |
//! | `q:meta:{id}` | hash | apalis | `attempts`, `max_attempts`, `status`, `idempotency_key`; ours: `name`, `created`, `due`, `trace`, `crashes`, `unknown`, `dying`, `reason`, `died`, `grave` |
//! | `q:dead` | set | apalis | ids of the dead |
//! | `q:idempotency:{key}` | string | apalis | the id that holds a unique key |
//! | `q:suspects` | zset | ours | ids of what runs apart, by when it is due, in ms |
//! | `q:leases` | zset | ours | ids that a worker holds, by when the lease runs out, in ms of the server's time |
//! | `q:fences` | hash | ours | for each of these the token of the claim, and the unique key |
//! | `q:turn:{pump}` | string | ours | the latest answer to a pump, for ten minutes |
//! | `q:waiting` | string | ours | that somebody sleeps, and until when; the push that wakes it deletes it |
//! | `q:paused` | string | ours | that nothing is claimed |
//! | `{prefix}:graves` | zset | ours | the dead of all lanes, by when they died; `{prefix}:burials` counts them |
//! | `{prefix}:ticks` | hash | ours | the latest tick of each schedule |
//! | `{prefix}:offset` | string | ours | how many ms the domain is ahead of the server's time |
//! | `{prefix}:ping` | string | ours | that somebody asked whether writes are taken; for a second |
//!
//! `q:wake` is the channel on which sleepers are woken. Stock producers may push to these queues, with the job's name as
//! metadata `name`; stock workers must not serve them, for their claims carry no lease.

mod address;
mod dead;
mod gather;
mod lease;
mod link;
mod look;
mod push;
mod reply;
mod report;
mod script;
mod settings;
mod turn;
mod waker;

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use ::redis::Value;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::{sync::watch, task::AbortHandle};

use self::{address::Address, gather::Gather, link::Link, script::Call};
pub use self::{
    address::{ConnectError, Options},
    report::Report,
    script::script_name,
};
use crate::{
    lane::Lane,
    store::{
        DeadFilter, DeadJob, Held, JobView, LaneStats, NewJob, Pushed, Reaped, Retention, Store, StoreError, Tick,
        Turn, Turned,
    },
    wakes::Wakes,
};

/// Keeps jobs on a Redis server.
pub struct RedisStore {
    /// The hash tag under which every key lies.
    root: String,
    address: Arc<Address>,
    wakes: Wakes,
    /// For producers and whoever looks: shared, for their calls are short and many.
    common: Arc<Link>,
    gather: Arc<Gather>,
    beats: Link,
    reaping: Link,
    /// One for each turn under way, so that no pump waits behind another's answer.
    turns: Mutex<Vec<Link>>,
    waker: OnceLock<AbortHandle>,
}

impl RedisStore {
    /// Reads the address and asks the server who it is. A server that cannot be reached is no failure, for it is asked again
    /// for as long as the store lives; one that refuses us is.
    pub async fn connect(url: &str, options: Options) -> Result<Arc<Self>, ConnectError> {
        let address = Arc::new(Address::read(url, &options)?);
        let (root, wakes) = (format!("{{{}}}", options.prefix), Wakes::default());
        let common = Arc::new(Link::new(address.clone()));
        let store = Self {
            gather: Gather::new(root.clone(), common.clone(), wakes.clone()),
            root,
            wakes,
            common,
            beats: Link::new(address.clone()),
            reaping: Link::new(address.clone()),
            turns: Mutex::default(),
            waker: OnceLock::new(),
            address,
        };
        address::greet(&store.address, &store.common, &store.root).await?;
        Ok(Arc::new(store))
    }

    /// Returns a lane's queue as apalis-redis names it, for stock producers.
    pub fn queue_name(&self, lane: Lane) -> String {
        format!("{}:{lane}", self.root)
    }

    /// Calls through the connection that all share.
    async fn ask(&self, call: Call) -> Result<Value, StoreError> {
        self.common.call(&call).await
    }

    /// Calls through a connection that nobody else uses meanwhile; one whose call is given up is not used again.
    async fn ask_alone(&self, call: &Call) -> Result<Value, StoreError> {
        let idle = self.turns.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let link = idle.unwrap_or_else(|| Link::new(self.address.clone()));
        let answer = link.call(call).await;
        self.turns.lock().unwrap_or_else(PoisonError::into_inner).push(link);
        answer
    }
}

impl Drop for RedisStore {
    fn drop(&mut self) {
        if let Some(waker) = self.waker.get() {
            waker.abort();
        }
    }
}

#[async_trait]
impl Store for RedisStore {
    async fn push(&self, jobs: &[NewJob]) -> Result<Vec<Pushed>, StoreError> {
        push::push(self, jobs).await
    }

    async fn turn(&self, turn: &Turn) -> Result<Turned, StoreError> {
        turn::turn(self, turn).await
    }

    async fn renew(&self, held: &[Held], lease: Duration) -> Result<Vec<bool>, StoreError> {
        lease::renew(self, held, lease).await
    }

    async fn reap(&self, retention: &Retention) -> Result<Reaped, StoreError> {
        lease::reap(self, retention).await
    }

    async fn find(&self, key: &str) -> Result<Option<JobView>, StoreError> {
        look::find(self, key).await
    }

    async fn is_idle(&self) -> Result<bool, StoreError> {
        look::is_idle(self).await
    }

    async fn stats(&self) -> Result<Vec<LaneStats>, StoreError> {
        look::stats(self).await
    }

    async fn set_paused(&self, lane: Lane, paused: bool) -> Result<(), StoreError> {
        settings::set(self, &format!("{lane}:paused"), if paused { "1" } else { "" }).await
    }

    async fn dead(&self, filter: &DeadFilter, limit: usize) -> Result<Vec<DeadJob>, StoreError> {
        dead::list(self, filter, limit).await
    }

    async fn retry_dead(&self, ids: &[String]) -> Result<usize, StoreError> {
        dead::retry(self, ids).await
    }

    async fn delete_dead(&self, ids: &[String]) -> Result<usize, StoreError> {
        dead::delete(self, ids).await
    }

    async fn last_tick(&self, schedule: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        settings::last_tick(self, schedule).await
    }

    async fn tick(&self, tick: &Tick) -> Result<bool, StoreError> {
        push::tick(self, tick).await
    }

    async fn offset(&self) -> Result<i64, StoreError> {
        settings::offset(self).await
    }

    async fn set_offset(&self, ms: i64) -> Result<(), StoreError> {
        let value = if ms == 0 { String::new() } else { ms.to_string() };
        settings::set(self, settings::OFFSET, &value).await
    }

    /// Writes something, for a server may answer everything but writes: it is full, or the copy of another.
    async fn ping(&self) -> Result<(), StoreError> {
        let key = format!("{}:ping", self.root);
        self.ask(Call::command("SET", &[&key, "", "PX", "1000"])).await.map(drop)
    }

    fn pumps(&self) -> usize {
        2
    }

    fn wakes(&self, lane: Lane) -> watch::Receiver<u64> {
        self.waker.get_or_init(|| waker::spawn(self.address.clone(), &self.root, self.wakes.clone()));
        self.wakes.subscribe(lane)
    }
}

/// The longest delay that is kept: far beyond any job's age, and far from where the scripts' numbers lose their digits.
const LONGEST: Duration = Duration::from_hours(24 * 365 * 100);

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.min(LONGEST).as_millis()).unwrap_or_default()
}

/// Returns a time that was written as ms.
fn time(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

//! One connection that is made anew for as long as it is wanted. Nothing here waits for ever: a server that hangs, or a
//! network that swallows, is left after a time-out, and the next call connects again.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ::redis::{Cmd, ErrorKind, RedisError, RedisResult, ServerErrorKind, Value, aio::MultiplexedConnection};
use anyhow::anyhow;
use tokio::sync::Mutex;

use super::{address::Address, script::Call};
use crate::store::StoreError;

/// How long an answer may take before the connection is given up.
pub(super) const RESPONSE: Duration = Duration::from_secs(5);

/// A call that was given up after this long has met a connection that hangs.
const HANGING: Duration = Duration::from_millis(500);

/// Is a connection, or none at the moment.
pub(super) struct Link {
    address: Arc<Address>,
    slot: Mutex<Slot>,
}

/// Is what a link has.
#[derive(Default)]
struct Slot {
    /// Counts the connections, so that none is given up for an earlier one's failure.
    generation: u64,
    conn: Option<MultiplexedConnection>,
    /// The last attempt to connect, if it failed: whoever waited for it has failed too.
    failed: Option<(Instant, RedisError)>,
}

impl Link {
    pub(super) fn new(address: Arc<Address>) -> Self {
        Self { address, slot: Mutex::default() }
    }

    /// Calls the server; once more if the connection turns out to be gone, for every call of ours may be repeated.
    pub(super) async fn call(&self, call: &Call) -> Result<Value, StoreError> {
        let mut answer = self.attempt(call).await;
        if answer.as_ref().is_err_and(|error| error.is_connection_dropped() && !error.is_connection_refusal()) {
            answer = self.attempt(call).await;
        }
        answer.map_err(|error| self.unavailable(&error))
    }

    /// Calls the server once.
    pub(super) async fn attempt(&self, call: &Call) -> RedisResult<Value> {
        let (generation, mut conn) = self.conn().await?;
        let mut patience = Patience { link: self, generation, since: Instant::now(), answered: false };
        let mut answer = exchange(&mut conn, &call.cmd).await;
        if let Err(error) = &answer
            && error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
            && let Some(cmd) = call.with_text()
        {
            answer = exchange(&mut conn, &cmd).await;
        }
        patience.answered = true;
        if answer.as_ref().is_err_and(is_worn_out) {
            self.leave(generation).await;
        }
        answer
    }

    async fn conn(&self) -> RedisResult<(u64, MultiplexedConnection)> {
        let asked = Instant::now();
        let mut slot = self.slot.lock().await;
        if let Some(conn) = &slot.conn {
            return Ok((slot.generation, conn.clone()));
        }
        if let Some((at, error)) = &slot.failed
            && *at >= asked
        {
            return Err(error.clone());
        }
        match self.address.connect().await {
            Ok(conn) => {
                let generation = slot.generation + 1;
                *slot = Slot { generation, conn: Some(conn.clone()), failed: None };
                Ok((generation, conn))
            }
            Err(error) => {
                slot.failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    async fn leave(&self, generation: u64) {
        self.slot.lock().await.leave(generation);
    }

    fn unavailable(&self, error: &RedisError) -> StoreError {
        // The library's error names its causes itself.
        StoreError::Unavailable(anyhow!("Redis at {}: {error}", self.address))
    }
}

impl Slot {
    fn leave(&mut self, generation: u64) {
        if self.generation == generation {
            self.conn = None;
        }
    }
}

async fn exchange(conn: &mut MultiplexedConnection, cmd: &Cmd) -> RedisResult<Value> {
    // A server's error comes as a value.
    conn.send_packed_command(cmd).await?.extract_error()
}

/// Says whether the next call had better connect anew: the connection is gone or hangs, or the server behind it is no
/// longer, or not yet, the one that takes writes, and the address may lead elsewhere.
fn is_worn_out(error: &RedisError) -> bool {
    use ServerErrorKind::{BusyLoading, MasterDown, NoPerm, ReadOnly};
    match error.kind() {
        ErrorKind::Server(kind) => matches!(kind, ReadOnly | MasterDown | BusyLoading | NoPerm),
        _ => true,
    }
}

/// Waits for an answer. Dropped before it came, after longer than an answer takes, it leaves the connection: whoever has a
/// shorter patience than ours would ask the same one again and again.
struct Patience<'a> {
    link: &'a Link,
    generation: u64,
    since: Instant,
    answered: bool,
}

impl Drop for Patience<'_> {
    fn drop(&mut self) {
        // A lock that is held is held by whoever connects.
        if !self.answered
            && self.since.elapsed() > HANGING
            && let Ok(mut slot) = self.link.slot.try_lock()
        {
            slot.leave(self.generation);
        }
    }
}

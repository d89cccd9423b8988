//! What is stored beside the jobs: the domain's offset, paused lanes, and the ticks of schedules.

use ::redis::Value;
use chrono::{DateTime, Utc};

use super::{RedisStore, reply, script, time};
use crate::{lane::Lane, store::StoreError};

/// The setting that holds the domain's offset in ms.
pub(super) const OFFSET: &str = "offset";

/// Writes a setting, or deletes it if there is no value, and wakes every sleeper.
pub(super) async fn set(store: &RedisStore, name: &str, value: &str) -> Result<(), StoreError> {
    let mut call = script::Call::script(&script::SET, &store.root, 2);
    call.arg(name).arg(value);
    let mut owed = store.wakes.owe();
    owed.extend(Lane::ALL);
    store.ask(call).await.map(drop)
}

pub(super) async fn offset(store: &RedisStore) -> Result<i64, StoreError> {
    let offset = store.ask(script::Call::command("GET", &[&format!("{}:{OFFSET}", store.root)])).await?;
    // What is no number counts as none, here as in the scripts.
    Ok(reply::some_number(&offset).unwrap_or(0))
}

pub(super) async fn last_tick(store: &RedisStore, schedule: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
    let ticks = format!("{}:ticks", store.root);
    match store.ask(script::Call::command("HGET", &[&ticks, schedule])).await? {
        Value::Nil => Ok(None),
        at => Ok(Some(time(reply::number(&at)?))),
    }
}

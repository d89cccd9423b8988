//! The dead set: the operator's list, retry and delete.

use std::collections::HashSet;

use ::redis::Value;

use super::{RedisStore, reply, script, time};
use crate::{
    lane::Lane,
    store::{BATCH, DeadFilter, DeadJob, StoreError},
};

/// How many come back in one call: each takes the server as much as several claims.
const PAGE: usize = 200;

/// Reads pages until there are enough. Who dies meanwhile moves the pages by one, so that one may come twice.
pub(super) async fn list(store: &RedisStore, filter: &DeadFilter, limit: usize) -> Result<Vec<DeadJob>, StoreError> {
    let before = filter.before.map(|before| before.timestamp_millis().to_string()).unwrap_or_default();
    let (mut dead, mut seen, mut skip) = (Vec::new(), HashSet::new(), 0);
    while dead.len() < limit {
        let mut call = script::Call::script(&script::DEAD, &store.root, 3);
        call.arg(&before).arg(skip).arg(BATCH);
        let page = reply::list(store.ask(call).await?)?;
        let last = page.len() < BATCH;
        skip += page.len();
        for job in page {
            let job = read(job)?;
            let wanted = filter.name.as_ref().is_none_or(|name| *name == job.name);
            if wanted && dead.len() < limit && seen.insert(job.id.clone()) {
                dead.push(job);
            }
        }
        if last {
            break;
        }
    }
    Ok(dead)
}

fn read(job: Value) -> Result<DeadJob, StoreError> {
    let [id, lane, name, payload, attempts, reason, died] = reply::fixed(job)?;
    Ok(DeadJob {
        id: reply::text(id)?,
        lane: reply::lane(&reply::text(lane)?),
        name: reply::text(name)?,
        payload: reply::text(payload)?,
        attempts: reply::small(&attempts),
        reason: reply::text(reason)?,
        died_at: time(reply::number(&died)?),
    })
}

pub(super) async fn retry(store: &RedisStore, ids: &[String]) -> Result<usize, StoreError> {
    let mut retried = 0;
    for page in ids.chunks(PAGE) {
        let mut call = script::Call::script(&script::RETRY_DEAD, &store.root, page.len());
        call.arg(page);
        let mut owed = store.wakes.owe();
        owed.extend(Lane::ALL);
        let [count, _woken] = reply::fixed(store.ask(call).await?)?;
        retried += usize::try_from(reply::count(&count)?).unwrap_or(usize::MAX);
    }
    Ok(retried)
}

pub(super) async fn delete(store: &RedisStore, ids: &[String]) -> Result<usize, StoreError> {
    let mut call = script::Call::script(&script::DELETE_DEAD, &store.root, ids.len());
    call.arg(ids);
    let count = reply::count(&store.ask(call).await?)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

//! Leases: prolonging them, and taking back those that ran out.

use std::time::Duration;

use super::{RedisStore, millis, reply, script};
use crate::{
    outcome::Death,
    store::{Dying, Held, Reaped, Retention, StoreError},
};

pub(super) async fn renew(store: &RedisStore, held: &[Held], lease: Duration) -> Result<Vec<bool>, StoreError> {
    if held.is_empty() {
        return Ok(Vec::new());
    }
    let mut call = script::Call::script(&script::RENEW, &store.root, 2 + 2 * held.len());
    call.arg(millis(lease)).arg(held.len());
    for held in held {
        call.arg(&held.id);
    }
    for held in held {
        call.arg(held.token);
    }
    let digits = reply::text(store.beats.call(&call).await?)?;
    if digits.len() != held.len() {
        return Err(reply::strange("fewer leases than were prolonged"));
    }
    Ok(digits.bytes().map(|digit| digit == b'1').collect())
}

pub(super) async fn reap(store: &RedisStore, retention: &Retention) -> Result<Reaped, StoreError> {
    let death = Death::WorkerDied;
    let reason = death.to_string();
    let dying =
        serde_json::to_string(&Dying { death, tries: 0 }).map_err(|error| StoreError::Unavailable(error.into()))?;
    let mut call = script::Call::script(&script::REAP, &store.root, 4);
    call.arg(retention.dead).arg(millis(retention.age)).arg(dying).arg(reason);
    let mut answer = reply::list(store.reaping.call(&call).await?)?.into_iter();
    let mut next = || answer.next().ok_or_else(|| reply::strange("half a reaping"));
    let returned = usize::try_from(reply::count(&next()?)?).unwrap_or(usize::MAX);
    let more = reply::number(&next()?)? == 1;
    let mut buried = Vec::new();
    while let (Some(id), Some(name)) = (answer.next(), answer.next()) {
        buried.push((reply::text(id)?, reply::text(name)?));
    }
    Ok(Reaped { returned, buried, more })
}

//! Looking without touching.

use std::time::Duration;

use ::redis::Value;

use super::{RedisStore, reply, script, time};
use crate::{
    lane::Lane,
    store::{JobState, JobView, LaneStats, StoreError},
};

pub(super) async fn find(store: &RedisStore, key: &str) -> Result<Option<JobView>, StoreError> {
    let mut call = script::Call::script(&script::FIND, &store.root, 1);
    call.arg(key);
    let answer = store.ask(call).await?;
    if answer == Value::Nil {
        return Ok(None);
    }
    let [id, state, attempts, due] = reply::fixed(answer)?;
    let state = match reply::text(state)?.as_str() {
        "running" => JobState::Running,
        "waiting" => JobState::Waiting,
        _ => JobState::Delayed,
    };
    let due_at = if state == JobState::Running { None } else { Some(time(reply::number(&due)?)) };
    Ok(Some(JobView { id: reply::text(id)?, state, attempt: reply::small(&attempts) + 1, due_at }))
}

pub(super) async fn is_idle(store: &RedisStore) -> Result<bool, StoreError> {
    let call = script::Call::script(&script::IDLE, &store.root, 0);
    Ok(reply::number(&store.ask(call).await?)? == 1)
}

pub(super) async fn stats(store: &RedisStore) -> Result<Vec<LaneStats>, StoreError> {
    let call = script::Call::script(&script::STATS, &store.root, 0);
    let lanes: [Value; 3] = reply::fixed(store.ask(call).await?)?;
    let read = |(lane, counts): (Lane, Value)| {
        let [waiting, delayed, running, dead, paused, oldest] = reply::fixed(counts)?;
        Ok(LaneStats {
            lane,
            waiting: reply::count(&waiting)?,
            delayed: reply::count(&delayed)?,
            running: reply::count(&running)?,
            dead: reply::count(&dead)?,
            paused: reply::count(&paused)? > 0,
            oldest: reply::number(&oldest)?.try_into().ok().map(Duration::from_millis),
        })
    };
    Lane::ALL.into_iter().zip(lanes).map(read).collect()
}

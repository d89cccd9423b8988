//! The producing side: pushes jobs in one of four manners, and says how long that took.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use queue::{Job, Queue, QueueError};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::jobs::{Io, Latency, Noop, now_ns};
use super::place::Place;
use super::side::{Case, Mode, Side};
use crate::commands::say;
use crate::config::Env;

/// Calls in flight at once.
const IN_FLIGHT: usize = 50;

/// Jobs in one call.
const IN_BULK: u64 = 1_000;

/// Pushes what `BENCH_…` says, and prints `{"wall_s"}`.
pub(super) async fn run(env: &Env) -> anyhow::Result<()> {
    let side = Side::read(env)?;
    let queue = Place::of(env)?.to_push().await?;
    let took = push(&queue, &side).await?;
    say(&json!({"wall_s": took.as_secs_f64()}).to_string());
    Ok(())
}

/// Pushes the jobs; returns how long that took.
pub(super) async fn push(queue: &Queue, side: &Side) -> anyhow::Result<Duration> {
    // Whatever is there to be connected is, before it counts.
    queue.ping().await?;
    match side.case {
        Case::Noop => push_each(queue, side, |number| Noop { number }).await,
        Case::Io => {
            let url = side.http.as_ref().map(ToString::to_string);
            push_each(queue, side, move |_| Io { url: url.clone() }).await
        }
        Case::Latency => {
            let delay = i64::try_from(side.delay.as_nanos())?;
            push_each(queue, side, move |_| Latency { since_ns: now_ns() + delay }).await
        }
    }
}

async fn push_each<J: Job>(
    queue: &Queue,
    side: &Side,
    make: impl Fn(u64) -> J + Clone + Send + Sync + 'static,
) -> anyhow::Result<Duration> {
    let (jobs, delay) = (side.jobs, side.delay);
    let started = Instant::now();
    match side.mode {
        Mode::Seq => {
            for number in 0..jobs {
                queue.push_in(&make(number), delay).await?;
            }
        }
        Mode::Single => in_flight(queue, jobs, delay, make).await?,
        Mode::Bulk => {
            anyhow::ensure!(delay.is_zero(), "BENCH_DELAY is for jobs that are pushed one by one");
            for first in (0..jobs).step_by(usize::try_from(IN_BULK)?) {
                let page: Vec<J> = (first..jobs.min(first + IN_BULK)).map(&make).collect();
                queue.push_all(&page).await?;
            }
        }
        Mode::Paced(pause) => {
            let mut ticks = interval(pause);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            for number in 0..jobs {
                ticks.tick().await;
                queue.push_in(&make(number), delay).await?;
            }
        }
    }
    Ok(started.elapsed())
}

async fn in_flight<J: Job>(
    queue: &Queue,
    jobs: u64,
    delay: Duration,
    make: impl Fn(u64) -> J + Clone + Send + Sync + 'static,
) -> anyhow::Result<()> {
    let next = Arc::new(AtomicU64::new(0));
    let mut calls = JoinSet::new();
    for _ in 0..IN_FLIGHT {
        let (queue, next, make) = (queue.clone(), next.clone(), make.clone());
        calls.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= jobs {
                    return Ok::<_, QueueError>(());
                }
                queue.push_in(&make(number), delay).await?;
            }
        });
    }
    while let Some(call) = calls.join_next().await {
        call??;
    }
    Ok(())
}

//! Schedules tick on the domain's clock. A tick is claimed in the store together with the push of its job, so that each comes
//! once per cluster; ticks that were missed, by a stop or a jump of the clock, come as one.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::sleep;

use crate::{
    clock::Jumps,
    outage::Outage,
    queue::Queue,
    random,
    store::{NewJob, StoreError, Tick},
};

/// The longest sleep: a suspended machine does not count it.
const LONGEST_SLEEP: TimeDelta = TimeDelta::minutes(1);

/// The wait after the store did not answer.
const RETRY: Duration = Duration::from_millis(500);

/// A tick further ahead than this is no other process' fast clock: the domain's clock has been set back.
const SET_BACK: TimeDelta = TimeDelta::hours(1);

/// Is one line of the timetable.
#[derive(Clone)]
pub(crate) struct Schedule {
    pub(crate) name: String,
    pub(crate) cron: cron::Schedule,
    pub(crate) job: NewJob,
}

impl Schedule {
    /// Returns the latest tick up to now.
    fn latest(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.cron.after(&(now + TimeDelta::seconds(1))).rev().find(|at| *at <= now)
    }

    /// Returns the first tick after now.
    fn next(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.cron.after(&now).next()
    }

    /// Pushes the job if a tick has come that nobody has claimed.
    async fn tick(&self, queue: &Queue, now: DateTime<Utc>) -> Result<(), StoreError> {
        let store = queue.store();
        let seen = store.last_tick(&self.name).await?;
        let (at, due) = match (seen, self.latest(now)) {
            // The first start of all begins to count; it makes up for nothing.
            (None, latest) => (latest.unwrap_or(now), false),
            (Some(seen), _) if seen > now + SET_BACK => (now, false),
            (Some(seen), Some(latest)) if latest > seen => (latest, true),
            _ => return Ok(()),
        };
        let job = due.then(|| NewJob { id: random::id(), ..self.job.clone() });
        if store.tick(&Tick { schedule: self.name.clone(), seen, at, job }).await? && due {
            tracing::debug!(schedule = self.name, at = %at, "tick");
        }
        Ok(())
    }
}

/// Ticks for as long as it is polled.
pub(crate) async fn run(queue: Queue, schedules: Vec<Schedule>) {
    let (mut jumps, mut outage) = (queue.clock().jumps(), Outage::default());
    loop {
        let now = queue.clock().now();
        let wait = match tick_all(&queue, &schedules, now).await {
            Ok(()) => {
                outage.ends();
                let next = schedules.iter().filter_map(|schedule| schedule.next(now)).min();
                queue.set_next_tick(next.map_or(i64::MAX, |next| next.timestamp_millis()));
                wait_until(next, queue.clock().now())
            }
            Err(error) => {
                if outage.begins() {
                    tracing::warn!(error = %error, "no tick: the store is asked again");
                }
                RETRY
            }
        };
        pause(wait, &mut jumps).await;
    }
}

async fn tick_all(queue: &Queue, schedules: &[Schedule], now: DateTime<Utc>) -> Result<(), StoreError> {
    queue.follow_clock().await?;
    if !queue.is_at_the_stores_time().await? {
        return Ok(());
    }
    for schedule in schedules {
        schedule.tick(queue, now).await?;
    }
    Ok(())
}

fn wait_until(next: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Duration {
    let wait = next.map_or(LONGEST_SLEEP, |next| (next - now).min(LONGEST_SLEEP));
    // A timer may fire a hair before the clock gets there.
    wait.to_std().unwrap_or_default() + Duration::from_millis(1)
}

async fn pause(wait: Duration, jumps: &mut Jumps) {
    tokio::select! {
        () = sleep(wait) => {}
        () = jumps.next() => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(cron: &str) -> Schedule {
        let job = NewJob {
            id: String::new(),
            lane: crate::Lane::Default,
            name: "scan".into(),
            key: None,
            payload: "null".into(),
            delay: Duration::ZERO,
            trace: None,
        };
        Schedule { name: "scan".into(), cron: cron.parse().expect("a valid expression"), job }
    }

    #[test]
    fn the_latest_and_the_next_tick_lie_around_now() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a valid time");
        let daily = schedule("0 30 6 * * *");
        for (now, latest, next) in [
            ("2026-03-01T06:29:59.999Z", "2026-02-28T06:30:00Z", "2026-03-01T06:30:00Z"),
            ("2026-03-01T06:30:00Z", "2026-03-01T06:30:00Z", "2026-03-02T06:30:00Z"),
            ("2026-03-01T06:30:00.400Z", "2026-03-01T06:30:00Z", "2026-03-02T06:30:00Z"),
            ("2026-03-01T23:00:00Z", "2026-03-01T06:30:00Z", "2026-03-02T06:30:00Z"),
        ] {
            assert_eq!(daily.latest(at(now)), Some(at(latest)), "before {now}");
            assert_eq!(daily.next(at(now)), Some(at(next)), "after {now}");
        }
    }
}

//! Schedules tick once for all workers together, wherever the clock goes.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::harness::Cluster;

pub(super) type Ticks = BTreeMap<(String, DateTime<Utc>), usize>;

/// How often each tick of each schedule came, by what all workers say.
pub(super) fn ticks(cluster: &Cluster) -> Ticks {
    let mut ticks = Ticks::new();
    for line in cluster.logs().lines().filter(|line| line.contains("queue::schedule: tick ")) {
        let field = |name: &str, end: &str| {
            line.split_once(name).and_then(|(_, rest)| rest.split(end).next()).expect("a field").to_owned()
        };
        let at = field("at=", " UTC").replace(' ', "T") + "Z";
        *ticks.entry((field("schedule=\"", "\""), at.parse().expect("a time"))).or_default() += 1;
    }
    ticks
}

pub(super) fn assert_each_came_once(ticks: &Ticks) {
    let twice: Vec<_> = ticks.iter().filter(|(_, times)| **times != 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

pub(super) fn times_of(ticks: &Ticks, schedule: &str) -> Vec<DateTime<Utc>> {
    ticks.keys().filter(|(name, _)| name == schedule).map(|(_, at)| *at).collect()
}

#[tokio::test]
async fn each_minute_ticks_once_among_four_workers() {
    let cluster = Cluster::start(0, 4).await;
    cluster.settle().await;
    for _ in 0..16 {
        cluster.to_next_minute().await;
    }

    let ticks = ticks(&cluster);
    let minutes = times_of(&ticks, "push_due");
    assert_each_came_once(&ticks);
    assert!(minutes.len() >= 15, "{minutes:?}");
    assert!(minutes.windows(2).all(|pair| pair[1] - pair[0] == TimeDelta::minutes(1)), "none is left out: {minutes:?}");
    assert!(times_of(&ticks, "sweep").len() >= 2, "{ticks:?}");
}

#[tokio::test]
async fn a_jump_of_the_clock_is_one_tick_of_each_schedule() {
    let cluster = Cluster::start(1, 4).await;
    cluster.settle().await;
    let before = ticks(&cluster);

    cluster.advance(TimeDelta::days(11).num_seconds()).await;

    let after = ticks(&cluster);
    assert_each_came_once(&after);
    for schedule in ["push_due", "sweep"] {
        let new: Vec<_> = times_of(&after, schedule).split_off(times_of(&before, schedule).len());
        // The minute may have been over meanwhile.
        let span = *new.last().expect("a tick") - *new.first().expect("a tick");
        assert!(span < TimeDelta::minutes(10), "{schedule}: {new:?}");
    }
}

#[tokio::test]
async fn jumps_that_some_hear_of_before_others_bring_no_tick_back() {
    let mut cluster = Cluster::start(0, 3).await;
    cluster.settle().await;
    for _ in 0..20 {
        cluster.stand_ins.advance(TimeDelta::hours(2).num_seconds()).await;
    }
    // Who comes late finds the clock where it is.
    cluster.add_worker(&[]).await;
    cluster.settle().await;

    let ticks = ticks(&cluster);
    assert_each_came_once(&ticks);
    assert!(!times_of(&ticks, "push_due").is_empty());
}

//! One process of several whose machine's clock is five minutes off, either way: ticks come once, work is done once, and
//! nobody waits for it.

use chrono::TimeDelta;
use queue::Store;

use super::schedules::{assert_each_came_once, ticks, times_of};
use crate::harness::wrong_clock::off_by;
use crate::harness::{Cluster, within_reason};

const FIVE_MINUTES: i64 = 300;

/// Adds halves whose clock is so many seconds ahead of everybody else's.
async fn add_off(cluster: &mut Cluster, seconds: i64, apis: usize, workers: usize) {
    let env = off_by(cluster.data(), seconds);
    let env = env.each_ref().map(|(name, value)| (*name, value.as_str()));
    for _ in 0..apis {
        cluster.add_api(&env).await;
    }
    for _ in 0..workers {
        cluster.add_worker(&env).await;
    }
}

/// Waits until whoever is ahead by so much has ticked, as well.
async fn until_ticked(cluster: &Cluster, ahead: TimeDelta) {
    let store = cluster.redis.store().await;
    let (_, minute, _) = cluster.time().await;
    within_reason(async {
        while store.last_tick("push_due").await.expect("answered").is_none_or(|tick| tick < minute + ahead) {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

async fn one_of_four_is_off_by(seconds: i64) {
    let mut cluster = Cluster::start(1, 3).await;
    add_off(&mut cluster, seconds, 1, 1).await;
    cluster.settle().await;
    until_ticked(&cluster, TimeDelta::seconds(seconds.max(0))).await;
    let mut runs = Vec::new();
    for number in 0..10 {
        runs.push(cluster.exchange(number % 2, "powr_io", &format!("w{number}")).await);
    }
    for run_id in &runs {
        let run = cluster.end_of(1, run_id).await;
        assert_eq!((run["state"].as_str(), run["attempt"].as_u64()), (Some("done"), Some(1)), "{run}");
    }
    cluster.feed(1, "w1", "powr_io").await;

    for _ in 0..18 {
        cluster.to_next_minute().await;
        until_ticked(&cluster, TimeDelta::seconds(seconds.max(0))).await;
    }

    let ticks = ticks(&cluster);
    let minutes = times_of(&ticks, "push_due");
    assert_each_came_once(&ticks);
    assert!(minutes.len() >= 17, "{minutes:?}");
    // Whoever is ahead, ticks ahead: what lies between its start and the others' is made up for as one.
    let gaps = minutes.windows(2).map(|pair| pair[1] - pair[0]).filter(|gap| *gap != TimeDelta::minutes(1));
    let gaps: Vec<_> = gaps.collect();
    assert!(gaps.len() <= 1 && gaps.iter().all(|gap| *gap <= TimeDelta::minutes(6)), "{minutes:?}");
    // Each ten minutes by a clock that is right; five early or five late by one that is not.
    let fetched = cluster.stand_ins.calls("/media").await.len();
    assert!((2..=4).contains(&fetched), "fetched {fetched} times in 18 minutes: {}", cluster.logs());
    assert_eq!(cluster.stand_ins.calls("oauth/access_token").await.len(), 10);
    let feed = cluster.feed(0, "w1", "powr_io").await;
    assert_eq!(feed["freshness"]["state"], "fresh", "{}", feed["freshness"]);
    assert!(!cluster.logs().contains("the lease is over"), "leases are no matter of this clock");
    cluster.assert_all_live();
}

#[tokio::test]
async fn nothing_breaks_where_one_process_of_four_is_ahead() {
    one_of_four_is_off_by(FIVE_MINUTES).await;
}

#[tokio::test]
async fn nothing_breaks_where_one_process_of_four_is_behind() {
    one_of_four_is_off_by(-FIVE_MINUTES).await;
}

#[tokio::test]
async fn a_feed_that_is_asked_for_is_fetched_at_once_by_whatever_clocks() {
    for (api, worker) in [(FIVE_MINUTES, 0), (0, -FIVE_MINUTES), (-FIVE_MINUTES, FIVE_MINUTES)] {
        let mut cluster = Cluster::start(0, 0).await;
        add_off(&mut cluster, api, 1, 0).await;
        add_off(&mut cluster, worker, 0, 1).await;
        let run_id = cluster.exchange(0, "powr_io", "w1").await;
        cluster.end_of(0, &run_id).await;

        cluster.feed(0, "w1", "powr_io").await;

        assert_eq!(cluster.stand_ins.calls("/media").await.len(), 1, "API {api} s, worker {worker} s");
    }
}

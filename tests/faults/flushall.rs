//! `FLUSHALL` in the middle of a crowd: all that waits is found again in the rows, and only what ran at that moment runs twice.

use std::collections::HashMap;
use std::ops::Range;

use entities::job_run::{self, State};
use entities::{Db, app_install};
use futures_util::{StreamExt, stream};
use queue::Store;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::harness::{Cluster, within_reason};

/// The step of an exchange that is watched: each attempt takes it once.
const STEP: &str = "me/accounts";

const WORKERS: usize = 3;

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Flushed {
    /// Runs that had ended before.
    pub ended_before: u64,
    /// Runs that ran at that moment.
    pub running: usize,
    /// Runs that ended well, and apps that are connected.
    pub done: (u64, u64),
    /// Runs that were seen at Meta.
    pub seen: usize,
    /// Those that ran twice, and more often.
    pub twice: usize,
    pub more: usize,
}

/// Asks for so many exchanges, each of a consent of its own, and empties Redis when a quarter has ended, all workers are at
/// work, and the rest waits.
pub(crate) async fn flushall(jobs: usize, concurrency: usize) -> Flushed {
    // A lease that no pause of a busy machine outlasts: nothing but the flush makes a job run twice.
    let env = [("CONCURRENCY", &*concurrency.to_string()), ("LEASE", "9")];
    let mut cluster = Cluster::start_with(2, 0, &env).await;
    for _ in 0..WORKERS {
        cluster.add_worker(&[]).await;
    }
    let mut runs = ask(&cluster, 0..jobs / 4).await;
    for run_id in &runs {
        cluster.end_of(0, run_id).await;
    }
    // However fast the workers are, all others meet it.
    cluster.stand_ins.fault("hang", json!({"path_contains": STEP}), json!({"hang_ms": 600_000})).await;
    runs.extend(ask(&cluster, jobs / 4..jobs).await);
    let running = WORKERS * concurrency;
    until_waiting(&cluster, running).await;
    let db = cluster.db().await;
    let ended_before = done(&db).await;
    // The stand-in remembers its latest 10 000 calls, and there will be more. Now that every place hangs, none comes.
    let before = cluster.stand_ins.calls(STEP).await;
    cluster.stand_ins.forget_calls().await;

    cluster.redis.tell("FLUSHALL").await;
    cluster.stand_ins.mend("hang").await;
    // What is due is looked for once a minute, by the stand-in's clock.
    cluster.stand_ins.advance(60).await;
    until_ticked(&cluster).await;
    cluster.stand_ins.advance(60).await;
    for run_id in &runs {
        cluster.end_of(0, run_id).await;
    }
    cluster.settle().await;

    let links = app_install::Entity::find().count(&db.read).await.expect("counted");
    let mut attempts = HashMap::new();
    for call in before.into_iter().chain(cluster.stand_ins.calls(STEP).await) {
        *attempts.entry(call["grant"].as_str().expect("whose it is").to_owned()).or_insert(0) += 1;
    }
    cluster.assert_all_live();
    let often = |is: fn(usize) -> bool| attempts.values().filter(|times| is(**times)).count();
    Flushed {
        ended_before,
        running,
        done: (done(&db).await, links),
        seen: attempts.len(),
        twice: often(|times| times == 2),
        more: often(|times| times > 2),
    }
}

async fn ask(cluster: &Cluster, jobs: Range<usize>) -> Vec<String> {
    let exchange = async |number: usize| {
        let user = ["powr_io", "natgeo"][number / 2 % 2];
        cluster.exchange(number % 2, user, &format!("w{number}")).await
    };
    stream::iter(jobs).map(exchange).buffered(20).collect().await
}

async fn done(db: &Db) -> u64 {
    let runs = job_run::Entity::find().filter(job_run::Column::State.eq(State::Done));
    runs.count(&db.read).await.expect("counted")
}

/// Waits until the scan has had its first tick since Redis forgot all of them.
async fn until_ticked(cluster: &Cluster) {
    let store = cluster.redis.store().await;
    within_reason(async {
        while store.last_tick("push_due").await.expect("answered").is_none() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// Waits until so many calls of the watched step are waiting for their answer.
async fn until_waiting(cluster: &Cluster, number: usize) {
    let is_waiting = |call: &&Value| call["status"].is_null();
    within_reason(async {
        while cluster.stand_ins.calls(STEP).await.iter().filter(is_waiting).count() < number {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

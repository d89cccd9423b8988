//! Much at once: 100 000 jobs that fall due together, and 100 000 whose workers died. What counts is the slowest script.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use queue::{
    Lane, Store,
    redis::{Options, RedisStore},
    store::{BATCH, NewJob, Turn},
};

use crate::{Bench, bare, per_second, say};

const JOBS: usize = 100_000;

pub(crate) async fn run(bench: &Bench) {
    let options = Options { prefix: "bench".to_owned(), ca: None };
    let store = RedisStore::connect(&bench.url, options).await.expect("it connects");
    bare::log_slower_than(&bench.url, Duration::from_millis(1)).await;

    push(&store, Duration::from_secs(10)).await;
    tokio::time::sleep(Duration::from_secs(11)).await;
    measure(bench, "100 000 due at once").await;
    bare::flush(&bench.url).await;

    push(&store, Duration::ZERO).await;
    for number in 0..JOBS / BATCH {
        let turn = Turn {
            worker: "dies".to_owned(),
            lane: Lane::Default,
            number: number as u64,
            finished: vec![],
            want: BATCH,
            suspect: false,
            lease: Duration::from_millis(1),
        };
        store.turn(&turn).await.expect("it is answered");
    }
    measure(bench, "100 000 orphans").await;
    bare::flush(&bench.url).await;
}

async fn push(store: &Arc<RedisStore>, delay: Duration) {
    for page in (0..JOBS).collect::<Vec<_>>().chunks(BATCH) {
        let job = |n: &usize| NewJob {
            id: format!("{n:032x}"),
            lane: Lane::Default,
            name: "noop".to_owned(),
            key: None,
            payload: format!("{{\"n\":{n}}}"),
            delay,
            trace: None,
        };
        store.push(&page.iter().map(job).collect::<Vec<_>>()).await.expect("they are pushed");
    }
}

async fn measure(bench: &Bench, what: &str) {
    bench.stage.left.store(JOBS, Ordering::SeqCst);
    bare::slowest(&bench.url).await;
    let begun = Instant::now();
    let (stop, engine) = bench.start(50);
    bench.stage.over.notified().await;
    say(&format!("{what}, per second"), vec![per_second(JOBS, begun)]);
    stop.cancel();
    engine.await.expect("it does not panic").expect("it ends in order");
    let (count, slowest) = bare::slowest(&bench.url).await;
    say(&format!("{what}, calls over 1 ms"), vec![count]);
    say(&format!("{what}, slowest call, ms"), vec![slowest]);
}

//! What the Redis store does in a second, against a server of its own: one line of JSON per figure, medians of five rounds.
//! `cargo bench -p queue --bench redis`, or `-- drain`, `-- push`, `-- latency` alone; the figures of docs/decisions/0010 are
//! ratios within one run. `-- scale`, or `-- due`, `-- orphans`, `-- pages`, `-- finished`: those of docs/performance.md.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a measurement prints, and ends where it fails")]

mod bare;
mod scale;
mod server;
mod slow;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use queue::{
    Engine, Job, JobError, Lane, Options, Queue,
    clock::SystemClock,
    redis::{self, RedisStore},
};
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

/// Jobs in a drain.
const JOBS: usize = 20_000;

/// Rounds of each measure; the median counts.
const ROUNDS: usize = 5;

/// Counts what is done, and says when it is all.
#[derive(Clone)]
struct Stage {
    left: Arc<AtomicUsize>,
    over: Arc<Notify>,
    started: mpsc::UnboundedSender<Instant>,
}

/// Does nothing.
#[derive(Clone, Serialize, Deserialize)]
struct Noop {
    n: usize,
}

impl Job for Noop {
    type Context = Stage;
    const NAME: &'static str = "noop";

    async fn perform(&self, stage: &Stage) -> Result<(), JobError> {
        if stage.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            stage.over.notify_one();
        }
        Ok(())
    }
}

/// Says when it starts.
#[derive(Serialize, Deserialize)]
struct Ping;

impl Job for Ping {
    type Context = Stage;
    const NAME: &'static str = "ping";

    async fn perform(&self, stage: &Stage) -> Result<(), JobError> {
        let _ = stage.started.send(Instant::now());
        Ok(())
    }
}

struct Bench {
    url: String,
    queue: Queue,
    stage: Stage,
    started: mpsc::UnboundedReceiver<Instant>,
}

impl Bench {
    async fn new(server: &server::Server, prefix: &str) -> Self {
        let options = redis::Options { prefix: prefix.to_owned(), ca: None };
        let store = RedisStore::connect(&server.url, options).await.expect("it connects");
        let (sender, started) = mpsc::unbounded_channel();
        let stage = Stage { left: Arc::default(), over: Arc::default(), started: sender };
        Self { url: server.url.clone(), queue: Queue::new(store, Arc::new(SystemClock)), stage, started }
    }

    fn start(&self, slots: usize) -> (CancellationToken, tokio::task::JoinHandle<anyhow::Result<()>>) {
        let stop = CancellationToken::new();
        let options = Options { lanes: vec![(Lane::Default, slots)], ..Options::default() };
        let engine = Engine::new(self.queue.clone(), self.stage.clone()).register::<Noop>().register::<Ping>();
        (stop.clone(), tokio::spawn(engine.options(options).run(stop)))
    }

    /// Drains no-ops with so many slots; returns jobs per second, and what that cost the server.
    async fn drain(&self, slots: usize) -> (f64, (f64, f64)) {
        let jobs: Vec<_> = (0..JOBS).map(|n| Noop { n }).collect();
        self.queue.push_all(&jobs).await.expect("they are pushed");
        self.stage.left.store(JOBS, Ordering::SeqCst);
        bare::calls(&self.url).await;
        let begun = Instant::now();
        let (stop, engine) = self.start(slots);
        self.stage.over.notified().await;
        let rate = per_second(JOBS, begun);
        stop.cancel();
        engine.await.expect("it does not panic").expect("it ends in order");
        (rate, bare::calls(&self.url).await)
    }

    /// Drops what was pushed.
    async fn clear(&self) {
        bare::flush(&self.url).await;
    }

    async fn push_one_by_one(&self) -> f64 {
        let begun = Instant::now();
        for n in 0..4_000 {
            self.queue.push(&Noop { n }).await.expect("it is pushed");
        }
        per_second(4_000, begun)
    }

    async fn push_fifty(&self) -> f64 {
        let begun = Instant::now();
        join_all((0..50).map(async |pusher| {
            for n in 0..600 {
                self.queue.push(&Noop { n: pusher * 600 + n }).await.expect("it is pushed");
            }
        }))
        .await;
        per_second(30_000, begun)
    }

    async fn push_bulk(&self) -> f64 {
        let jobs: Vec<_> = (0..50_000).map(|n| Noop { n }).collect();
        let begun = Instant::now();
        for page in jobs.chunks(1000) {
            self.queue.push_all(page).await.expect("they are pushed");
        }
        per_second(50_000, begun)
    }

    /// Pushes to an idle worker; returns p50 and p99 of the time to the start, less the delay, in ms.
    async fn latency(&mut self, delay: Duration) -> (f64, f64) {
        let (stop, engine) = self.start(10);
        tokio::time::sleep(Duration::from_millis(300)).await;
        let mut times = Vec::new();
        for _ in 0..300 {
            let due = Instant::now() + delay;
            self.queue.push_in(&Ping, delay).await.expect("it is pushed");
            let started = self.started.recv().await.expect("it starts");
            times.push(started.saturating_duration_since(due).as_secs_f64() * 1000.0);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stop.cancel();
        engine.await.expect("it does not panic").expect("it ends in order");
        times.sort_by(f64::total_cmp);
        (times[times.len() / 2], times[times.len() * 99 / 100])
    }
}

#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn per_second(count: usize, begun: Instant) -> f64 {
    count as f64 / begun.elapsed().as_secs_f64()
}

/// Divides round by round: what disturbs the machine disturbs both.
fn ratios(ours: &[f64], others: &[f64]) -> Vec<f64> {
    ours.iter().zip(others).map(|(ours, others)| ours / others).collect()
}

fn say(what: &str, mut rounds: Vec<f64>) {
    rounds.sort_by(f64::total_cmp);
    let [least, median, most] = [0, rounds.len() / 2, rounds.len() - 1].map(|i| rounds[i]);
    println!("{}", serde_json::json!({ "what": what, "median": median, "least": least, "most": most }));
}

#[tokio::main]
async fn main() {
    let server = server::Server::start();
    let mut bench = Bench::new(&server, "bench").await;
    let only = std::env::args().nth(1).filter(|arg| !arg.starts_with("--"));
    let wanted = |what: &str| only.as_ref().is_none_or(|only| what.contains(only.as_str()));

    if wanted("drain") {
        let (mut drains, mut calls, mut bares) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (rate, cost) = bench.drain(50).await;
            drains.push(rate);
            calls.push(cost);
            bench.clear().await;
            bares.push(bare::drain(&server.url, JOBS, 50).await);
            bench.clear().await;
        }
        say("drain, ours / bare script", ratios(&drains, &bares));
        say("drain of 20 000 no-ops, 50 slots, per second", drains);
        say("calls of such a drain", calls.iter().map(|(calls, _)| *calls).collect());
        say("ms of the server in them", calls.iter().map(|(_, ms)| *ms).collect());
        say("bare finish-and-lease script, 50 connections, per second", bares);
    }
    if wanted("push") {
        for (what, stock) in [("one by one", 0), ("50 in flight", 1), ("bulk", 2)] {
            let (mut ours, mut stocks) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                ours.push(match stock {
                    0 => bench.push_one_by_one().await,
                    1 => bench.push_fifty().await,
                    _ => bench.push_bulk().await,
                });
                bench.clear().await;
                stocks.push(bare::push(&server.url, stock).await);
                bench.clear().await;
            }
            say(&format!("push {what}, ours / stock"), ratios(&ours, &stocks));
            say(&format!("push {what}, per second"), ours);
            say(&format!("push {what} by stock apalis-redis, per second"), stocks);
        }
    }
    if wanted("scale due") {
        scale::due(&bench).await;
    }
    if wanted("scale orphans") {
        scale::orphans(&bench).await;
    }
    if wanted("scale pages") {
        scale::pages(&bench).await;
    }
    if wanted("scale finished") {
        scale::finished(&bench).await;
    }
    if wanted("latency") {
        for (what, delay) in [("idle, push to start", 0), ("delayed 150 ms, due to start", 150)] {
            let (mut halves, mut tails) = (Vec::new(), Vec::new());
            for _ in 0..if delay == 0 { 3 } else { 1 } {
                let (half, tail) = bench.latency(Duration::from_millis(delay)).await;
                halves.push(half);
                tails.push(tail);
            }
            say(&format!("{what}, p50 ms"), halves);
            say(&format!("{what}, p99 ms"), tails);
        }
    }
}

//! Much at once: 100 000 jobs that fall due together, 100 000 whose workers died, a million that end, and the fullest page
//! that each script can be given. What counts is the slowest call of each script, and that memory does not grow.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use queue::{
    Death, Lane, Store,
    redis::{Options, RedisStore},
    store::{BATCH, Claimed, DeadFilter, Ending, Finished, NewJob, Retention, Tick, Turn},
};
use tokio_util::sync::CancellationToken;

use crate::{Bench, bare, per_second, slow::SlowLog};

const JOBS: usize = 100_000;

/// As many as a worker has by default, and so many that every turn is full.
const SLOTS: [usize; 2] = [50, 1_000];

const FINISHED: usize = 1_000_000;

/// Jobs that wait at most while a million end.
const WAITING: usize = 20_000;

/// Much shorter than anything else takes.
const NO_LEASE: Duration = Duration::from_millis(1);

async fn store(bench: &Bench) -> Arc<RedisStore> {
    let options = Options { prefix: "bench".to_owned(), ca: None };
    RedisStore::connect(&bench.url, options).await.expect("it connects")
}

/// 100 000 jobs fall due while nobody works.
pub(crate) async fn due(bench: &Bench) {
    for slots in SLOTS {
        push(&*store(bench).await, 0..JOBS, Duration::from_secs(10)).await;
        tokio::time::sleep(Duration::from_secs(11)).await;
        drain(bench, &format!("100 000 due at once, {slots} slots"), slots).await;
    }
}

/// 100 000 leases run out together.
pub(crate) async fn orphans(bench: &Bench) {
    for slots in SLOTS {
        let store = store(bench).await;
        push(&store, 0..JOBS, Duration::ZERO).await;
        let mut dies = Hand { store, number: 0, lease: NO_LEASE };
        for _ in 0..JOBS / BATCH {
            dies.turn(vec![], BATCH).await;
        }
        drain(bench, &format!("100 000 orphans, {slots} slots"), slots).await;
    }
}

/// A million jobs end, pushed as fast as they do.
pub(crate) async fn finished(bench: &Bench) {
    let (store, slow) = (store(bench).await, SlowLog::start(&bench.url).await);
    let mut slow = slow;
    bench.stage.left.store(FINISHED, Ordering::SeqCst);
    say_memory(bench, 0).await;
    let begun = Instant::now();
    let (stop, engine) = bench.start(SLOTS[0]);
    let done = || FINISHED - bench.stage.left.load(Ordering::SeqCst);
    let (mut pushed, mut said) = (0, 0);
    while done() < FINISHED {
        if pushed < FINISHED && pushed - done() < WAITING {
            push(&store, pushed..pushed + BATCH, Duration::ZERO).await;
            pushed += BATCH;
        } else {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        if done() / JOBS > said {
            said = done() / JOBS;
            slow.read().await;
            say_memory(bench, said * JOBS).await;
        }
    }
    say("1 000 000 finished, pushed meanwhile, per second", per_second(FINISHED, begun));
    stop.cancel();
    engine.await.expect("it does not panic").expect("it ends in order");
    slow.say("1 000 000 finished").await;
    bare::flush(&bench.url).await;
}

/// Every script at its fullest.
pub(crate) async fn pages(bench: &Bench) {
    let (store, slow) = (store(bench).await, SlowLog::start(&bench.url).await);
    let mut hand = Hand { store: store.clone(), number: 0, lease: Duration::from_mins(1) };
    let again = Ending::Again { delay: Duration::from_mins(1), attempts: 1, dying: None };
    let dead = Ending::Dead { attempts: 1, death: Death::Refused("never".to_owned()) };
    for ending in [Ending::Done, Ending::HandBack, Ending::Unknown { delay: Duration::from_mins(1) }, again, dead] {
        push(&store, 0..40 * BATCH, Duration::ZERO).await;
        let mut claimed = hand.turn(vec![], BATCH).await;
        for _ in 0..40 {
            let held: Vec<_> = claimed.iter().map(|claimed| claimed.held.clone()).collect();
            store.renew(&held, hand.lease).await.expect("it answers");
            let end = |held| Finished { held, ending: ending.clone() };
            claimed = hand.turn(held.into_iter().map(end).collect(), BATCH).await;
        }
        if !matches!(ending, Ending::Dead { .. }) {
            bare::flush(&bench.url).await;
        }
    }
    for _ in 0..5 {
        let dead = store.dead(&DeadFilter::default(), BATCH).await.expect("it answers");
        let ids: Vec<_> = dead.into_iter().map(|dead| dead.id).collect();
        store.retry_dead(&ids).await.expect("it answers");
        let dead = store.dead(&DeadFilter::default(), BATCH).await.expect("it answers");
        let ids: Vec<_> = dead.into_iter().map(|dead| dead.id).collect();
        store.delete_dead(&ids).await.expect("it answers");
    }
    look(&store).await;
    let none = Retention { dead: 0, ..Retention::default() };
    while store.reap(&none).await.expect("it answers").more {}
    bare::flush(&bench.url).await;
    poison(&mut hand).await;
    let tick = Tick { schedule: "tick".to_owned(), seen: None, at: chrono::DateTime::UNIX_EPOCH, job: Some(job(0)) };
    store.tick(&tick).await.expect("it answers");
    store.set_paused(Lane::Default, false).await.expect("it answers");
    slow.say("every script at its fullest").await;
    bare::flush(&bench.url).await;
}

/// A reaping in which every job is buried.
async fn poison(hand: &mut Hand) {
    push(&hand.store, 0..BATCH, Duration::ZERO).await;
    hand.lease = NO_LEASE;
    // Apart from others after their second crash, and dead after the last.
    for wave in 0..5 {
        let turns = if wave < 2 { 1 } else { BATCH };
        for _ in 0..turns {
            hand.turn(vec![], if wave < 2 { BATCH } else { 1 }).await;
        }
        while hand.store.reap(&Retention::default()).await.expect("it answers").more {}
    }
}

/// A worker by hand, whose turns are full.
struct Hand {
    store: Arc<RedisStore>,
    number: u64,
    lease: Duration,
}

impl Hand {
    async fn turn(&mut self, finished: Vec<Finished>, want: usize) -> Vec<Claimed> {
        self.number += 1;
        let (worker, lane, number, lease) = ("hand".to_owned(), Lane::Default, self.number, self.lease);
        let turn = Turn { worker, lane, number, finished, want, suspect: true, lease };
        self.store.turn(&turn).await.expect("it is answered").claimed
    }
}

fn job(n: usize) -> NewJob {
    NewJob {
        id: format!("{n:032x}"),
        lane: Lane::Default,
        name: "noop".to_owned(),
        key: Some(format!("noop:{n}")),
        payload: format!("{{\"n\":{n}}}"),
        delay: Duration::ZERO,
        trace: None,
    }
}

async fn push(store: &RedisStore, numbers: std::ops::Range<usize>, delay: Duration) {
    for page in numbers.collect::<Vec<_>>().chunks(BATCH) {
        let jobs: Vec<_> = page.iter().map(|n| NewJob { delay, ..job(*n) }).collect();
        store.push(&jobs).await.expect("they are pushed");
    }
}

/// Drains what is there, while somebody looks.
async fn drain(bench: &Bench, what: &str, slots: usize) {
    bench.stage.left.store(JOBS, Ordering::SeqCst);
    let (store, slow, looked) = (store(bench).await, SlowLog::start(&bench.url).await, CancellationToken::new());
    let looking = tokio::spawn(looked.clone().run_until_cancelled_owned(async move {
        loop {
            look(&store).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }));
    let begun = Instant::now();
    let (stop, engine) = bench.start(slots);
    bench.stage.over.notified().await;
    say(&format!("{what}, per second"), per_second(JOBS, begun));
    stop.cancel();
    engine.await.expect("it does not panic").expect("it ends in order");
    looked.cancel();
    let _ = looking.await.expect("it does not panic");
    slow.say(what).await;
    bare::flush(&bench.url).await;
}

/// Asks what operators and callers ask.
async fn look(store: &RedisStore) {
    store.stats().await.expect("it answers");
    store.is_idle().await.expect("it answers");
    store.find("noop:77777").await.expect("it answers");
}

async fn say_memory(bench: &Bench, done: usize) {
    let mut conn = bare::conn(&bench.url).await;
    let info: String = redis::cmd("INFO").arg("memory").query_async(&mut conn).await.expect("it answers");
    let keys: u64 = redis::cmd("DBSIZE").query_async(&mut conn).await.expect("it answers");
    let number = |name: &str| {
        let value = info.lines().find_map(|line| line.strip_prefix(name));
        value.and_then(|value| value.trim().parse::<u64>().ok()).unwrap_or_default()
    };
    let (used, resident) = (number("used_memory:"), number("used_memory_rss:"));
    println!(
        "{}",
        serde_json::json!({ "finished": done, "used_memory": used, "used_memory_rss": resident, "keys": keys })
    );
}

fn say(what: &str, value: f64) {
    println!("{}", serde_json::json!({ "what": what, "value": value }));
}

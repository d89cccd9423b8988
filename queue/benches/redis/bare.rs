//! What the figures are held against: the least that a queue on Redis does, and the stock producer.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Instant;

use apalis_core::backend::TaskSink as _;
use apalis_redis::{Config, RedisStorage};
use futures_util::future::join_all;
use redis::aio::MultiplexedConnection;

use crate::{Noop, per_second};

/// Finishes one job and leases the next: what 50 connections do with it is the measure of one call per job.
const FINISH_AND_LEASE: &str = r"
    if ARGV[1] ~= '' then redis.call('ZREM', KEYS[2], ARGV[1]); redis.call('HDEL', KEYS[3], ARGV[1]) end
    local id = redis.call('LPOP', KEYS[1])
    if not id then return false end
    local time = redis.call('TIME')
    redis.call('ZADD', KEYS[2], time[1] * 1000 + 30000, id)
    return {id, redis.call('HGET', KEYS[3], id)}";

pub(crate) async fn conn(url: &str) -> MultiplexedConnection {
    let client = redis::Client::open(url).expect("a valid address");
    client.get_multiplexed_async_connection().await.expect("it answers")
}

pub(crate) async fn flush(url: &str) {
    let () = redis::cmd("FLUSHDB").query_async(&mut conn(url).await).await.expect("it is done");
}

/// Returns how many scripts were called since the last question, and the ms that the server spent in them.
pub(crate) async fn calls(url: &str) -> (f64, f64) {
    let mut conn = conn(url).await;
    let info: String = redis::cmd("INFO").arg("commandstats").query_async(&mut conn).await.expect("it answers");
    let () = redis::cmd("CONFIG").arg("RESETSTAT").query_async(&mut conn).await.expect("it is done");
    let line = info.lines().find_map(|line| line.strip_prefix("cmdstat_evalsha:")).unwrap_or_default();
    let number = |name: &str| {
        let field = line.split(',').find_map(|field| field.strip_prefix(name)).unwrap_or_default();
        field.parse::<f64>().unwrap_or_default()
    };
    (number("calls="), number("usec=") / 1000.0)
}

/// Drains by the bare script, one connection per slot.
pub(crate) async fn drain(url: &str, jobs: usize, slots: usize) -> f64 {
    let mut fill = conn(url).await;
    for page in (0..jobs).collect::<Vec<_>>().chunks(500) {
        let mut pipe = redis::pipe();
        for n in page {
            pipe.cmd("RPUSH").arg("b:active").arg(n).cmd("HSET").arg("b:data").arg(n).arg(format!("{{\"n\":{n}}}"));
        }
        let () = pipe.query_async(&mut fill).await.expect("they are pushed");
    }
    let conns = join_all((0..slots).map(|_| conn(url))).await;
    let (script, done) = (Arc::new(redis::Script::new(FINISH_AND_LEASE)), Arc::new(AtomicUsize::new(0)));
    let begun = Instant::now();
    let loops = conns.into_iter().map(|mut conn| {
        let (script, done) = (script.clone(), done.clone());
        tokio::spawn(async move {
            let mut last = String::new();
            loop {
                let mut call = script.key("b:active");
                let call = call.key("b:leases").key("b:data").arg(&last);
                let next: Option<(String, String)> = call.invoke_async(&mut conn).await.expect("it answers");
                let Some((id, payload)) = next else { break };
                let _: Noop = serde_json::from_str(&payload).expect("our own words");
                done.fetch_add(1, Ordering::Relaxed);
                last = id;
            }
        })
    });
    for ended in join_all(loops).await {
        ended.expect("it does not panic");
    }
    assert_eq!(done.load(Ordering::SeqCst), jobs);
    per_second(jobs, begun)
}

/// Pushes as the stock producer does: one by one, 50 in flight, or in bulk.
pub(crate) async fn push(url: &str, how: usize) -> f64 {
    let config = Config::default().queue("{stock}");
    let mut storage = RedisStorage::<Noop, _>::new(conn(url).await).with_config(config);
    let begun = Instant::now();
    match how {
        0 => {
            for n in 0..4_000 {
                storage.push(Noop { n }).await.expect("it is pushed");
            }
            per_second(4_000, begun)
        }
        1 => {
            join_all((0..50).map(|pusher| {
                let mut storage = storage.clone();
                async move {
                    for n in 0..600 {
                        storage.push(Noop { n: pusher * 600 + n }).await.expect("it is pushed");
                    }
                }
            }))
            .await;
            per_second(30_000, begun)
        }
        _ => {
            let jobs: Vec<_> = (0..50_000).map(|n| Noop { n }).collect();
            for page in jobs.chunks(1000) {
                storage.push_bulk(page.to_vec()).await.expect("they are pushed");
            }
            per_second(50_000, begun)
        }
    }
}

//! What the bench does on Redis past the queue: the barest script that could be called one, to compare with, and the
//! cleaning up. Nothing outside of the bench's own prefix is touched.

use std::sync::Arc;

use ::redis::aio::MultiplexedConnection;
use ::redis::{Client, Script, Value, cmd, pipe};
use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use tokio::task::JoinSet;

use super::gauge::Gauge;
use super::place::PREFIX;

/// Finishes one job and leases the next: what a queue on Redis cannot do without.
const FINISH_AND_LEASE: &str = "
    if ARGV[1] ~= '' then
      redis.call('ZREM', KEYS[2], ARGV[1])
      redis.call('HDEL', KEYS[3], ARGV[1])
    end
    local id = redis.call('LPOP', KEYS[1])
    if not id then
      return false
    end
    local time = redis.call('TIME')
    redis.call('ZADD', KEYS[2], time[1] * 1000 + 30000, id)
    return {id, redis.call('HGET', KEYS[3], id)}
";

/// Jobs that are written in one go.
const PAGE: usize = 1_000;

/// Keys that one look is to find about.
const LOOK: usize = 1_000;

/// Forgets everything under the bench's prefix.
pub(super) async fn clear(url: &SecretString) -> anyhow::Result<()> {
    let mut conn = connect(&client(url)?).await?;
    let mut cursor = 0_u64;
    loop {
        let mut scan = cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(format!("{{{PREFIX}}}*")).arg("COUNT").arg(LOOK);
        let (next, keys): (u64, Vec<String>) = scan.query_async(&mut conn).await?;
        if !keys.is_empty() {
            let () = cmd("UNLINK").arg(keys).query_async(&mut conn).await?;
        }
        if next == 0 {
            return Ok(());
        }
        cursor = next;
    }
}

/// Runs jobs that do nothing through the barest script, in so many loops at once, each with a connection of its own.
pub(super) async fn finish_and_lease(
    url: &SecretString,
    jobs: u64,
    at_once: usize,
    gauge: &Arc<Gauge>,
) -> anyhow::Result<()> {
    let client = client(url)?;
    let keys = ["active", "leases", "data"].map(|key| format!("{{{PREFIX}}}:bare:{key}"));
    fill(&mut connect(&client).await?, &keys, jobs).await?;
    let mut conns = Vec::with_capacity(at_once);
    for _ in 0..at_once {
        conns.push(connect(&client).await?);
    }
    let script = Script::new(FINISH_AND_LEASE);
    let hash = script.prepare_invoke().load_async(&mut connect(&client).await?).await?;
    let call = cmd("EVALSHA").arg(hash).arg(keys.len()).arg(&keys).to_owned();
    let mut loops = JoinSet::new();
    for mut conn in conns {
        let (call, gauge) = (call.clone(), gauge.clone());
        loops.spawn(async move {
            let mut done = String::new();
            loop {
                let job: Value = call.clone().arg(&done).query_async(&mut conn).await?;
                let Value::Array(job) = job else { return anyhow::Ok(()) };
                gauge.start();
                done = ::redis::from_redis_value(job.into_iter().next().context("a job without an id")?)?;
                gauge.end();
            }
        });
    }
    while let Some(ended) = loops.join_next().await {
        ended??;
    }
    Ok(())
}

async fn fill(conn: &mut MultiplexedConnection, keys: &[String; 3], jobs: u64) -> anyhow::Result<()> {
    let numbers: Vec<u64> = (0..jobs).collect();
    for page in numbers.chunks(PAGE) {
        let mut pipe = pipe();
        for number in page {
            let id = format!("{number:032x}");
            pipe.rpush(&keys[0], &id).ignore();
            pipe.hset(&keys[2], &id, format!("{{\"number\":{number}}}")).ignore();
        }
        let () = pipe.query_async(conn).await?;
    }
    Ok(())
}

fn client(url: &SecretString) -> anyhow::Result<Client> {
    // The library's own words may quote the address, and with it the password.
    Client::open(url.expose_secret()).map_err(|_| anyhow::anyhow!("REDIS_URL cannot be read"))
}

async fn connect(client: &Client) -> anyhow::Result<MultiplexedConnection> {
    client.get_multiplexed_async_connection().await.context("REDIS_URL cannot be reached")
}

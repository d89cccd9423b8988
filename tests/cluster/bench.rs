//! The bench on Redis: both sides as an outside harness starts them, and a server that is left as it was.

use serde_json::Value;

use crate::harness::Redis;
use crate::harness::bench::{Bench, CASES};

/// Pushes something that is not the bench's.
async fn with_a_foreign_key() -> (Redis, redis::aio::MultiplexedConnection) {
    let mut server = Redis::new();
    server.start();
    let client = redis::Client::open(server.url()).expect("an address");
    let mut conn = client.get_multiplexed_async_connection().await.expect("it answers");
    let () = redis::cmd("SET").arg("{queue}:default:active").arg("mine").query_async(&mut conn).await.expect("written");
    (server, conn)
}

async fn keys(conn: &mut redis::aio::MultiplexedConnection) -> Vec<String> {
    redis::cmd("KEYS").arg("*").query_async(conn).await.expect("listed")
}

#[tokio::test]
async fn every_case_is_measured_and_nothing_is_left_behind() {
    let (server, mut conn) = with_a_foreign_key().await;

    let figures = Bench::new(&[("REDIS_URL", &server.url())]).figures("queue --rounds 2 --jobs 3").await;

    let names: Vec<_> = figures.iter().map(|(name, ..)| name.as_str()).collect();
    for name in CASES.into_iter().chain(["ref_script_c50", "ref_io_c100", "ref_io_worker_cpu"]) {
        assert_eq!(names.iter().filter(|each| **each == name).count(), 1, "{name} in {names:?}");
    }
    assert_eq!(keys(&mut conn).await, ["{queue}:default:active"]);
}

#[tokio::test]
async fn either_side_serves_an_outside_harness() {
    let (server, mut conn) = with_a_foreign_key().await;
    for (case, mode, waits) in
        [("noop", "seq", 0), ("noop", "single", 0), ("noop", "bulk", 0), ("latency", "paced:1", 60)]
    {
        let env = [("BENCH_CASE", case), ("BENCH_MODE", mode), ("BENCH_N", "60"), ("BENCH_CONC", "4")];
        let mut bench = Bench::new(&env);
        bench.set("REDIS_URL", server.url());

        let (produced, report) = bench.both_sides().await;

        assert!(produced["wall_s"].is_f64(), "{case} {mode}: {produced}");
        assert_eq!(
            (&report["n"], report["lat_ms"].as_array().map(Vec::len)),
            (&Value::from(60), Some(waits)),
            "{report}"
        );
    }
    let foreign: Vec<_> = keys(&mut conn).await.into_iter().filter(|key| !key.starts_with("{bench}:")).collect();
    assert_eq!(foreign, ["{queue}:default:active"]);
}

//! The bench on the embedded queue: what it prints, what it writes, what it refuses. The figures themselves are no test's.

use serde_json::Value;

use crate::harness::bench::{Bench, CASES};

fn names(figures: &[(String, f64, String)]) -> Vec<&str> {
    figures.iter().map(|(name, ..)| name.as_str()).collect()
}

#[tokio::test]
async fn the_queue_is_measured_without_a_redis_a_database_and_a_key() {
    let figures = Bench::new(&[]).figures("queue --rounds 1 --jobs 3").await;

    let ours: Vec<_> = names(&figures).into_iter().filter(|name| !name.starts_with("ref_")).collect();
    assert_eq!(ours, CASES);
    let refs: Vec<_> = names(&figures).into_iter().filter(|name| name.starts_with("ref_")).collect();
    assert_eq!(refs, ["ref_io_c100", "ref_io_worker_cpu", "ref_io_worker_peak_rss"]);
    for (name, value, unit) in &figures {
        assert!(*value > 0.0 || name.ends_with("cpu"), "{name}: {value} {unit}");
        assert!(["jobs/s", "s/1000 jobs", "MB", "ms"].contains(&unit.as_str()), "{name}: {unit}");
    }
}

#[tokio::test]
async fn the_routes_are_measured_on_sqlite() {
    let figures = Bench::new(&[]).figures("api --rounds 1 --jobs 3").await;

    let expected =
        ["feed", "unknown", "oauth"].map(|case| ["c50", "p50", "p99"].map(|what| format!("sqlite_{case}_{what}")));
    assert_eq!(names(&figures), expected.concat());
    assert!(figures.iter().all(|(_, value, _)| *value > 0.0), "{figures:?}");
}

#[tokio::test]
async fn two_processes_meet_beside_the_database_that_they_are_told_of() {
    let mut bench = Bench::new(&[("BENCH_CASE", "latency"), ("BENCH_N", "3"), ("BENCH_MODE", "paced:1")]);
    let database = bench.folder().join("mine.db");
    bench.set("DATABASE_URL", format!("sqlite://{}", database.display()));

    let (produced, report) = bench.both_sides().await;

    assert!(produced["wall_s"].as_f64().is_some_and(|wall_s| wall_s > 0.0), "{produced}");
    assert_eq!((&report["n"], report["lat_ms"].as_array().map(Vec::len)), (&Value::from(3), Some(3)), "{report}");
    for name in ["wall_s", "cpu_s", "hwm_kb"] {
        assert!(report[name].as_f64().is_some_and(|value| value >= 0.0), "{name}: {report}");
    }
    assert!(!database.exists(), "the database itself is nobody's business");
}

#[tokio::test]
async fn what_a_side_lacks_is_named_with_its_fix() {
    let file = ("DATABASE_URL", "sqlite:///nowhere/at/all.db");
    for (side, env, says) in [
        (
            "produce",
            &[][..],
            "two processes meet on REDIS_URL, or, on the embedded queue, beside DATABASE_URL=sqlite://path",
        ),
        ("produce", &[("DATABASE_URL", "postgres://u:hunter2@x/y")], "DATABASE_URL=postgres://… needs REDIS_URL"),
        ("api --jobs 1", &[("DATABASE_URL", "postgres://u:hunter2@x/y")], "DATABASE_URL=postgres://… needs REDIS_URL"),
        ("produce", &[("REDIS_URL", "redis://:hunter2@127.0.0.1:1/")], "REDIS_URL: the queue's store does not answer"),
        ("queue", &[("REDIS_URL", "redis://:hunter2@127.0.0.1:1/")], "REDIS_URL cannot be reached"),
        ("produce", &[("REDIS_URL", "hunter2")], "REDIS_URL: the address of Redis cannot be read"),
        ("produce", &[file, ("BENCH_CASE", "sleep")], "BENCH_CASE=sleep: it is `noop`, `io` or `latency`"),
        (
            "produce",
            &[file, ("BENCH_MODE", "paced")],
            "BENCH_MODE=paced: it is `seq`, `single`, `bulk` or `paced:<ms>`",
        ),
        ("produce", &[file, ("BENCH_N", "0")], "BENCH_N=0: 1 to 100000000 jobs"),
        ("worker", &[file], "BENCH_OUT is not set: name the file that the report is written to"),
        ("worker", &[file, ("BENCH_CONC", "0")], "BENCH_CONC=0: 1 to 10000 jobs at once"),
    ] {
        let said = Bench::new(env).run(side).await.expect_err(says);
        assert!(said.contains(says) && !said.contains("hunter2"), "{side}, {env:?}: {said}");
    }
}

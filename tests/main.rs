//! Black box and job tests: the real binary, real stores, a real browser; only Meta is a stand-in, over HTTP.
//!
//! `jobs/` has one file per job, `api/` one per route, `flows/` stories that a user would tell, `browser/` what a
//! person sees, `postgres/` what makes sense on that database alone, `cluster/` several processes on one Redis, `faults/`
//! the kill matrix, Redis emptied in the middle of the work, and workers killed on the way to X.
//! [`harness`] has the world they run in: each test its own, on free ports, in a temporary folder; on SQLite, or on the
//! PostgreSQL that `tests/run` has started.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod api;
mod architecture;
mod browser;
mod cluster;
mod day;
#[expect(dead_code, reason = "a part of it is for the long run, which is a target of its own: tests/scale")]
mod faults;
mod flows;
mod harness;
mod jobs;
mod postgres;

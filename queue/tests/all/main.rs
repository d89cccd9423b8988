//! One binary for all that is promised of the engine: the conformance suite, once per store, and what only one store does.
//! A new store plugs in by a `Harness` and one line below.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod conformance;
mod full;
mod lossy;
mod play;
mod redis;
mod sqlite;
mod world;

conformance::suite!(on_sqlite, crate::sqlite::Harness);
conformance::suite!(on_redis, crate::redis::Harness);

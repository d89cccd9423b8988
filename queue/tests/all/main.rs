//! One binary for all that is promised of the engine: the conformance suite, once per store, and what only one store does.
//! A new store plugs in by a `Harness` and one line below.

mod conformance;
mod lossy;
mod play;
mod sqlite;
mod world;

conformance::suite!(on_sqlite, crate::sqlite::Harness);

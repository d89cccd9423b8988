//! What takes too long, or is too large, for every change: run by hand, one case at a time.
//!
//! `cargo test --test scale -- CASE [--name value]…`; without a case it lists them. docs/reliability.md has the figures.

#![expect(clippy::expect_used, reason = "a case that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "a person reads how far it is")]

#[path = "../faults/mod.rs"]
#[expect(dead_code, reason = "a part of it is for the short run, which is a test of every change")]
mod faults;
mod flush;
#[path = "../harness/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the tests' harness: a case uses some of it")]
mod harness;
mod matrix;
mod wishes;

use std::pin::Pin;
use std::process::ExitCode;

use wishes::Wishes;

/// A case: panics where it fails.
struct Case {
    name: &'static str,
    /// What it takes, and what it does.
    about: &'static str,
    run: fn(Wishes) -> Pin<Box<dyn Future<Output = ()>>>,
}

const CASES: [Case; 2] = [
    Case {
        name: "kill-matrix",
        about: "--faults 500 --seed N --round 50 --harmless 0: random faults under work; nothing may be lost",
        run: |wishes| Box::pin(matrix::run(wishes)),
    },
    Case {
        name: "flushall",
        about: "--jobs 2000 --concurrency 50: Redis is emptied in the middle of them; nothing may be lost",
        run: |wishes| Box::pin(flush::run(wishes)),
    },
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let case = args.first().and_then(|name| CASES.iter().find(|case| case.name == name));
    let Some(case) = case else {
        for Case { name, about, .. } in &CASES {
            println!("{name} {about}");
        }
        return if args.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on((case.run)(Wishes::read(&args[1..])));
    ExitCode::SUCCESS
}

//! What takes too long, or is too large, for every change: run by hand, one case at a time.
//!
//! `cargo test --test scale -- CASE [--name value]…`; without a case it lists them. docs/reliability.md, docs/freshness.md
//! and docs/expiry.md have the figures.

#![expect(clippy::expect_used, reason = "a case that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "a person reads how far it is")]

mod bad_days;
#[path = "../flows/crossposts/mod.rs"]
#[expect(unused_imports, reason = "the stories that are told at each change use the rest of it")]
mod crossposts;
#[path = "crossposts.rs"]
mod crossposts_by_hand;
#[path = "../day/mod.rs"]
#[expect(dead_code, reason = "the small day looks closer at the middle")]
mod day;
mod expiry;
#[path = "../flows/expiry_scan.rs"]
#[expect(unused_imports, reason = "the test at each change uses the rest of it")]
mod expiry_scan;
#[path = "../faults/mod.rs"]
#[expect(dead_code, reason = "a part of it is for the short run, which is a test of every change")]
mod faults;
mod flush;
mod freshness;
#[path = "../harness/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the tests' harness: a case uses some of it")]
mod harness;
#[path = "../flows/incidents/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the stories that are told at each change use the rest of it")]
mod incidents;
mod matrix;
mod on_x;
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

const CASES: [Case; 10] = [
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
    Case {
        name: "freshness",
        about: "--accounts 300 --tags 1700 --hours 24 --step 2: a day with uneven allowances; writes docs/freshness.md",
        run: |wishes| Box::pin(freshness::run(wishes)),
    },
    Case {
        name: "bad-week",
        about: "--accounts 200 --days 7: every read is refused for days; the operator hears of it twice",
        run: |wishes| Box::pin(bad_days::week(wishes)),
    },
    Case {
        name: "dead-tokens",
        about: "--accounts 5000: for an hour Meta calls all tokens dead, and is wrong",
        run: |wishes| Box::pin(bad_days::wave(wishes)),
    },
    Case {
        name: "expiry",
        about: "--installs 200 --processes 2 --days 120 --seed N --trouble 1: each owner is told each stage once",
        run: |wishes| Box::pin(expiry::run(wishes)),
    },
    Case {
        name: "expiring-million",
        about: "--installs 1000000 --due 20000: what one look costs a worker, on both databases",
        run: |wishes| Box::pin(expiry::look::run(wishes)),
    },
    Case {
        name: "crosspost-kills",
        about: "--runs 500: jobs are killed on their way to X; nothing is there twice, or forgotten",
        run: |wishes| Box::pin(crossposts_by_hand::kills(wishes)),
    },
    Case {
        name: "x-kills",
        about: "--kills 500: workers are killed at every step to X; nothing is lost or there twice but what a kill explains",
        run: |wishes| Box::pin(on_x::run(wishes)),
    },
    Case {
        name: "week-without-instagram",
        about: "--step 10: X is kept alive, and has everything of the week afterwards",
        run: |wishes| Box::pin(crossposts_by_hand::week(wishes)),
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

//! `x-kills`: workers that die on the way to X, in rounds of 60 kills, each on a deployment of its own.

use std::time::Instant;

use crate::faults::killed_on_x;
use crate::wishes::Wishes;

/// How many kills one deployment sees.
const ROUND: usize = 60;

pub(crate) async fn run(mut wishes: Wishes) {
    let kills = usize::try_from(wishes.take("kills", 500)).expect("a count");
    wishes.end();
    let begun = Instant::now();
    let mut sum = killed_on_x(ROUND).await;
    while sum.jobs < kills {
        println!("after {} s: {sum}", begun.elapsed().as_secs());
        sum += killed_on_x(ROUND).await;
    }
    println!("after {} s: {sum}", begun.elapsed().as_secs());
    let verdict = &sum.verdict;
    assert_eq!((verdict.unexplained.len(), verdict.forgotten.len()), (0, 0), "something was lost, or is there twice");
    assert!(verdict.lost <= verdict.given && verdict.second <= verdict.attempts, "more than the kills explain");
}

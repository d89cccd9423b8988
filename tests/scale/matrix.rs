//! `kill-matrix`: any number of random faults, on a PostgreSQL and a Redis of its own.

use crate::faults::{Dice, Matrix};
use crate::wishes::Wishes;

/// How many hashtags are shown beside the exchanges.
const HASHTAGS: usize = 40;

pub(crate) async fn run(mut wishes: Wishes) {
    let seed = wishes.take("seed", Dice::new_seed());
    let (mut faults, round) = (wishes.take("faults", 500), wishes.take("round", 50).max(1));
    let is_harmless = wishes.take("harmless", 0) > 0;
    wishes.end();
    println!("seed {seed}");
    let mut matrix = Matrix::long(seed, HASHTAGS).await;
    let begun = std::time::Instant::now();
    while faults > 0 {
        let now = faults.min(round);
        let drawn = matrix.any(usize::try_from(now).expect("a number"), is_harmless);
        if matrix.report.exchanges > 0 {
            matrix.make_feeds_due().await;
        }
        matrix.round(&drawn).await;
        faults -= now;
        println!("after {} s, {faults} faults to go: {}\n", begun.elapsed().as_secs(), matrix.report);
    }
    let report = &matrix.report;
    assert!(report.lost.is_empty(), "work was lost");
    assert!(report.unexplained.is_empty(), "more was begun again than was interrupted");
}

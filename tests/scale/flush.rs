//! `flushall`: any number of exchanges, and Redis emptied in the middle of them.

use crate::faults::flushall;
use crate::wishes::Wishes;

pub(crate) async fn run(mut wishes: Wishes) {
    let (jobs, concurrency) = (wishes.take("jobs", 2_000), wishes.take("concurrency", 50));
    wishes.end();
    let count = |number: u64| usize::try_from(number).expect("a count");
    let flushed = flushall(count(jobs), count(concurrency)).await;
    println!("{flushed:#?}");
    assert_eq!((flushed.done, flushed.seen), ((jobs, jobs), count(jobs)), "work is lost");
    assert!(flushed.twice <= flushed.running && flushed.more == 0, "more ran again than ran");
}

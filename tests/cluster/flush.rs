//! Redis is emptied in the middle of the work. With 2 000 jobs it is `cargo test --test scale -- flushall`
//! (docs/reliability.md).

use crate::faults::flushall;

#[tokio::test]
async fn a_flush_of_redis_loses_no_work_and_repeats_only_what_ran() {
    let flushed = flushall(200, 10).await;

    assert_eq!((flushed.done, flushed.seen), ((200, 200), 200), "{flushed:?}");
    assert_eq!(flushed.ended_before, 50, "in the middle: {flushed:?}");
    assert_eq!((flushed.twice, flushed.more), (flushed.running, 0), "{flushed:?}");
}

//! Killed on the way to X, short: three deaths at each step of renewing an access and of posting, twice. The long one is
//! `cargo test --test scale -- x-kills` (docs/reliability.md).

use crate::faults::killed_on_x;

#[tokio::test(flavor = "multi_thread")]
async fn whichever_step_to_x_a_worker_dies_at_nothing_is_lost_or_there_twice_but_what_the_kill_explains() {
    let killed = killed_on_x(60).await;

    println!("{killed}");
    let verdict = &killed.verdict;
    assert_eq!((verdict.unexplained.len(), verdict.forgotten.len()), (0, 0), "{killed}");
    assert!(verdict.lost <= verdict.given && verdict.second <= verdict.attempts, "{killed}");
    // Those whose answer was there and unheard, at least: else nothing was tried.
    assert!(killed.jobs == 60 && verdict.given >= 4 && verdict.lost >= 4 && verdict.attempts >= 8, "{killed}");
    assert_eq!(verdict.second, 0, "a kill explains it, and yet none has to come twice: {killed}");
}

//! The kill matrix, short: a fault of each kind. On a database of the pass that is a file, none of those of Postgres. The
//! long one is `cargo test --test scale -- kill-matrix` (docs/reliability.md).

use crate::faults::{Dice, Fault, Matrix};

#[tokio::test(flavor = "multi_thread")]
async fn whatever_dies_no_work_is_lost_and_no_more_is_begun_again_than_was_interrupted() {
    let mut matrix = Matrix::short(Dice::new_seed(), 20).await;

    let faults = matrix.one_of_each();
    matrix.round(&faults).await;

    let report = &matrix.report;
    println!("{report}");
    assert_eq!(report.sum().0, Fault::ALL.len());
    assert_eq!((report.lost.len(), report.failed.len(), report.unexplained.len()), (0, 0, 0), "{report}");
    assert!(report.exchanges > 10 && report.feeds == 20, "{report}");
}

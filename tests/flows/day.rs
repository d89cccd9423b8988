//! A day with uneven allowances, a small one. The full size is a case of `tests/scale`.

use crate::day::{self, Report, Size};

#[tokio::test]
async fn no_allowance_is_overdrawn_and_what_there_is_is_used_for_freshness() {
    let size = Size { accounts: 4, tags: 6, hours: 24, step: 30, allowances: [9_600, 120, 60, 36] };

    let report = day::run(&size).await;

    let tables = report.tables();
    let (most, refused) = Report::worst(&report.ours);
    assert!(most <= 95 && refused == 0, "{tables}");
    let (polled, turned_away) = Report::worst(&report.naive);
    assert!(polled > 100 && turned_away > 0, "the poller is what this is better than: {tables}");
    let (ample, tight) = (report.middle(0), report.middle(3));
    assert!(ample.0 <= 30.0, "{tables}");
    assert!(tight.0 < tight.1, "fresher than a poller that is refused: {tables}");
    assert!(report.plot().ends_with("</svg>\n"));
}

//! Time that has to pass. It is a part of what is tested, and never how something is waited for: the random moment of a
//! fault, the five seconds of a stopped process, the second that a server loses, the pace at which people come, and how
//! long a page that got no answer waits before it asks again.

use std::time::Duration;

/// Lets time pass.
pub(super) async fn pass(time: Duration) {
    // Nothing ends this but the time.
    let _ = tokio::time::timeout(time, std::future::pending::<()>()).await;
}

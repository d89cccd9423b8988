//! Writing what nobody gets twice: a database that is away for a moment must not lose it.

use std::time::Duration;

use queue::JobError;
use sea_orm::DbErr;
use tokio::time::{Instant, sleep};

/// How long a database that is away is waited for: less than an attempt may take.
const INSISTS: Duration = Duration::from_mins(2);
/// How soon it is asked again.
const SOON: Duration = Duration::from_millis(500);

/// Writes `what`, and asks a database that is away again until it is back, or two minutes have gone.
pub(crate) async fn insist<T, F>(what: &str, mut write: impl FnMut() -> F) -> Result<T, JobError>
where
    F: Future<Output = Result<T, DbErr>>,
{
    let until = Instant::now() + INSISTS;
    loop {
        match write().await {
            Ok(written) => return Ok(written),
            Err(error) if Instant::now() >= until => return Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, "{what} is not kept yet; the database is asked again");
                sleep(SOON).await;
            }
        }
    }
}

//! The clocks: ours against those of the servers beside us. Tokens end by ours, jobs are due by Redis'.

use chrono::{DateTime, TimeDelta, Utc};
use queue::clock::{Clock, SystemClock};
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};

use super::{Finding, Subject};

/// More than this is no matter of the network any more.
const APART: TimeDelta = TimeDelta::seconds(2);

/// Says how they are.
pub(super) async fn check(subject: &Subject) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(Ok((store, _))) = &subject.redis {
        let before = SystemClock.now();
        // Asked anew: the first report waited for the greeting.
        if let Ok(report) = store.report().await {
            findings.push(said("Redis", before, report.time));
        }
    }
    if let Ok(db) = &subject.db
        && db.read.get_database_backend() == DatabaseBackend::Postgres
    {
        let asked = Statement::from_string(DatabaseBackend::Postgres, "SELECT clock_timestamp()");
        let before = SystemClock.now();
        let row = db.read.query_one_raw(asked).await.ok().flatten();
        if let Some(time) = row.and_then(|row| row.try_get_by_index::<DateTime<Utc>>(0).ok()) {
            findings.push(said("PostgreSQL", before, time));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::nothing("there is only this machine's"));
    }
    findings
}

/// Its time was told between `before` and now: if it lies in there, the clocks agree.
fn said(whose: &str, before: DateTime<Utc>, time: DateTime<Utc>) -> Finding {
    let apart = (before - time).max(time - SystemClock.now()).max(TimeDelta::zero());
    let seconds = apart.as_seconds_f64();
    if apart > APART {
        Finding::warning(format!("ours and that of {whose} are {seconds:.1} s apart: let both machines follow NTP"))
    } else {
        Finding::good(format!("ours and that of {whose} agree"))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use queue::clock::{Clock, SystemClock};

    use super::super::Mark;
    use super::said;

    #[test]
    fn clocks_that_are_apart_are_spoken_of() {
        let now = SystemClock.now();
        for (ahead, mark) in [(0, Mark::Good), (1, Mark::Good), (30, Mark::Warning), (-30, Mark::Warning)] {
            assert_eq!(said("Redis", now, now + TimeDelta::seconds(ahead)).mark, mark, "{ahead} s");
        }
    }
}

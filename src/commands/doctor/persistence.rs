//! What a crash of Redis costs. Work is never lost, for the rows tell it; what is lost is the queue's own memory of it.

use queue::redis::Report;

use super::{Finding, Subject};

/// What becomes of the work itself.
const WORK: &str = "the rows bring the work back within a minute, and what had just ended runs once more";
/// What nothing brings back.
const BEYOND: &str = "what no row brings back is gone: the dead, the attempts counted so far";

/// Says how it is.
pub(super) fn check(subject: &Subject) -> Vec<Finding> {
    let Some(redis) = &subject.redis else {
        let says = "the embedded queue is on disk: a crash of the machine costs its last moments, and the rows bring \
                    the work back";
        return vec![Finding::good(says)];
    };
    let Ok((_, report)) = redis else { return vec![Finding::nothing("not looked at")] };
    let mut findings = vec![cost(report)];
    if !report.writes_well {
        findings.push(Finding::bad(
            "Redis could not write to its disk the last time: make room there, and look at its log",
        ));
    }
    findings
}

fn cost(report: &Report) -> Finding {
    match (report.aof, report.appendfsync.as_deref(), report.snapshots.as_deref()) {
        (true, Some("always"), _) => {
            Finding::good("AOF with appendfsync=always: a crash costs nothing that was answered")
        }
        (true, Some("no"), _) => Finding::warning(format!(
            "AOF with appendfsync=no: a crash of Redis costs nothing, one of its machine about half a minute: {WORK}; set \
             `appendfsync everysec`"
        )),
        (true, Some(_), _) => Finding::good(format!(
            "AOF with appendfsync=everysec: a crash of Redis' machine costs its last second or two: {WORK}"
        )),
        (true, None, _) => Finding::good(format!(
            "AOF; the server does not say how soon it is on disk (everysec as a rule: the last second or two): {WORK}"
        )),
        (false, _, Some("")) => Finding::warning(format!(
            "neither AOF nor snapshots: a crash of Redis costs all that it holds: {WORK}, but {BEYOND}; set `appendonly yes`"
        )),
        (false, _, when) => {
            let when = when.map(|when| format!(" (save {when})")).unwrap_or_default();
            Finding::warning(format!(
                "no AOF: a crash of Redis costs all since its last snapshot{when}: {WORK}, but {BEYOND}; set `appendonly yes`"
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use queue::clock::{Clock, SystemClock};

    use super::super::Mark;
    use super::{Report, cost};

    #[test]
    fn what_a_crash_costs_is_said_in_words() {
        let report = |aof, appendfsync: Option<&str>, snapshots: Option<&str>| Report {
            version: "7.0.15".into(),
            is_master: true,
            is_cluster: false,
            aof,
            appendfsync: appendfsync.map(Into::into),
            snapshots: snapshots.map(Into::into),
            writes_well: true,
            eviction: None,
            memory: 1,
            most_memory: None,
            time: SystemClock.now(),
        };
        for (report, mark, says) in [
            (report(true, Some("always"), None), Mark::Good, "costs nothing that was answered"),
            (report(true, Some("everysec"), None), Mark::Good, "its last second or two"),
            (report(true, None, None), Mark::Good, "does not say how soon"),
            (report(true, Some("no"), None), Mark::Warning, "about half a minute"),
            (report(false, Some("everysec"), Some("")), Mark::Warning, "all that it holds"),
            (report(false, None, Some("3600 1")), Mark::Warning, "since its last snapshot (save 3600 1)"),
            (report(false, None, None), Mark::Warning, "since its last snapshot:"),
        ] {
            let finding = cost(&report);
            assert_eq!(finding.mark, mark, "{}", finding.says);
            assert!(finding.says.contains(says), "{}", finding.says);
        }
    }
}

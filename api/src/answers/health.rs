//! Alive, and ready.

use entities::alert_channel::{self, MAIL, SLACK};
use serde::Serialize;
use utoipa::ToSchema;
use worker::feed_body;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// It answers.
    Ok,
    /// It does not.
    Down,
}

impl From<bool> for Status {
    fn from(answers: bool) -> Self {
        if answers { Self::Ok } else { Self::Down }
    }
}

/// The process answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Live {
    /// Always `ok`: what is not alive does not answer.
    pub status: Status,
}

/// Whether everything answers that the routes need.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ready {
    /// `ok` if every part is.
    pub status: Status,
    /// The parts.
    pub parts: Parts,
}

/// The parts that the routes need, and what the operator hears by.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Parts {
    /// The tables.
    pub database: DatabasePart,
    /// Where work is pushed.
    pub queue: QueuePart,
    /// How the operator hears of incidents. Whether it works decides nothing about being ready.
    pub alerts: AlertsPart,
}

/// The tables.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DatabasePart {
    /// Whether the database answers.
    pub status: Status,
}

/// Where work is pushed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueuePart {
    /// Whether it answers, and is worked on where the workers are in this process.
    pub status: Status,
    /// Seconds since a worker of this process last asked for work; null where none runs.
    #[schema(required)]
    pub last_claim_s: Option<u64>,
}

/// How the operator hears of incidents, as far as was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct AlertsPart {
    /// Whether messages get through.
    pub status: AlertsStatus,
    /// The way that they take; null: none.
    #[schema(required)]
    pub via: Option<Via>,
    /// Since when the first way, or the only one, fails.
    #[schema(required, format = DateTime)]
    pub failing_since: Option<String>,
}

/// Whether messages to the operator get through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AlertsStatus {
    /// They do, as far as was tried.
    Ok,
    /// They do, by the second way.
    Degraded,
    /// They do not.
    Down,
    /// No way is configured where the workers are.
    Off,
    /// The database, which knows, does not answer.
    Unknown,
}

/// A way to the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Via {
    /// Slack.
    Slack,
    /// Mail.
    Mail,
}

impl AlertsPart {
    /// Tells how the ways are, by what the workers keep of them.
    pub(crate) fn of(ways: Option<&[alert_channel::Model]>) -> Self {
        let Some(ways) = ways else {
            return Self { status: AlertsStatus::Unknown, via: None, failing_since: None };
        };
        let by_name = |(channel, via)| ways.iter().find(|way| way.channel == channel).map(|way| (way, via));
        let known: Vec<_> = [(SLACK, Via::Slack), (MAIL, Via::Mail)].into_iter().filter_map(by_name).collect();
        let via = known.iter().find(|(way, _)| way.failing_since.is_none()).map(|(_, via)| *via);
        let failing_since = known.first().and_then(|(first, _)| first.failing_since);
        let status = match (known.is_empty(), failing_since, via) {
            (true, ..) => AlertsStatus::Off,
            (false, None, _) => AlertsStatus::Ok,
            (false, Some(_), Some(_)) => AlertsStatus::Degraded,
            (false, Some(_), None) => AlertsStatus::Down,
        };
        Self { status, via, failing_since: failing_since.map(feed_body::rfc3339) }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entities::alert_channel::Model;

    use super::*;

    #[test]
    fn the_first_way_that_works_is_the_way() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let way = |channel, fails: bool| Model {
            failing_since: fails.then_some(now),
            ..Model::untried(channel, "somewhere", now)
        };
        for (ways, status, via, fails) in [
            (vec![], AlertsStatus::Off, None, false),
            (vec![way(MAIL, false)], AlertsStatus::Ok, Some(Via::Mail), false),
            (vec![way(MAIL, true)], AlertsStatus::Down, None, true),
            (vec![way(MAIL, false), way(SLACK, false)], AlertsStatus::Ok, Some(Via::Slack), false),
            (vec![way(MAIL, false), way(SLACK, true)], AlertsStatus::Degraded, Some(Via::Mail), true),
            (vec![way(MAIL, true), way(SLACK, false)], AlertsStatus::Ok, Some(Via::Slack), false),
            (vec![way(MAIL, true), way(SLACK, true)], AlertsStatus::Down, None, true),
        ] {
            let part = AlertsPart { status, via, failing_since: fails.then(|| feed_body::rfc3339(now)) };
            assert_eq!(AlertsPart::of(Some(&ways)), part);
        }
        assert_eq!(AlertsPart::of(None).status, AlertsStatus::Unknown);
    }
}

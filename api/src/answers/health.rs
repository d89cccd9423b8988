//! Alive, and ready.

use serde::Serialize;
use utoipa::ToSchema;

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

/// The parts that the routes need.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Parts {
    /// The tables.
    pub database: DatabasePart,
    /// Where work is pushed.
    pub queue: QueuePart,
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

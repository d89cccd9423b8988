//! An error.

use serde::Serialize;
use utoipa::ToSchema;

/// What is wrong and how to mend it (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// Always `about:blank`: `code` tells problems apart.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    pub title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What is wrong, which field, and the fix; for people.
    pub detail: String,
    /// Stable, for machines.
    pub code: &'static str,
}

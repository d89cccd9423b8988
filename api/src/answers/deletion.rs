//! What Meta is answered that tells of a person who wants to be forgotten.

use serde::Serialize;
use utoipa::ToSchema;

/// Where the person sees what became of the request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DataDeletion {
    /// The page that says so.
    pub url: String,
    /// By which we find the request.
    pub confirmation_code: String,
}

//! An app of the host platform.

use entities::app;
use serde::Serialize;
use utoipa::ToSchema;
use worker::feed_body::rfc3339;

/// One widget of one user of the host platform.
#[expect(clippy::struct_field_names, reason = "the contract's names")]
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct App {
    /// The host platform's id of the widget.
    pub app_id: String,
    /// The host platform's id of its owner.
    pub user: String,
    /// The kind of widget, in the host platform's words; may be empty.
    pub app_type: String,
    /// The keys that it shows beside its connected accounts: `@account` or `#hashtag`.
    pub feeds: Vec<String>,
    /// Whether it was saved before the Graph API came: such an app may be served by the legacy source.
    pub saved_before: bool,
    /// Whom to tell about its connections.
    #[schema(required)]
    pub owner_email: Option<String>,
    /// The owner's language (BCP 47).
    #[schema(required)]
    pub language: Option<String>,
    /// Web origins that may read its feeds from a browser; empty: any.
    pub allowed_origins: Vec<String>,
    /// When it was registered.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    pub updated_at: String,
}

impl From<app::Model> for App {
    fn from(row: app::Model) -> Self {
        Self {
            app_id: row.app_id,
            user: row.user,
            app_type: row.app_type,
            feeds: row.feeds.0,
            saved_before: row.saved_before,
            owner_email: row.owner_email,
            language: row.language,
            allowed_origins: row.allowed_origins.0,
            created_at: rfc3339(row.created_at),
            updated_at: rfc3339(row.updated_at),
        }
    }
}

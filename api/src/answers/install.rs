//! A connected account.

use entities::install;
use serde::Serialize;
use utoipa::ToSchema;

use super::Class;

/// One connected Instagram account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Install {
    /// Its id.
    pub id: String,
    /// The account's name, without `@`.
    pub instagram_account: String,
    /// Meta's id of the account.
    pub instagram_business_account_id: String,
    /// The Page through which it is read.
    pub page: Page,
    /// How near its end is.
    #[schema(value_type = InstallState)]
    pub state: &'static str,
    /// When it ends unless it is renewed; null: not known.
    #[schema(required, format = DateTime)]
    pub ends_at: Option<String>,
    /// What was granted.
    pub scopes: Vec<String>,
    /// How often it was connected anew.
    pub generation: i32,
    /// When it was first connected.
    #[schema(format = DateTime)]
    pub connected_at: String,
    /// The apps that use it, as far as the caller may see them.
    pub dependants: Vec<Dependant>,
    /// What keeps its feed from being fetched; null: nothing.
    #[schema(required)]
    pub last_error: Option<InstallError>,
}

/// How near a connection's end is.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "its words are written from `entities::install::State`")]
pub(crate) enum InstallState {
    /// Far.
    Active,
    /// Within ten days.
    Expiring,
    /// Past.
    Expired,
    /// It was ended before its time.
    Dead,
}

/// A Facebook Page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page {
    /// Meta's id of the Page.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl From<&install::Model> for Page {
    fn from(row: &install::Model) -> Self {
        Self { id: row.page_id.clone(), name: row.page_name.clone() }
    }
}

/// An app that uses a connection.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Dependant {
    /// The app.
    pub app_id: String,
    /// Its owner.
    pub user: String,
}

/// What keeps a feed from being fetched.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InstallError {
    /// What it means for the caller.
    #[schema(value_type = Class)]
    pub class: &'static str,
    /// What happened, for people.
    pub message: &'static str,
    /// The one next step.
    pub advice: &'static str,
}

/// A page of connections, in order of id.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InstallPage {
    /// The connections.
    pub data: Vec<Install>,
    /// What `after` takes to get the page behind; null: this is the last one.
    #[schema(required)]
    pub next: Option<String>,
}

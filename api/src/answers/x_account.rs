//! A connected account on X.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Class, Dependant};

/// One connected account on X.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct XAccount {
    /// Its id.
    pub id: String,
    /// X's id of it.
    pub x_user_id: String,
    /// Its name, without `@`.
    pub username: String,
    /// What it calls itself.
    pub name: String,
    /// Whether it can be posted to.
    #[schema(value_type = XAccountState)]
    pub state: &'static str,
    /// Until when nothing is posted to it; null unless `stopped`.
    #[schema(required, format = DateTime)]
    pub stopped_until: Option<String>,
    /// When its access ends unless it is renewed, which happens by itself; null unless it serves.
    #[schema(required, format = DateTime)]
    pub access_ends_at: Option<String>,
    /// What was granted.
    pub scopes: Vec<String>,
    /// How often it was connected anew.
    pub generation: i32,
    /// When it was first connected.
    #[schema(format = DateTime)]
    pub connected_at: String,
    /// The apps that post to it, as far as the caller may see them.
    pub dependants: Vec<Dependant>,
    /// What keeps it from being posted to, or its access from being renewed; null: nothing.
    #[schema(required)]
    pub last_error: Option<XAccountError>,
}

/// Whether an account on X can be posted to.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "its words are written from the row")]
pub(crate) enum XAccountState {
    /// It can.
    Active,
    /// Not for a time.
    Stopped,
    /// Not before somebody connects it again.
    Dead,
}

/// What is wrong with an account on X.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct XAccountError {
    /// What it means for the caller.
    #[schema(value_type = Class)]
    pub class: String,
    /// What happened.
    pub message: String,
    /// The one next step.
    pub advice: String,
    /// Since when; null: only now.
    #[schema(required, format = DateTime)]
    pub since: Option<String>,
}

/// A page of accounts on X, in order of id.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct XAccountPage {
    /// The accounts.
    pub data: Vec<XAccount>,
    /// What `after` takes to get the page behind; null: this is the last one.
    #[schema(required)]
    pub next: Option<String>,
}

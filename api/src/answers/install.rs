//! A connected account.

use entities::install;
use serde::Serialize;
use utoipa::ToSchema;
use worker::diagnosis::Word;

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
    /// Whether that is an estimate: Meta does not tell it.
    pub ends_at_is_estimate: bool,
    /// Why it was ended before its time; null: it was not, as far as is known.
    #[schema(required, value_type = Option<InstallKilled>)]
    pub killed: Option<&'static str>,
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
    /// Mails about its end that were not taken, or are not known to be; oldest first.
    pub undelivered: Vec<Undelivered>,
}

/// Why a connection was ended before its time.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "its words are written from `entities::install::Killed`")]
pub(crate) enum InstallKilled {
    /// The person changed the Facebook password.
    Password,
    /// The person removed the app.
    AppRemoved,
    /// Facebook wants the person to confirm something.
    Checkpoint,
    /// The person has lost the role on the Page.
    RoleLost,
    /// Meta ended it, and does not say why.
    Invalidated,
}

/// A mail about a connection's end that its recipient may not have.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Undelivered {
    /// What it says: `expiring`, `expired` or `killed`.
    pub stage: &'static str,
    /// To whom.
    pub recipient: String,
    /// `refused`: nobody has it. `unknown`: it was handed over, and nobody knows whether it was taken. `planned`: the mail
    /// server has not taken it so far; it is tried again.
    pub state: &'static str,
    /// What the mail server said.
    #[schema(required)]
    pub reason: Option<String>,
    /// Since when that is known; null while it is tried again.
    #[schema(required, format = DateTime)]
    pub at: Option<String>,
}

/// How near a connection's end is.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "its words are written from `entities::install::State`")]
pub(crate) enum InstallState {
    /// Far.
    Active,
    /// Within `EXPIRY_WARNING_DAYS`.
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
    /// Meta's code; null: it gave none, or nobody has looked into it.
    #[schema(required)]
    pub code: Option<i64>,
    /// Meta's subcode.
    #[schema(required)]
    pub subcode: Option<i64>,
    /// Meta's name for the failure, which its support asks for.
    #[schema(required)]
    pub fbtrace_id: Option<String>,
    /// What happened, for the owner.
    pub message: String,
    /// The owner's next step.
    pub advice: String,
    /// What was found out; null: nothing yet, or nothing was looked for.
    #[schema(required)]
    pub verdict: Option<Verdict>,
}

/// What was found out about a connection that Meta refuses.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Verdict {
    /// What is wrong, as a word: `token_dead`, `scope_withdrawn`, `page_not_granted`, `page_unlinked`, `role_lost`,
    /// `account_gone`, `account_restricted`, `account_changed`, `wrong_account`, `wrong_app`, `wrong_person`,
    /// `account_not_allowed`, `app_blocked`, `login_configuration`, `meta_side`, `data_access_expired`,
    /// `limit_in_disguise`, `healthy` or `unknown`; there may be more.
    #[schema(value_type = String, example = "page_unlinked")]
    pub word: Word,
    /// The same as a sentence.
    pub summary: String,
    /// What it is not.
    pub ruled_out: Vec<String>,
    /// What it can still be.
    pub remains: Vec<String>,
    /// The one next step, for whoever acts.
    pub next_step: String,
    /// Who that is.
    #[schema(value_type = WhoActs)]
    pub who_acts: &'static str,
    /// When it was found out.
    #[schema(required, format = DateTime)]
    pub diagnosed_at: Option<String>,
}

/// Who has to do something.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "its words are written from the verdict's own")]
pub(crate) enum WhoActs {
    /// It passes, or goes on by itself.
    Nobody,
    /// The account's owner.
    Owner,
    /// Who runs this service and its Meta app.
    Operator,
    /// Who writes this service.
    Developer,
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

//! `incidents`: a failure of one class in one scope, from first sight until it is proven over.

use sea_orm::entity::prelude::*;

pub use crate::incident_alike::Alike;
pub use crate::incident_open::Seen;

/// Whom an incident concerns.
#[derive(Copy, Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum Scope {
    /// Everybody: Meta itself, or our app there.
    #[sea_orm(string_value = "app")]
    App,
    /// One install.
    #[sea_orm(string_value = "account")]
    Account,
}

/// What fails: work of one kind is paused without the others.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum Kind {
    /// Reading accounts' feeds.
    #[sea_orm(string_value = "feeds")]
    Feeds,
    /// Reading hashtags.
    #[sea_orm(string_value = "hashtags")]
    Hashtags,
    /// Connecting accounts.
    #[sea_orm(string_value = "exchange")]
    Exchange,
    /// Reading feeds from the legacy source.
    #[sea_orm(string_value = "outlet")]
    Outlet,
    /// Keeping the access to accounts on X.
    #[sea_orm(string_value = "x_access")]
    XAccess,
    /// Posting to X.
    #[sea_orm(string_value = "x_posts")]
    XPosts,
}

/// One incident.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "incidents")]
pub struct Model {
    /// Our id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Class, kind, scope and install as one word, while it lasts: there is one at a time. Null once it is over.
    #[sea_orm(unique)]
    pub open_key: Option<String>,
    /// One of the eight classes.
    pub class: String,
    /// Whom it concerns.
    pub scope: Scope,
    /// What fails.
    pub kind: Kind,
    /// Of an incident of everybody: whether those wait too whom it has not met. It is so while hardly anybody succeeds.
    pub everybody_waits: bool,
    /// The install, of an account's incident.
    pub install_id: Option<String>,
    /// The account on X, of an incident of that account's.
    pub x_account_id: Option<String>,
    /// Meta's code, as first seen.
    pub code: Option<i64>,
    /// Meta's subcode, as first seen.
    pub subcode: Option<i64>,
    /// Meta's name for the newest failure, which its support asks for.
    pub fbtrace_id: Option<String>,
    /// How many calls failed.
    pub failures: i64,
    /// What was found out, in the shape of `worker`'s verdict.
    pub verdict: Option<Json>,
    /// First sight.
    pub opened_at: DateTimeUtc,
    /// Last sight.
    pub last_seen_at: DateTimeUtc,
    /// When it was proven over, or joined another.
    pub closed_at: Option<DateTimeUtc>,
    /// The incident of everybody that it turned out to be part of.
    pub joined_id: Option<String>,
    /// When it is tried next whether it is over. Of an incident of everybody: null once its failures are each account's
    /// own matter, and nobody waits for its end any more.
    pub next_probe_at: Option<DateTimeUtc>,
    /// How often that was tried.
    pub probes: i32,
    /// When the operator was told that it began.
    pub told_opened_at: Option<DateTimeUtc>,
    /// When the operator was told that it is over.
    pub told_closed_at: Option<DateTimeUtc>,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
}

/// An incident's installs are listed in `incident_installs`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Scope {
    /// Returns its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Account => "account",
        }
    }
}

impl Kind {
    /// Returns its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Feeds => "feeds",
            Self::Hashtags => "hashtags",
            Self::Exchange => "exchange",
            Self::Outlet => "outlet",
            Self::XAccess => "x_access",
            Self::XPosts => "x_posts",
        }
    }

    /// Returns whether it is X's: nothing of Meta's waits for it, nor does it for anything of Meta's.
    pub const fn is_of_x(self) -> bool {
        matches!(self, Self::XAccess | Self::XPosts)
    }
}

impl Model {
    /// Returns whether it lasts.
    pub fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }

    /// Returns whether work waits for its end.
    pub fn pauses(&self) -> bool {
        self.is_open() && self.scope == Scope::App && self.next_probe_at.is_some()
    }
}

/// Returns what an open incident is found by: its class, what fails, and the install; of everybody's, no install.
pub fn open_key(class: &str, kind: Kind, install_id: Option<&str>) -> String {
    format!("{class}:{}:{}", kind.as_str(), install_id.unwrap_or(Scope::App.as_str()))
}

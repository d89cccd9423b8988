//! Why connecting an account on X ended without a connection, in words for the person who clicked.

use entities::incident::Kind;
use entities::job_run;
use queue::{Death, JobError};
use sea_orm::DbErr;
use serde_json::{Value, json};

use super::trouble;
use crate::Context;
use crate::graph::Class;
use crate::x::{self, Error};

/// Why connecting ended without a connection.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// X did not grant all that is needed.
    MissingScopes(Vec<&'static str>),
    /// The code has been used or is too old.
    CodeExpired,
    /// The person said no.
    Denied,
    /// X refused a call in a way that trying again does not mend.
    X(Error),
    /// The engine has given up; the log says how it went.
    GaveUp(Death),
}

/// Why connecting goes no further: news for the person, which ends the run, or a failure that the engine may mend by trying
/// again.
#[derive(Debug)]
pub(crate) enum Stop {
    /// News for the person: the run has ended.
    Refused(Refusal),
    /// A failure that the engine handles.
    Failed(JobError),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<JobError> for Stop {
    fn from(error: JobError) -> Self {
        Self::Failed(error)
    }
}

impl From<DbErr> for Stop {
    fn from(error: DbErr) -> Self {
        Self::Failed(error.into())
    }
}

/// Somebody waits: what trying again cannot mend is told at once; the rest is the engine's.
impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error {
            Error::TokenDead(_) if error.is_of_code() => Refusal::CodeExpired.into(),
            Error::Unreachable { .. } | Error::Unclear { .. } | Error::NotAsked { .. } | Error::RateLimited { .. } => {
                Self::Failed(error.into())
            }
            error => Refusal::X(error).into(),
        }
    }
}

impl Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::MissingScopes(_) => "missing_scopes",
            Self::CodeExpired => "code_expired",
            Self::Denied => "denied",
            Self::X(_) | Self::GaveUp(_) => self.class().as_str(),
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::MissingScopes(_) | Self::Denied => Class::PermissionLost,
            Self::X(error) => error.class(),
            Self::GaveUp(Death::TooOld(_)) => Class::RateLimited,
            Self::CodeExpired | Self::GaveUp(Death::Refused(_) | Death::Undecodable(_) | Death::Unknown(_)) => {
                Class::BadRequest
            }
            Self::GaveUp(Death::Attempts(_) | Death::WorkerDied) => Class::Transient,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::MissingScopes(scopes) => format!("X did not grant: {}.", scopes.join(", ")),
            Self::CodeExpired => {
                "The answer from X was used before or came too late: it holds for half a minute.".to_owned()
            }
            Self::Denied => "X told us that you did not agree.".to_owned(),
            Self::X(error) => sentence(error).to_owned(),
            Self::GaveUp(Death::TooOld(_)) => "X asks us to wait longer than a connection can be kept open.".to_owned(),
            Self::GaveUp(Death::Attempts(_) | Death::WorkerDied) => "It did not work in several tries.".to_owned(),
            Self::GaveUp(_) => "This connection could not be worked on.".to_owned(),
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Self::MissingScopes(_) => {
                "The operator of this service has to allow its app at X to read and write posts; then connect again."
            }
            Self::CodeExpired => "Click connect again.",
            Self::Denied => "If that was a slip, try again and choose Authorize app.",
            Self::X(error) => advice(error),
            Self::GaveUp(Death::TooOld(_)) => "Connect again in an hour.",
            Self::GaveUp(_) => "Try again in a few minutes; if that does not help, tell the operator of this service.",
        }
    }

    /// Returns the run's error, as the contract shapes it.
    pub(crate) fn to_json(&self) -> Value {
        let mut error = json!({
            "code": self.code(),
            "class": self.class().as_str(),
            "message": self.message(),
            "advice": self.advice(),
        });
        if let Self::MissingScopes(scopes) = self {
            error["scopes"] = json!(scopes);
        }
        error
    }

    /// Ends the run with this refusal; what it was given is wiped.
    pub(crate) async fn record(&self, ctx: &Context, run_id: &str) -> Result<(), JobError> {
        let run = entities::shown_id(run_id);
        match self {
            Self::X(error) => tracing::warn!(run, %error, "connecting refused by X"),
            Self::GaveUp(death) => tracing::error!(run, %death, "connecting an account on X given up"),
            _ => tracing::info!(run, code = self.code(), "connecting an account on X refused"),
        }
        job_run::Entity::fail(&ctx.db.write, run_id, self.to_json(), ctx.end()).await?;
        if let Self::X(Error::AppMisconfigured(_) | Error::OutOfCredits(_)) = self {
            trouble::failed(ctx, (Kind::XAccess, Class::AppMisconfigured), None).await?;
        }
        Ok(())
    }
}

/// What an error means, as a sentence for people.
const fn sentence(error: &x::Error) -> &'static str {
    match error {
        Error::Unreachable { .. } | Error::Unclear { .. } | Error::NotAsked { .. } => "X could not be reached.",
        Error::RateLimited { .. } => "X's limit is reached.",
        Error::OutOfCredits(_) => "This service's credits at X are used up.",
        Error::TokenDead(_) => "The access that was granted is no longer valid.",
        Error::Forbidden(_) => "X does not allow this account to do that.",
        Error::AppMisconfigured(_) => "The app of this service at X is not set up for this.",
        Error::NotFound(_) => "X does not know this account.",
        Error::Duplicate(_) | Error::Rejected(_) => "X did not understand the request.",
    }
}

/// The one next step.
const fn advice(error: &x::Error) -> &'static str {
    match error {
        Error::Unreachable { .. } | Error::Unclear { .. } | Error::NotAsked { .. } => {
            "Nothing is wrong on your side; try again in a few minutes."
        }
        Error::RateLimited { .. } => "Try again in a quarter of an hour.",
        Error::OutOfCredits(_) | Error::AppMisconfigured(_) => {
            "The operator of this service has to look at its app at X."
        }
        Error::TokenDead(_) => "Connect the account again.",
        Error::Forbidden(_) => "Look at the account on X: it may be locked or suspended. Then connect again.",
        Error::NotFound(_) => "Check that the account exists, then connect again.",
        Error::Duplicate(_) | Error::Rejected(_) => "This is a fault of the service; please tell its operator.",
    }
}

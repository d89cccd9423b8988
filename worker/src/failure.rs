//! How an outside service's error becomes a job's outcome, and what a class means in plain words: written once.

use std::time::Duration;

use queue::JobError;

use crate::graph::{self, Class};
use crate::{download, outlet, x};

/// How long a limit is believed to last where Meta does not say.
pub(crate) const ASSUMED_LIMIT: Duration = Duration::from_hours(1);

/// How soon it is looked again whether a missing key was put back. That is an operator's work, who has hours for it: no
/// attempt is burnt, the job's age bounds it.
pub(crate) const KEY_IS_BACK: Duration = Duration::from_mins(10);

/// Wait as long as Meta says, try again, or give up. A job departs from this with a `match`, where a failure is news.
impl From<graph::Error> for JobError {
    fn from(error: graph::Error) -> Self {
        let error = match error {
            // The job has not failed: nobody was asked.
            graph::Error::NotAsked { source, .. } => return source.into(),
            error => error,
        };
        let class = error.class();
        let failure = match class {
            Class::Transient => Self::retry(error),
            Class::RateLimited => Self::retry_after(limited_for(&error), error),
            Class::TokenDead
            | Class::PermissionLost
            | Class::AppMisconfigured
            | Class::NotFound
            | Class::BadRequest
            | Class::Ambiguous => Self::dead(error),
        };
        failure.of_class(class.as_str())
    }
}

/// Try again, when X says so, or give up. What may have been carried out is found out by whoever asked, before.
impl From<x::Error> for JobError {
    fn from(error: x::Error) -> Self {
        let class = error.class();
        let failure = match error {
            // The job has not failed: nobody was asked.
            x::Error::NotAsked { source, .. } => return source.into(),
            x::Error::RateLimited { retry_after, .. } => Self::retry_after(retry_after.min(LONGEST_LIMIT), error),
            x::Error::Unreachable { .. } | x::Error::Unclear { .. } => Self::retry(error),
            x::Error::OutOfCredits(_)
            | x::Error::TokenDead(_)
            | x::Error::Duplicate(_)
            | x::Error::Forbidden(_)
            | x::Error::AppMisconfigured(_)
            | x::Error::NotFound(_)
            | x::Error::Rejected(_) => Self::dead(error),
        };
        failure.of_class(class.as_str())
    }
}

/// Try again, when the other side said so; an address that is gone, too large or refused stays so.
impl From<download::Error> for JobError {
    fn from(error: download::Error) -> Self {
        match error {
            download::Error::Transient { retry_after: Some(wait), .. } => {
                Self::retry_after(wait.min(LONGEST_LIMIT), error)
            }
            download::Error::Transient { retry_after: None, .. } => Self::retry(error),
            download::Error::Gone { .. } | download::Error::TooLarge { .. } | download::Error::Refused { .. } => {
                Self::dead(error)
            }
        }
    }
}

/// Try again, as long as the outlet says; a name that it does not know, or a refusal, stays so until somebody acts.
impl From<outlet::Error> for JobError {
    fn from(error: outlet::Error) -> Self {
        let class = error.class();
        let failure = match &error {
            outlet::Error::Limited { retry_after } => Self::retry_after(*retry_after, error),
            outlet::Error::Away { .. } | outlet::Error::Malformed { .. } => Self::retry(error),
            outlet::Error::Unknown | outlet::Error::Refused { .. } => Self::dead(error),
        };
        failure.of_class(class.as_str())
    }
}

/// No limit of Meta's is longer (the longest known is 7 days): what says more is a slip, and is asked again then.
pub(crate) const LONGEST_LIMIT: Duration = Duration::from_hours(30 * 24);

/// Returns how long a refused key is not to be called. Meta's time is believed, never shortened to suit us.
pub(crate) fn limited_for(error: &graph::Error) -> Duration {
    error.retry_after().unwrap_or(ASSUMED_LIMIT).min(LONGEST_LIMIT)
}

/// Returns what a class means, as a sentence for people.
pub(crate) const fn sentence(class: Class) -> &'static str {
    match class {
        Class::Transient => "Meta could not be reached or answered with a passing error.",
        Class::RateLimited => "Meta's limit for this account is reached.",
        Class::TokenDead => "The access that was granted is no longer valid.",
        Class::PermissionLost => "A permission or a role that is needed is missing.",
        Class::AppMisconfigured => "The Meta application of this service is not set up for this.",
        Class::NotFound => "Meta does not know this account, or does not show it to us.",
        Class::BadRequest => "Meta did not understand the request.",
        Class::Ambiguous => "Meta's answer leaves open what is wrong.",
    }
}

/// Returns the one next step for a class.
pub(crate) const fn advice(class: Class) -> &'static str {
    match class {
        Class::Transient => "Nothing is wrong on your side; try again in a few minutes.",
        Class::RateLimited => "Nothing to do: it goes on by itself when the limit ends.",
        Class::TokenDead => "Connect the account again.",
        Class::PermissionLost => "Ask an admin of the Facebook Page to give you your role back, then connect again.",
        Class::AppMisconfigured => "The operator of this service has to look at the Meta app's settings.",
        Class::NotFound => "Check that the account exists, is a professional one and is linked to the Page.",
        Class::BadRequest => "This is a fault of the service; please tell its operator.",
        Class::Ambiguous => "Connect the account again; if that does not help, tell the operator.",
    }
}

#[cfg(test)]
mod tests {
    use queue::{Decision, JobError};
    use sea_orm::{ConnAcquireErr, DbErr};

    use crate::graph;

    #[test]
    fn a_database_that_does_not_say_whether_meta_may_be_asked_burns_no_attempt() {
        let source = DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
        let error = graph::Error::NotAsked { details: Box::default(), source };
        let error = JobError::from(error);
        assert!(matches!(error.decision(), Decision::RetryAfter(_)), "{error:?}");
        assert_eq!(error.class(), "database");
    }
}

//! The words for failures: what can be done about one, and whom a limit concerns.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The eight classes, as words: the same in rows, logs, answers and alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Passes by itself; try again.
    Transient,
    /// A limit; try again when the service says so.
    RateLimited,
    /// The token is dead; the owner must connect again.
    TokenDead,
    /// A permission or a role was withdrawn.
    PermissionLost,
    /// Our app's set-up; the operator must act.
    AppMisconfigured,
    /// What was asked for is not there.
    NotFound,
    /// Our request is wrong; do not repeat it unchanged.
    BadRequest,
    /// The answer leaves real doubt; a diagnosis decides.
    Ambiguous,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Transient,
        Self::RateLimited,
        Self::TokenDead,
        Self::PermissionLost,
        Self::AppMisconfigured,
        Self::NotFound,
        Self::BadRequest,
        Self::Ambiguous,
    ];

    /// Returns the word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::RateLimited => "rate_limited",
            Self::TokenDead => "token_dead",
            Self::PermissionLost => "permission_lost",
            Self::AppMisconfigured => "app_misconfigured",
            Self::NotFound => "not_found",
            Self::BadRequest => "bad_request",
            Self::Ambiguous => "ambiguous",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whom a limit concerns: the key that must not be called for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Our whole app.
    App,
    /// One Instagram account.
    Account,
    /// One Page.
    Page,
    /// One Facebook user, over all apps.
    User,
    /// One account's ledger of 30 hashtags in 7 days.
    Hashtag,
    /// Meta did not say.
    None,
}

impl Scope {
    /// Returns the word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Account => "account",
            Self::Page => "page",
            Self::User => "user",
            Self::Hashtag => "hashtag",
            Self::None => "none",
        }
    }
}

/// Who has to do something about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhoActs {
    /// Nobody: it passes, or goes on by itself.
    Nobody,
    /// The account's owner.
    Owner,
    /// Who runs this service and its Meta app.
    Operator,
    /// Who writes this service.
    Developer,
}

impl WhoActs {
    /// Returns the word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Owner => "owner",
            Self::Operator => "operator",
            Self::Developer => "developer",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_has_one_word_everywhere() {
        let word = serde_json::to_string(&Class::AppMisconfigured).unwrap();
        assert_eq!(word, format!("\"{}\"", Class::AppMisconfigured));
    }
}

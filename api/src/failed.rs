//! Why connecting did not work: a run's error, read for the pages, which say it in a person's language.

use serde::Deserialize;

use crate::languages::{Language, Service, Told};

/// Why connecting did not work, with what a sentence about it needs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure<'a> {
    /// Not all that is needed was granted: what is missing.
    MissingScopes(&'a [String]),
    /// No Page was shared.
    NoPages,
    /// None of the Pages carries an account that can be used: the name of the only one.
    PageWithoutInstagram(Option<&'a str>),
    /// The Meta app may not read this account.
    AccountNotAllowed,
    /// The code was too old.
    CodeExpired,
    /// The person said no.
    Denied,
    /// A letter's link renews one account, and others came.
    WrongAccount {
        /// The account of the link.
        wanted: &'a str,
        /// Those that came.
        found: &'a [String],
    },
    /// The token is not valid.
    TokenDead,
    /// It did not work in several tries.
    Transient,
    /// A limit lasts longer than anybody waits.
    RateLimited,
    /// A permission or a role is missing.
    PermissionLost,
    /// The app at the other side is not set up for this.
    AppMisconfigured,
    /// The account is not known, or not shown; or what a link renews is gone.
    NotFound,
    /// A fault of ours.
    BadRequest,
    /// The answer leaves open what is wrong.
    Ambiguous,
}

/// A Page that was shared.
#[derive(Debug, Deserialize)]
pub(crate) struct PageView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The account that it carries, if it carries one.
    pub account: Option<String>,
    /// The account's picture.
    #[serde(default)]
    pub picture: Option<String>,
    /// Whether it can be taken.
    pub usable: bool,
}

impl PageView {
    /// Returns the letter that stands where a picture is not there, or not yet.
    pub(crate) fn letter(&self) -> char {
        self.account.as_deref().unwrap_or(&self.name).chars().next().unwrap_or('·')
    }
}

/// A run's error, as its row keeps it.
#[derive(Debug, Deserialize)]
pub(crate) struct RunError {
    /// What happened, in a word.
    pub code: String,
    message: String,
    advice: String,
    #[serde(default)]
    scopes: Vec<String>,
    /// The Pages that were shared.
    #[serde(default)]
    pub pages: Vec<PageView>,
    #[serde(default)]
    expected_account: String,
    #[serde(default)]
    accounts: Vec<String>,
}

impl RunError {
    /// Whether it is a question, and no failure.
    pub(crate) fn is_choice(&self) -> bool {
        self.code == "choose_page"
    }

    /// Returns how many of the four steps were done.
    pub(crate) fn steps_done(&self) -> usize {
        match self.code.as_str() {
            "denied" | "code_expired" => 0,
            "account_not_allowed" | "not_found" | "permission_lost" | "wrong_account" => 2,
            _ => 1,
        }
    }

    /// Reads it; `None`: its code is newer than the pages.
    pub(crate) fn failure(&self) -> Option<Failure<'_>> {
        Some(match self.code.as_str() {
            "missing_scopes" => Failure::MissingScopes(&self.scopes),
            "no_pages" => Failure::NoPages,
            "page_without_instagram" => match self.pages.as_slice() {
                [page] => Failure::PageWithoutInstagram(Some(&page.name)),
                _ => Failure::PageWithoutInstagram(None),
            },
            "account_not_allowed" => Failure::AccountNotAllowed,
            "code_expired" => Failure::CodeExpired,
            "denied" => Failure::Denied,
            "wrong_account" => Failure::WrongAccount { wanted: &self.expected_account, found: &self.accounts },
            "token_dead" => Failure::TokenDead,
            "transient" => Failure::Transient,
            "rate_limited" => Failure::RateLimited,
            "permission_lost" => Failure::PermissionLost,
            "app_misconfigured" => Failure::AppMisconfigured,
            "not_found" => Failure::NotFound,
            "bad_request" => Failure::BadRequest,
            "ambiguous" => Failure::Ambiguous,
            _ => return None,
        })
    }

    /// Says it in a language. What the pages do not know yet is said as the row says it.
    pub(crate) fn told(&self, l: &Language, service: Service) -> Told {
        self.failure().map_or_else(
            || {
                let title = (l.failed)(&Failure::BadRequest, service).title;
                Told { title, message: self.message.clone(), advice: self.advice.clone() }
            },
            |failure| (l.failed)(&failure, service),
        )
    }
}

//! Whom a limit of Meta's concerns, and who goes first where little is left.

use std::fmt;

use entities::install;

use crate::graph::Scope;

/// What Meta counts calls by. (The thirty hashtags of an account are counted by `crate::hashtags`.)
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// Our whole app.
    App,
    /// A person, by the id that holds for our app.
    User(String),
    /// A Page.
    Page(String),
    /// An Instagram account.
    Account(String),
}

impl Key {
    /// Returns the keys by which calls with an install's token are counted.
    pub fn of(install: &install::Model) -> Vec<Self> {
        let person = install.facebook_user_id.clone().map(Self::User);
        let page = Self::Page(install.page_id.clone());
        let account = Self::Account(install.instagram_business_account_id.clone());
        person.into_iter().chain([page, account]).collect()
    }

    /// Returns whom a limit on it concerns.
    pub(super) const fn scope(&self) -> Scope {
        match self {
            Self::App => Scope::App,
            Self::User(_) => Scope::User,
            Self::Page(_) => Scope::Page,
            Self::Account(_) => Scope::Account,
        }
    }
}

impl fmt::Display for Key {
    /// Writes it as its row names it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::App => f.write_str("app"),
            Self::User(id) => write!(f, "user:{id}"),
            Self::Page(id) => write!(f, "page:{id}"),
            Self::Account(id) => write!(f, "account:{id}"),
        }
    }
}

/// For whom a call is made: who comes first here is stopped last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Somebody looks at a page that waits for it.
    Waiting,
    /// The first fetch of what was just connected.
    NewInstall,
    /// What is shown already, and may be shown a while longer.
    Refresh,
    /// What nobody has looked at lately.
    Backfill,
}

impl Priority {
    /// All of them.
    pub(super) const ALL: [Self; 4] = [Self::Waiting, Self::NewInstall, Self::Refresh, Self::Backfill];
}

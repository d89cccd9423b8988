//! What tests change about a person with `PATCH /_sandbox/users/{user}`, and what it does to the
//! person's tokens, those already given out included.
//!
//! * `scopes`: what the person grants. Consents and tokens made later carry no more than these;
//!   tokens made earlier lose the others.
//! * `token_expires_in_s`: earlier user tokens end this long after the change, later ones this long
//!   after they are made. Page tokens have no end.
//! * `data_access_expires_in_s`: the same for data access, Page tokens included.
//! * `state`: `password_changed`, `app_removed` and `checkpoint` kill the tokens of consents made
//!   before, `page_not_granted` takes the Pages out of them, and `other_app` makes their tokens
//!   another app's; a later consent works. `page_role_lost`, `page_unlinked`, `personal`,
//!   `restricted`, `suspended` and `deleted` hold whatever is consented. `ok` takes it all back.
//! * `allowance`: how many calls a day the account has, where it is not the usual number.
//! * `usage_percent`: how much of it the headers say is used, whatever is.
//! * `public_content_access`: whether the app has Meta's feature of that name, without which no
//!   hashtag can be searched (10); it has, except towards somebody whose account it may not read.
//! * A consent with `auth_type=reauthorize` renews the person's visit: it clears both ends.

use serde::{Deserialize, Serialize};

use crate::people::Person;
use crate::scopes::Scopes;

/// What has happened to a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// Nothing.
    #[default]
    Ok,
    /// A new password ended every session (190/460).
    PasswordChanged,
    /// The app was removed in the settings (190/458).
    AppRemoved,
    /// Facebook wants to see the person first (190/459).
    Checkpoint,
    /// The person has no role on the Pages any more (190/492).
    PageRoleLost,
    /// The person has taken the Pages out of what was shared (100/33).
    PageNotGranted,
    /// The tokens are another app's (100/33).
    OtherApp,
    /// The Instagram accounts are not linked to their Pages any more (100/33).
    PageUnlinked,
    /// The Instagram accounts are no professional ones any more (10).
    Personal,
    /// Instagram waits for the owner in its app (25/2207050).
    Restricted,
    /// The Instagram accounts are suspended: their Pages name them still (100/33).
    Suspended,
    /// The Instagram account is gone (100/33).
    Deleted,
}

impl Standing {
    /// Reads the name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::from(name)).ok()
    }
}

/// A value with the moment at which it was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Since<T> {
    /// When it was set, in milliseconds.
    pub(crate) at_ms: i64,
    /// What was set.
    pub(crate) value: T,
}

impl Since<i64> {
    /// Returns the end, in seconds, for something that began at `began_ms`.
    fn end_s(self, began_ms: i64) -> i64 {
        began_ms.max(self.at_ms).div_euclid(1000).saturating_add(self.value)
    }
}

/// Everything that was changed about one person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Patch {
    /// What the person grants, as bits.
    pub(crate) scopes: Option<Since<u32>>,
    /// The life of user tokens, in seconds.
    pub(crate) token_expires: Option<Since<i64>>,
    /// The life of data access, in seconds.
    pub(crate) data_access_expires: Option<Since<i64>>,
    /// What has happened to the person.
    pub(crate) state: Option<Since<Standing>>,
    /// The account's usage as its headers tell it.
    pub(crate) usage_percent: Option<u32>,
    /// The account's calls a day.
    pub(crate) allowance: Option<u32>,
    /// Whether hashtags can be searched.
    pub(crate) public_content_access: Option<bool>,
}

impl Patch {
    /// Returns what the person grants of `asked`.
    pub(crate) fn granted(&self, asked: Scopes) -> Scopes {
        match self.scopes {
            Some(grant) => asked.limited_to(Scopes(grant.value)),
            None => asked,
        }
    }

    /// Returns what is left of the permissions of a consent.
    pub(crate) fn remaining(&self, granted: Scopes, consent_ms: i64) -> Scopes {
        match self.scopes {
            Some(grant) if consent_ms <= grant.at_ms => granted.limited_to(Scopes(grant.value)),
            _ => granted,
        }
    }

    /// Returns when a user token ends that began at `born_ms` and says `own_s` itself.
    pub(crate) fn token_end_s(&self, born_ms: i64, own_s: i64) -> i64 {
        self.token_expires.map_or(own_s, |life| life.end_s(born_ms))
    }

    /// Returns when data access ends that was consented at `consent_ms` for 90 days.
    pub(crate) fn data_access_end_s(&self, consent_ms: i64, own_s: i64) -> i64 {
        self.data_access_expires.map_or(own_s, |life| life.end_s(consent_ms))
    }

    /// Returns what has happened to the person since the consent.
    pub(crate) fn standing(&self, consent_ms: i64) -> Standing {
        match self.state {
            Some(Since { value, at_ms }) => match value {
                Standing::PasswordChanged
                | Standing::AppRemoved
                | Standing::Checkpoint
                | Standing::PageNotGranted
                | Standing::OtherApp
                    if consent_ms > at_ms =>
                {
                    Standing::Ok
                }
                other => other,
            },
            None => Standing::Ok,
        }
    }

    /// Tells whether the app has the feature Instagram Public Content Access towards a person.
    pub(crate) fn has_public_content(&self, person: &Person) -> bool {
        self.public_content_access.unwrap_or_else(|| !person.accounts().any(|account| account.without_role))
    }

    /// Returns the state as it was set.
    pub(crate) fn state(&self) -> Standing {
        self.state.map_or(Standing::Ok, |state| state.value)
    }
}

//! How a cross-post stands: its rows, what its feed shows, and what it waits for.

use chrono::{DateTime, TimeDelta, Utc};
use entities::{crosspost, crosspost_delivery, feed, install, x_account};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait};

use super::seen::Seen;

/// Nothing is posted by what was read longer ago: it may have been deleted since.
const FRESH: TimeDelta = TimeDelta::hours(1);
/// In this time the cap counts.
const DAY: TimeDelta = TimeDelta::hours(24);

/// A cross-post and its sides, at one moment.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The cross-post.
    pub crosspost: crosspost::Model,
    /// Whose media are posted.
    pub install: Option<install::Model>,
    /// Where they are posted.
    pub account: Option<x_account::Model>,
    /// What the account's feed shows of it.
    pub seen: Option<Seen>,
    /// When it has posted in the last 24 hours, earliest first.
    pub posted: Vec<DateTime<Utc>>,
    /// Whether an app uses both sides.
    pub is_joined: bool,
}

/// What a cross-post waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Somebody has paused it.
    Paused,
    /// No app uses both its sides any more.
    Disconnected,
    /// The Instagram account has to be connected again.
    Install,
    /// The feed was not read lately: nobody knows what is still there.
    Feed,
    /// The X account has to be connected again.
    XAccount,
    /// X lets nothing be posted to the account until then.
    XStopped(DateTime<Utc>),
    /// A limit of X's is used up until then.
    XLimit(DateTime<Utc>),
    /// The cap is reached until then.
    Cap(DateTime<Utc>),
}

impl Wait {
    /// Returns its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Disconnected => "disconnected",
            Self::Install => "install",
            Self::Feed => "feed",
            Self::XAccount => "x_account",
            Self::XStopped(_) => "x_stopped",
            Self::XLimit(_) => "x_limit",
            Self::Cap(_) => "daily_cap",
        }
    }

    /// Returns until when, if that is known.
    pub const fn until(self) -> Option<DateTime<Utc>> {
        match self {
            Self::XStopped(until) | Self::XLimit(until) | Self::Cap(until) => Some(until),
            _ => None,
        }
    }
}

impl Standing {
    /// Reads how a cross-post stands.
    pub async fn of(db: &impl ConnectionTrait, crosspost: crosspost::Model, now: DateTime<Utc>) -> Result<Self, DbErr> {
        let both = (crosspost.install_id.as_str(), crosspost.x_account_id.as_str());
        let is_joined = crosspost::Entity::may_join(db, None, both).await?;
        let install = install::Entity::find_by_id(both.0).one(db).await?;
        let account = x_account::Entity::find_by_id(both.1).one(db).await?;
        let feed = match &install {
            Some(install) => feed::Entity::of_account(db, &install.instagram_account).await?,
            None => None,
        };
        let seen = feed.as_ref().zip(install.as_ref()).and_then(|(feed, install)| Seen::of(feed, install));
        let posted = crosspost_delivery::Entity::posted_since(db, &crosspost.id, now - DAY).await?;
        Ok(Self { crosspost, install, account, seen, posted, is_joined })
    }

    /// Returns what keeps it from posting at `now`.
    pub fn waits(&self, now: DateTime<Utc>) -> Option<Wait> {
        if self.crosspost.paused {
            return Some(Wait::Paused);
        }
        if !self.is_joined {
            return Some(Wait::Disconnected);
        }
        if !self.install.as_ref().is_some_and(install::Model::is_active) {
            return Some(Wait::Install);
        }
        let Some(account) = self.account.as_ref().filter(|account| account.is_active()) else {
            return Some(Wait::XAccount);
        };
        if let Some((_, until)) = account.stopped(now) {
            return Some(Wait::XStopped(until));
        }
        if self.seen.as_ref().is_none_or(|seen| now >= seen.at() + FRESH) {
            return Some(Wait::Feed);
        }
        // With the earliest of the last so many the next place comes free.
        let cap = usize::try_from(self.crosspost.daily_cap).unwrap_or_default();
        let last = self.posted.len().checked_sub(cap)?;
        self.posted.get(last).map(|at| Wait::Cap(*at + DAY))
    }
}

//! What owners have to be told, by what was done to their connections alone: the service is not asked.

use chrono::{DateTime, TimeDelta, Utc};

/// How long before an end it is near.
const WARNING: TimeDelta = TimeDelta::days(10);
/// An end is known to the second, and a look takes a while.
const ABOUT: TimeDelta = TimeDelta::minutes(10);
/// By when it is known that a connection was killed: Meta is asked about it within a day, and three times more at looks that
/// are eight hours apart, before anybody is called dead.
const IS_SURE: TimeDelta = TimeDelta::days(4);

/// What a mail says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Expiring,
    Expired,
    Killed,
}

impl Stage {
    pub(super) const ALL: [Self; 3] = [Self::Expiring, Self::Expired, Self::Killed];

    pub(super) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == word)
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Killed => "killed",
        }
    }
}

/// Whether an owner has to get a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Once,
    /// It was close: once, or not at all.
    Perhaps,
    Never,
}

/// A connection from one consent that moved its end to the next.
#[derive(Debug)]
pub(super) struct Life {
    pub from: DateTime<Utc>,
    pub end: DateTime<Utc>,
    /// When it was killed before its end.
    pub killed: Option<DateTime<Utc>>,
    /// When it was connected anew.
    pub until: Option<DateTime<Utc>>,
}

impl Life {
    pub(super) fn holds(&self, at: DateTime<Utc>) -> bool {
        self.from < at && self.until.is_none_or(|until| at <= until)
    }

    /// What an owner has to get, as it was looked at these times. What came up at the last look of a life may have been
    /// told just in time, or not.
    pub(super) fn wanted(&self, stage: Stage, looks: &[DateTime<Utc>]) -> Wanted {
        let between = |from: DateTime<Utc>, to: Option<DateTime<Utc>>| {
            let is_in = |at: &&DateTime<Utc>| self.holds(**at) && from <= **at && to.is_none_or(|to| **at < to);
            looks.iter().filter(is_in).count()
        };
        let near = self.end - WARNING;
        let (surely, perhaps) = match (stage, self.killed) {
            (Stage::Expiring, killed) => {
                let lives = |late: TimeDelta| killed.map_or(self.end, |killed| self.end.min(killed + late));
                let surely = between(near + ABOUT, Some(lives(TimeDelta::zero()) - ABOUT));
                (surely, between(near - ABOUT, Some(lives(IS_SURE) + ABOUT)))
            }
            (Stage::Expired, None) => (between(self.end + ABOUT, None), between(self.end - ABOUT, None)),
            (Stage::Expired, Some(_)) if self.wanted(Stage::Killed, looks) == Wanted::Once => (0, 0),
            (Stage::Expired, Some(_)) => (0, between(self.end - ABOUT, None)),
            (Stage::Killed, None) => (0, 0),
            (Stage::Killed, Some(killed)) => {
                (between(killed + IS_SURE, Some(self.end - ABOUT)), between(killed, Some(self.end + ABOUT)))
            }
        };
        match (surely, perhaps) {
            (2.., _) => Wanted::Once,
            (_, 0) => Wanted::Never,
            _ => Wanted::Perhaps,
        }
    }
}

/// One account, with the owners who depend on it.
#[derive(Debug)]
pub(super) struct Connection {
    pub number: u64,
    pub owners: Vec<String>,
    pub lives: Vec<Life>,
    /// Whether what killed it is that its person has no role on the Page any more.
    pub is_role_lost: bool,
}

impl Connection {
    pub(super) fn user(&self) -> String {
        format!("crowd_{}", self.number)
    }
}

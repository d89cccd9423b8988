//! The latency classes. Each has its own queue, its own pump and its own slots, so that bulk work cannot starve
//! somebody who waits.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Is one latency class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// Somebody waits for the answer.
    Interactive,
    /// Ordinary work.
    Default,
    /// Much work that nobody waits for.
    Bulk,
}

impl Lane {
    /// Lists every lane, the most urgent first.
    pub const ALL: [Self; 3] = [Self::Interactive, Self::Default, Self::Bulk];

    /// Returns the name that configuration, stores and metrics use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::Default => "default",
            Self::Bulk => "bulk",
        }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Says that a word names no lane.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no queue: use interactive, default or bulk")]
pub struct UnknownLane(String);

impl FromStr for Lane {
    type Err = UnknownLane;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|lane| lane.as_str() == word).ok_or_else(|| UnknownLane(word.to_owned()))
    }
}

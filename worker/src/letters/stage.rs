//! What a letter tells: that an end is near, that it has come, or that it came early and why.

use entities::email_delivery;
use entities::install::Killed;

/// What a letter tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The end is near.
    Expiring,
    /// It has come.
    Expired,
    /// The connection was ended before its time.
    Killed(Killed),
}

impl Stage {
    /// Returns what the mail of a ledger's row tells about an install that was ended so.
    pub fn of(stage: email_delivery::Stage, killed: Option<Killed>) -> Self {
        match stage {
            email_delivery::Stage::Expiring => Self::Expiring,
            email_delivery::Stage::Expired => Self::Expired,
            email_delivery::Stage::Killed => Self::Killed(killed.unwrap_or(Killed::Invalidated)),
        }
    }
}

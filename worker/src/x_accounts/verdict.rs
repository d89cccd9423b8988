//! What a turn that brought no pair means: pure. An account is called dead only when nothing else is left, since the tokens
//! of one that is called so by mistake are lost for good.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entities::x_account::{Ended, Model};

use crate::x::Error;

/// When a pair is tried again, in minutes after each failure in a row; the last one repeats. The half hour or more that is
/// left of an access token sees six tries.
const AGAIN: [u64; 4] = [1, 2, 5, 10];
/// A clear refusal is heard so often before it is believed.
const SURE: i32 = 2;
/// What X does not explain is believed after so many failures in a row …
const MANY: i32 = 8;
/// … over so long.
const LONG: TimeDelta = TimeDelta::hours(24);

/// What follows from a turn that brought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is tried again.
    Again {
        /// Whether X may have used the refresh token up.
        is_unanswered: bool,
        /// Whether X has clearly refused it.
        is_refused: bool,
        /// Whether X does not explain why it brought nothing.
        is_unexplained: bool,
        /// How much later.
        after: Duration,
    },
    /// Somebody has to connect the account again.
    Dead(Ended),
}

/// Says what follows; `account` is as it was when the turn was taken.
pub(super) fn verdict(account: &Model, error: &Error, now: DateTime<Utc>) -> Verdict {
    let before = usize::try_from(account.failures).unwrap_or_default().min(AGAIN.len() - 1);
    let after = Duration::from_mins(AGAIN[before]);
    let again =
        |is_unanswered, is_refused, after| Verdict::Again { is_unanswered, is_refused, is_unexplained: false, after };
    // A turn that somebody left is one that nobody heard of.
    let unheard = account.unanswered + i32::from(account.refreshing_since.is_some());
    let dead = if unheard > 0 { Ended::Lost } else { Ended::Refused };
    match error {
        Error::Unclear { .. } => again(true, false, after),
        Error::RateLimited { retry_after, .. } => again(false, false, (*retry_after).max(after)),
        Error::TokenDead(_) if account.refused + 1 >= SURE => Verdict::Dead(dead),
        Error::TokenDead(_) => again(false, true, after),
        // Of these no account is to blame, however long they last.
        Error::Unreachable { .. } | Error::NotAsked { .. } | Error::OutOfCredits(_) | Error::AppMisconfigured(_) => {
            again(false, false, after)
        }
        Error::Duplicate(_) | Error::Forbidden(_) | Error::NotFound(_) | Error::Rejected(_) => {
            let lasts = account.unexplained_since.is_some_and(|first| first + LONG <= now);
            if lasts && account.unexplained + 1 >= MANY {
                return Verdict::Dead(dead);
            }
            Verdict::Again { is_unanswered: false, is_refused: false, is_unexplained: true, after }
        }
    }
}

//! Which account a hashtag is fetched with: pure. Meta lets an account ask for 30 hashtags in rolling 7 days; a hashtag
//! counts from its first query on, repeats are free and do not restart the clock.

use chrono::{DateTime, TimeDelta, Utc};

/// How many hashtags an account may ask for within a window.
pub(super) const PLACES: usize = 30;
/// How long a hashtag counts.
const WINDOW: TimeDelta = TimeDelta::days(7);
/// Our time is taken before Meta counts, by the length of a call at most; this is more. Within so much of a window's
/// end nobody can say whether a query is free or begins a new window, so none is sent.
const DOUBT: TimeDelta = TimeDelta::minutes(1);

/// One account's ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ledger {
    /// When the hashtag in question was searched with this account, if it was.
    pub own: Option<DateTime<Utc>>,
    /// When each of the others was.
    pub others: Vec<DateTime<Utc>>,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// Use the account with this number: the hashtag counts there already, so it is free.
    Free(usize),
    /// Use the account with this number: it takes one of its places.
    Place(usize),
    /// No account may be used before this time.
    Wait(DateTime<Utc>),
    /// There is no account.
    Nobody,
}

/// Returns with which of the accounts the hashtag is fetched at `now`.
///
/// An account with which it is free comes first (of several the one whose window is youngest, so that the others may run
/// out); then one whose window is just ending is waited for, which takes two minutes at most; then comes the account
/// with most room, the first of equals; then the first date on which an account has room.
pub(super) fn choose(ledgers: &[Ledger], now: DateTime<Utc>) -> Choice {
    let own = || ledgers.iter().enumerate().filter_map(|(account, ledger)| Some((account, ledger.own?)));
    let free = own().filter(|(_, at)| now < *at + WINDOW - DOUBT);
    if let Some((account, _)) = free.max_by_key(|(_, at)| *at) {
        return Choice::Free(account);
    }
    let ending = own().map(|(_, at)| ends_at(at)).filter(|end| now < *end);
    if let Some(end) = ending.min() {
        return Choice::Wait(end);
    }
    let taken = |ledger: &Ledger| ledger.others.iter().filter(|at| now < ends_at(**at)).count();
    let emptiest = ledgers.iter().map(taken).enumerate().min_by_key(|(_, taken)| *taken);
    match emptiest {
        None => Choice::Nobody,
        Some((account, taken)) if taken < PLACES => Choice::Place(account),
        Some(_) => ledgers.iter().filter_map(room_at).min().map_or(Choice::Nobody, Choice::Wait),
    }
}

/// Returns the time from which on a hashtag that was searched at `at` certainly counts no longer.
pub(super) fn ends_at(at: DateTime<Utc>) -> DateTime<Utc> {
    at + WINDOW + DOUBT
}

/// Returns up to when a hashtag that counts no longer at `now` was searched.
pub(super) fn over_since(now: DateTime<Utc>) -> DateTime<Utc> {
    now - WINDOW - DOUBT
}

/// The first date on which fewer than all places of a full ledger are taken.
fn room_at(ledger: &Ledger) -> Option<DateTime<Utc>> {
    let mut ends: Vec<_> = ledger.others.iter().copied().map(ends_at).collect();
    ends.sort_unstable();
    ends.len().checked_sub(PLACES).map(|leaving| ends[leaving])
}

#[cfg(test)]
mod tests {
    use super::{Choice, Choice::*, DateTime, Ledger, PLACES, TimeDelta, Utc, choose};

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
    const HOUR: i64 = 60;
    const DAY: i64 = 24 * HOUR;
    const WEEK: i64 = 7 * DAY;

    /// A ledger by ages in minutes: the hashtag's own, and the others'.
    fn ledger(own: Option<i64>, others: &[i64]) -> Ledger {
        let at = |age: &i64| NOW - TimeDelta::minutes(*age);
        Ledger { own: own.as_ref().map(at), others: others.iter().map(at).collect() }
    }

    /// So many others, each an hour older than the next, the oldest first.
    fn full_since(oldest: i64, count: usize) -> Vec<i64> {
        (0_i64..).take(count).map(|n| oldest - n * HOUR).collect()
    }

    fn wait(minutes: i64) -> Choice {
        Wait(NOW + TimeDelta::minutes(minutes))
    }

    #[test]
    fn the_account_or_the_date_is_chosen() {
        let full = full_since(6 * DAY, PLACES);
        let over_full = full_since(6 * DAY, PLACES + 2);
        let aged = [full_since(5 * DAY, PLACES - 1), vec![WEEK + 1]].concat();
        let ending = [full_since(5 * DAY, PLACES - 1), vec![WEEK]].concat();
        for (case, ledgers, choice) in [
            ("nobody", vec![], Nobody),
            ("an empty ledger", vec![ledger(None, &[])], Place(0)),
            ("the first of equals", vec![ledger(None, &[1]), ledger(None, &[2])], Place(0)),
            ("most room", vec![ledger(None, &[1, 2]), ledger(None, &[1])], Place(1)),
            ("the last place", vec![ledger(None, &full[1..])], Place(0)),
            ("free before room", vec![ledger(None, &[]), ledger(Some(1), &full)], Free(1)),
            ("the youngest window of two", vec![ledger(Some(DAY), &[]), ledger(Some(HOUR), &[])], Free(1)),
            ("free until a minute before its end", vec![ledger(Some(WEEK - 2), &[])], Free(0)),
            ("in doubt from then on", vec![ledger(Some(WEEK - 1), &[])], wait(2)),
            ("at the very end", vec![ledger(Some(WEEK), &[])], wait(1)),
            ("a new window after the doubt", vec![ledger(Some(WEEK + 1), &[])], Place(0)),
            ("an end is waited for", vec![ledger(None, &[]), ledger(Some(WEEK), &[])], wait(1)),
            ("free elsewhere is not", vec![ledger(Some(WEEK), &[]), ledger(Some(1), &[])], Free(1)),
            ("full", vec![ledger(None, &full)], wait(DAY + 1)),
            ("full, and others have room", vec![ledger(None, &full), ledger(None, &[])], Place(1)),
            ("all are full", vec![ledger(None, &full), ledger(None, &full_since(2 * DAY, PLACES))], wait(DAY + 1)),
            ("more than full", vec![ledger(None, &over_full)], wait(DAY + 2 * HOUR + 1)),
            ("what is over leaves its place", vec![ledger(None, &aged)], Place(0)),
            ("what is in doubt does not", vec![ledger(None, &ending)], wait(1)),
            ("its own old place may be taken", vec![ledger(Some(WEEK + 1), &full)], wait(DAY + 1)),
            ("a clock that went back", vec![ledger(Some(-HOUR), &[])], Free(0)),
        ] {
            assert_eq!(choose(&ledgers, NOW), choice, "{case}");
        }
    }
}

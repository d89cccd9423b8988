//! Which account a hashtag is fetched with: pure. Meta lets an account ask for 30 hashtags in rolling 7 days; a hashtag
//! counts from its first query on, repeats are free and do not restart the clock.

use chrono::{DateTime, TimeDelta, Utc};

/// How many hashtags an account may ask for within a window.
pub(super) const PLACES: usize = 30;
/// How long a hashtag counts.
const WINDOW: TimeDelta = TimeDelta::days(7);
/// Our time is taken before Meta counts, by the length of an attempt at most; this is more. Within so much of a window's
/// end nobody can say whether a query is free or begins a new window, so none is sent.
const DOUBT: TimeDelta = TimeDelta::minutes(5);
/// A window that ends so soon is waited for, so that the next one begins at a time that is known.
const ENDING: TimeDelta = TimeDelta::hours(1);

/// The hashtag in question on one account's ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Own {
    /// Its window did not begin before.
    pub earliest: DateTime<Utc>,
    /// Nor behind this.
    pub latest: DateTime<Utc>,
    /// Whether it has begun: a query was answered.
    pub is_answered: bool,
}

/// One account's ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ledger {
    /// The hashtag in question, if it was searched with this account.
    pub own: Option<Own>,
    /// When each of the others was, at the latest.
    pub others: Vec<DateTime<Utc>>,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// Use the account with this number: the hashtag counts there already, so it is free.
    Free(usize),
    /// Use the account with this number: it keeps a place for the hashtag, of which nobody knows whether it is taken. The
    /// query may begin a window.
    Again(usize),
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
/// out); then one whose window is just ending is waited for; then comes one that keeps a place for it anyway; then the
/// account with most room, the first of equals; then the first date on which an account has room. The room that there is,
/// and each that comes, is first those' who wait since before: `ahead` has the accounts of each of them, in order.
pub(super) fn choose(ledgers: &[Ledger], ahead: &[Vec<usize>], now: DateTime<Utc>) -> Choice {
    let own = || {
        let own = ledgers.iter().enumerate().filter_map(|(account, ledger)| Some((account, ledger.own?)));
        own.filter(|(_, own)| now < ends_at(own.latest))
    };
    let free = own().filter(|(_, own)| own.is_answered && now < own.earliest + WINDOW - DOUBT);
    if let Some((account, _)) = free.max_by_key(|(_, own)| own.earliest) {
        return Choice::Free(account);
    }
    let ending = own().map(|(_, own)| ends_at(own.latest)).filter(|end| *end <= now + ENDING);
    if let Some(end) = ending.min() {
        return Choice::Wait(end);
    }
    if let Some((account, _)) = own().max_by_key(|(_, own)| own.latest) {
        return Choice::Again(account);
    }
    let places: Vec<_> = ledgers.iter().map(|ledger| places(ledger, now)).collect();
    let mut given = vec![0_usize; ledgers.len()];
    // The next place of an account: since when there is one, and how little room it has.
    let next = |account: usize, given: &[usize]| {
        let (place, round) = (given[account] % PLACES, i32::try_from(given[account] / PLACES).unwrap_or(i32::MAX));
        let room = places[account].iter().filter(|at| **at <= now).count();
        (places[account][place] + (WINDOW + DOUBT) * round, PLACES - room + given[account])
    };
    for accounts in ahead {
        if let Some(account) = accounts.iter().copied().min_by_key(|account| next(*account, &given)) {
            given[account] += 1;
        }
    }
    let account = (0..ledgers.len()).min_by_key(|account| next(*account, &given));
    match account.map(|account| (next(account, &given).0, account)) {
        None => Choice::Nobody,
        Some((at, account)) if at <= now => Choice::Place(account),
        Some((at, _)) => Choice::Wait(at),
    }
}

/// Returns the time from which on a hashtag that was searched at `at` certainly counts no longer.
pub(super) fn ends_at(at: DateTime<Utc>) -> DateTime<Utc> {
    at + WINDOW + DOUBT
}

/// Returns up to when a hashtag that counts no longer at `now` was searched.
pub(crate) fn over_since(now: DateTime<Utc>) -> DateTime<Utc> {
    now - WINDOW - DOUBT
}

/// Since when each of an account's places is free, the first one first.
fn places(ledger: &Ledger, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let mut ends: Vec<_> = ledger.others.iter().copied().map(ends_at).filter(|end| now < *end).collect();
    ends.sort_unstable();
    let free = PLACES.saturating_sub(ends.len());
    let too_many = ends.len().saturating_sub(PLACES);
    std::iter::repeat_n(now, free).chain(ends.into_iter().skip(too_many)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Choice, Choice::*, DateTime, Ledger, Own, PLACES, TimeDelta, Utc, choose};

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
    const HOUR: i64 = 60;
    const DAY: i64 = 24 * HOUR;
    const WEEK: i64 = 7 * DAY;

    /// A ledger by ages in minutes: the hashtag's own, and the others'.
    fn ledger(own: Option<i64>, others: &[i64]) -> Ledger {
        let own = own.map(|age| Own { earliest: before(age), latest: before(age), is_answered: true });
        Ledger { own, others: others.iter().copied().map(before).collect() }
    }

    /// A ledger where the hashtag's window began between two ages, or where nobody knows whether it did.
    fn unsure(earliest: i64, latest: i64, is_answered: bool, others: &[i64]) -> Ledger {
        let own = Some(Own { earliest: before(earliest), latest: before(latest), is_answered });
        Ledger { own, ..ledger(None, others) }
    }

    fn before(minutes: i64) -> DateTime<Utc> {
        NOW - TimeDelta::minutes(minutes)
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
        let aged = [full_since(5 * DAY, PLACES - 1), vec![WEEK + 5]].concat();
        let ending = [full_since(5 * DAY, PLACES - 1), vec![WEEK]].concat();
        for (case, ledgers, choice) in [
            ("nobody", vec![], Nobody),
            ("an empty ledger", vec![ledger(None, &[])], Place(0)),
            ("the first of equals", vec![ledger(None, &[1]), ledger(None, &[2])], Place(0)),
            ("most room", vec![ledger(None, &[1, 2]), ledger(None, &[1])], Place(1)),
            ("the last place", vec![ledger(None, &full[1..])], Place(0)),
            ("free before room", vec![ledger(None, &[]), ledger(Some(1), &full)], Free(1)),
            ("the youngest window of two", vec![ledger(Some(DAY), &[]), ledger(Some(HOUR), &[])], Free(1)),
            ("free until five minutes before its end", vec![ledger(Some(WEEK - 6), &[])], Free(0)),
            ("in doubt from then on", vec![ledger(Some(WEEK - 5), &[])], wait(10)),
            ("at the very end", vec![ledger(Some(WEEK), &[])], wait(5)),
            ("a new window after the doubt", vec![ledger(Some(WEEK + 5), &[])], Place(0)),
            ("an end is waited for", vec![ledger(None, &[]), ledger(Some(WEEK), &[])], wait(5)),
            ("free elsewhere is not", vec![ledger(Some(WEEK), &[]), ledger(Some(1), &[])], Free(1)),
            ("a place that may be taken", vec![ledger(None, &[]), unsure(5, 5, false, &full)], Again(1)),
            ("free before that", vec![unsure(5, 5, false, &[]), ledger(Some(1), &[])], Free(1)),
            ("free since the first of two", vec![unsure(WEEK - 6, 0, true, &[])], Free(0)),
            ("and not free behind it", vec![unsure(WEEK - 5, 0, true, &[])], Again(0)),
            ("the last of two is waited for", vec![unsure(WEEK - 5, WEEK - 50, true, &[])], wait(55)),
            ("if that is soon", vec![unsure(WEEK - 5, WEEK - 56, true, &[])], Again(0)),
            ("full", vec![ledger(None, &full)], wait(DAY + 5)),
            ("full, and others have room", vec![ledger(None, &full), ledger(None, &[])], Place(1)),
            ("all are full", vec![ledger(None, &full), ledger(None, &full_since(2 * DAY, PLACES))], wait(DAY + 5)),
            ("more than full", vec![ledger(None, &over_full)], wait(DAY + 2 * HOUR + 5)),
            ("what is over leaves its place", vec![ledger(None, &aged)], Place(0)),
            ("what is in doubt does not", vec![ledger(None, &ending)], wait(5)),
            ("its own old place may be taken", vec![ledger(Some(WEEK + 5), &full)], wait(DAY + 5)),
            ("a clock that went back", vec![ledger(Some(-HOUR), &[])], Free(0)),
        ] {
            assert_eq!(choose(&ledgers, &[], NOW), choice, "{case}");
        }
    }

    #[test]
    fn who_waits_since_before_goes_first() {
        let full = ledger(None, &full_since(6 * DAY, PLACES));
        let later = ledger(None, &full_since(5 * DAY, PLACES));
        let two_left = ledger(None, &full_since(6 * DAY, PLACES - 2));
        let on = |accounts: &[usize], count| vec![accounts.to_vec(); count];
        for (case, ledgers, ahead, choice) in [
            ("the second date", vec![full.clone()], on(&[0], 1), wait(DAY + HOUR + 5)),
            ("the third", vec![full.clone()], on(&[0], 2), wait(DAY + 2 * HOUR + 5)),
            ("a week later", vec![full.clone()], on(&[0], PLACES), wait(DAY + WEEK + 10)),
            ("room for all", vec![two_left.clone()], on(&[0], 1), Place(0)),
            ("room for them alone", vec![two_left.clone()], on(&[0], 2), wait(DAY + 5)),
            ("they take what is there", vec![two_left.clone(), full.clone()], on(&[0, 1], 1), Place(0)),
            ("and what comes", vec![full.clone(), later.clone()], on(&[0, 1], 1), wait(DAY + HOUR + 5)),
            ("they have other accounts", vec![later.clone(), two_left.clone()], on(&[0], 9), Place(1)),
            ("free is free", vec![ledger(Some(1), &full_since(6 * DAY, PLACES))], on(&[0], 9), Free(0)),
            ("an old place of its own gives way", vec![ledger(Some(WEEK + 5), &[1; 29])], on(&[0], 1), wait(WEEK + 4)),
        ] {
            assert_eq!(choose(&ledgers, &ahead, NOW), choice, "{case}");
        }
    }
}

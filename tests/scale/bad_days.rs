//! `bad-week` and `dead-tokens`: Meta's bad days with many accounts.

use crate::incidents::{dead_tokens, story};
use crate::wishes::Wishes;

/// Every read is refused for days, though nothing is wrong with tokens and scopes.
pub(crate) async fn week(mut wishes: Wishes) {
    let (accounts, days) = (wishes.take("accounts", 200), wishes.take("days", 7));
    wishes.end();
    let week =
        story::bad_week(usize::try_from(accounts).expect("a count"), i64::try_from(days).expect("a count")).await;
    println!("{week:#?}");
    let is_digest = |text: &&String| text.starts_with("Still open");
    let digests = week.alerts.iter().filter(is_digest).count();
    assert_eq!(week.alerts.len() - digests, 2, "one message when it begins, one when it is over");
    assert!(u64::try_from(digests).expect("a count") <= days, "at most one digest a day");
    assert!(week.fresh_after <= 50, "a probe comes within half an hour, and all are fetched within 20 minutes of it");
}

/// For an hour Meta calls all tokens dead, and is wrong.
pub(crate) async fn wave(mut wishes: Wishes) {
    let accounts = usize::try_from(wishes.take("accounts", 5_000)).expect("a count");
    wishes.end();
    let wave = dead_tokens::wave(accounts).await;
    println!("{wave:#?}");
    assert_eq!((wave.alerts, wave.refused), (1, 0), "one alert, and a recovery inside the limits");
}

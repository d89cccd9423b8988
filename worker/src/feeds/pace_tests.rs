//! How soon a feed is fetched again, case by case.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Load, Wish, due, seen};

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

/// A feed that changed and was asked for so many minutes ago, and somebody's demand in minutes.
fn wish(changed: Option<i64>, asked: i64, demand: Option<i64>) -> Wish {
    Wish {
        changed_at: changed.map(|minutes| NOW - TimeDelta::minutes(minutes)),
        asked_at: NOW - TimeDelta::minutes(asked),
        demand: demand.map(TimeDelta::minutes),
    }
}

#[test]
fn a_feed_is_fetched_as_often_as_it_changes_and_is_looked_at() {
    for (case, wish, minutes) in [
        ("just changed", wish(Some(0), 0, None), 10),
        ("nobody knows when", wish(None, 0, None), 10),
        ("changed two hours ago", wish(Some(2 * HOUR), 0, None), 10),
        ("changed six hours ago", wish(Some(6 * HOUR), 0, None), 30),
        ("quiet for a month", wish(Some(30 * DAY), 0, None), 60),
        ("asked for within the two hours", wish(Some(0), 2 * HOUR, None), 10),
        ("not asked for in four", wish(Some(0), 4 * HOUR, None), 60),
        ("not asked for in a day", wish(Some(0), DAY, None), 6 * HOUR),
        ("not asked for in a week", wish(Some(0), 7 * DAY, None), 6 * HOUR),
        ("a demand on a quiet one", wish(Some(30 * DAY), 7 * DAY, Some(10)), 10),
        ("a demand that is longer", wish(Some(0), 0, Some(30)), 10),
        ("a demand that is absurd", wish(Some(30 * DAY), 0, Some(0)), 10),
        ("a clock that went back", wish(Some(-HOUR), -HOUR, None), 10),
    ] {
        assert_eq!(wish.interval(NOW), TimeDelta::minutes(minutes), "{case}");
    }
}

#[test]
fn what_the_allowance_does_not_afford_is_stretched() {
    for (case, day, used, minutes) in [
        ("plenty", 10.0, 0.0, 10),
        ("just enough", 70.0, 70.0, 10),
        ("twice too much", 140.0, 35.0, 20),
        ("ten times too much", 700.0, 0.0, 100),
        ("over the mark", 70.0, 75.0, 20),
        ("over the mark and too much", 140.0, 75.0, 40),
        ("where refreshing stops", 70.0, 80.0, 100),
        ("beyond", 70.0, 130.0, 100),
        ("one call costs it all", 1e300, 0.0, DAY),
    ] {
        let load = Load { day, used, app_used: 0.0 };
        assert_eq!(load.fit(TimeDelta::minutes(10)), TimeDelta::minutes(minutes), "{case}");
    }
}

#[test]
fn what_there_is_to_spare_shortens_an_interval() {
    for (case, day, used, app_used, minutes) in [
        ("half of what is easy", 17.5, 0.0, 0.0, 30),
        ("hardly anything", 0.1, 0.0, 0.0, 15),
        ("no more than is easy", 35.0, 0.0, 0.0, 60),
        ("much was used today", 17.5, 40.0, 0.0, 60),
        ("our app is busy", 17.5, 0.0, 40.0, 60),
    ] {
        let load = Load { day, used, app_used };
        assert_eq!(load.fit(TimeDelta::hours(1)), TimeDelta::minutes(minutes), "{case}");
        assert!(load.fit(TimeDelta::minutes(10)) >= TimeDelta::minutes(10), "{case}");
    }
}

#[test]
fn feeds_at_their_stretched_pace_take_the_target_and_no_more() {
    let wishes = [wish(Some(0), 0, None), wish(Some(6 * HOUR), 0, None), wish(Some(DAY), DAY, None)];
    let day = wishes.iter().map(|wish| wish.day(1.0, NOW)).sum();
    let load = Load { day, used: 0.0, app_used: 0.0 };

    let fetches = wishes.map(|wish| 86_400 / load.fit(wish.interval(NOW)).num_seconds());

    assert!((65..=70).contains(&fetches.iter().sum::<i64>()), "{fetches:?} of 1 % each");
    assert!(fetches[0] >= 2 * fetches[1], "who would be fetched more often still is: {fetches:?}");
}

#[test]
fn a_feed_is_due_before_its_addresses_end() {
    for (case, interval, ends_in, minutes) in [
        ("no end is known", 60, None, 60),
        ("an end that is far", 60, Some(4 * DAY), 60),
        ("an hour before", DAY, Some(5 * HOUR), 4 * HOUR),
        ("halfway, of a short life", 6 * HOUR, Some(HOUR), 30),
        ("never more often than ten minutes", 60, Some(4), 10),
        ("the interval, where it is shorter", 10, Some(HOUR), 10),
    ] {
        let end = ends_in.map(|minutes| NOW + TimeDelta::minutes(minutes));
        assert_eq!(due(NOW, TimeDelta::minutes(interval), end) - NOW, TimeDelta::minutes(minutes), "{case}");
    }
}

#[test]
fn who_looks_at_a_feed_has_it_fetched_as_one_that_is_looked_at() {
    let at = |minutes| NOW + TimeDelta::minutes(minutes);
    for (case, wish, was_due, is_due) in [
        ("it was seen when it was fetched", wish(Some(DAY), HOUR, None), 60, 60),
        ("nobody had looked for a day", wish(Some(6 * HOUR), DAY, None), 6 * HOUR, 30),
        ("the allowance afforded a third of it", wish(Some(6 * HOUR), DAY, None), 18 * HOUR, 90),
        ("its addresses end before", wish(Some(6 * HOUR), DAY, None), 20, 1),
    ] {
        let due = seen(&wish, NOW, at(was_due), at(5));
        assert_eq!((due - NOW).num_minutes(), is_due, "{case}");
    }
}

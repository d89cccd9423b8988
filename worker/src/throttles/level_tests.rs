//! When a call may be made, what it is learnt to cost, and that no allowance is overrun.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

use super::Level;
use crate::throttles::{Key, Priority, Priority::*};

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// An account of which so much was spent so many hours ago.
fn account(spent: &[(i64, f64)]) -> Level {
    let mut level = Level::new(&Key::Account("17".into()));
    let spent: Vec<_> = spent.iter().map(|(hours, points)| (-hours * 3_600, *points)).collect();
    level.adopt(&spent, Some(1.0), NOW);
    level
}

fn closed(level: Level, minutes: i64) -> Level {
    Level { closed_until: Some(NOW + TimeDelta::minutes(minutes)), ..level }
}

/// After how many minutes each priority may call: somebody waiting, a new install, a refresh, a backfill.
fn opens(level: &Level, under_way: u32) -> [i64; 4] {
    let wait = |priority: Priority| level.opens_at(priority, under_way, NOW).map_or(0, |at| (at - NOW).num_minutes());
    [wait(Waiting), wait(NewInstall), wait(Refresh), wait(Backfill)]
}

#[test]
fn a_call_is_made_when_its_key_is_open_for_it() {
    // What was spent n hours ago counts for 25 − n hours more: the window, and the hour in which it was spent.
    let h = |hours: i64| hours * 60;
    for (case, level, minutes) in [
        ("nothing is known", account(&[]), [0; 4]),
        ("little is used", account(&[(1, 59.0)]), [0; 4]),
        ("a backfill stops at 60", account(&[(1, 60.0)]), [0, 0, 0, h(24)]),
        ("a refresh at 80", account(&[(1, 79.9), (0, 0.1)]), [0, 0, h(24), h(24)]),
        ("a new install at 90", account(&[(2, 90.0)]), [0, h(23), h(23), h(23)]),
        ("somebody waiting at 95", account(&[(2, 94.1)]), [h(23); 4]),
        ("the last that fits", account(&[(2, 94.0)]), [0, h(23), h(23), h(23)]),
        (
            "a part gives back enough for some",
            account(&[(20, 10.0), (10, 30.0), (2, 55.0)]),
            [h(5), h(5), h(15), h(15)],
        ),
        ("a refusal is everybody's", closed(account(&[]), 19), [19; 4]),
        ("a refusal that is over is nobody's", closed(account(&[]), 0), [0; 4]),
        ("a refusal, and then what is used", closed(account(&[(1, 85.0)]), 19), [19, 19, h(24), h(24)]),
        ("a full window has given back everything", account(&[(25, 100.0)]), [0; 4]),
    ] {
        assert_eq!(opens(&level, 0), minutes, "{case}");
    }
}

#[test]
fn a_call_that_costs_more_than_there_is_may_be_made_once_a_window() {
    let dear = Level { cost: 120.0, ..account(&[(1, 120.0)]) };
    assert_eq!(opens(&dear, 0), [24 * 60; 4]);
    assert_eq!(opens(&Level { cost: 120.0, ..account(&[]) }, 0), [0; 4]);
}

#[test]
fn those_under_way_count_and_are_waited_for() {
    let level = account(&[(1, 70.0)]);
    assert_eq!(opens(&level, 9), [0, 0, 0, 24 * 60]);
    let wait = level.opens_at(Refresh, 10, NOW).map(|at| at - NOW);
    assert_eq!(wait, Some(TimeDelta::seconds(5)), "the window has nothing to do with it");
    assert_eq!(level.opens_at(Waiting, 24, NOW), None);
    assert!(level.opens_at(Waiting, 25, NOW).is_some());
}

/// Meta, where a call costs so much of an allowance: makes calls a minute apart, and tells the percentage rounded up.
fn call(level: &mut Level, cost: f64, calls: u32) {
    let start = level.measured_at.unwrap_or(NOW);
    let before = level.used(start);
    for call in 1..=calls {
        let now = start + TimeDelta::seconds(call.into());
        level.spend(now);
        level.measure((before + cost * f64::from(call)).ceil(), 0, now);
    }
}

#[test]
fn what_a_call_costs_is_learnt_from_what_meta_tells() {
    for (cost, calls) in [(0.01, 1_000), (0.1, 300), (1.0, 30), (4.17, 20), (10.0, 9)] {
        let mut level = Level::new(&Key::Account("17".into()));
        call(&mut level, cost, calls);
        assert!((cost * 0.7..cost * 1.5 + 0.02).contains(&level.cost), "{cost} is believed to be {}", level.cost);
    }
}

#[test]
fn what_a_call_costs_is_not_told_before_it_was_seen() {
    let seen = |cost, calls| {
        let mut level = Level::new(&Key::Account("17".into()));
        call(&mut level, cost, calls);
        level.cost_seen().is_some()
    };
    assert_eq!([seen(0.01, 20), seen(0.01, 21), seen(1.0, 1), seen(1.0, 2)], [false, true, false, true]);
}

#[test]
fn calls_that_meta_tells_nothing_of_close_nothing() {
    let mut level = Level::new(&Key::Page("10".into()));
    (0..500).for_each(|call| level.spend(NOW + TimeDelta::seconds(call)));
    assert_eq!(opens(&level, 1), [0; 4], "a Page's header is not there where only its account is read");

    level.measure(3.0, 0, NOW + TimeDelta::seconds(500));
    assert!((level.used(NOW + TimeDelta::seconds(500)) - 3.0).abs() < 0.01, "from then on it is known");
}

#[test]
fn a_jump_is_not_the_price_of_a_call() {
    let mut level = Level::new(&Key::Account("17".into()));
    call(&mut level, 1.0, 20);
    level.spend(NOW);
    level.measure(94.0, 0, NOW);
    assert!(level.cost <= 2.1, "{}", level.cost);
}

#[test]
fn a_percentage_from_before_our_time_was_spent_evenly() {
    let mut level = Level::new(&Key::Account("17".into()));
    level.spend(NOW);
    level.measure(90.0, 0, NOW);
    assert!((level.used(NOW) - 90.0).abs() < 0.01);
    let half = level.used(NOW + TimeDelta::hours(12));
    assert!((44.0..52.0).contains(&half), "{half}");
    assert!(level.used(NOW + TimeDelta::hours(25)) < 0.01);
}

#[test]
fn what_meta_tells_corrects_what_was_counted() {
    let mut more = account(&[(20, 10.0), (1, 10.0)]);
    more.measure(40.0, 0, NOW);
    assert!((more.used(NOW) - 40.0).abs() < 0.01);
    assert!((more.used(NOW + TimeDelta::hours(5)) - 20.0).abs() < 0.01, "an allowance that shrank weighs on all");

    let mut less = account(&[(20, 10.0), (1, 10.0)]);
    less.measure(12.0, 0, NOW);
    assert!((less.used(NOW + TimeDelta::hours(5)) - 10.0).abs() < 0.01, "the oldest is given back first");

    let mut late = account(&[(1, 10.0)]);
    late.measure(10.0, 3, NOW);
    assert!((late.used(NOW) - 13.0).abs() < 0.01, "three were answered meanwhile");
}

#[test]
fn an_app_s_window_is_an_hour() {
    let mut level = Level::new(&Key::App);
    level.adopt(&[(0, 90.0)], None, NOW);
    let wait = level.opens_at(Refresh, 0, NOW).map(|at| (at - NOW).num_seconds());
    assert_eq!(wait, Some(3_600 + 150));
}

/// A small generator (xorshift): the same numbers in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// Lives so many days with an allowance of calls a day, with somebody who wants to call all the time; returns the most that was
/// used, in per cent, and how many calls a day were made.
fn live(allowance: usize, days: i64, dice: &mut Dice) -> (usize, usize) {
    let mut level = Level::new(&Key::Account("17".into()));
    let (mut calls, mut now, mut made, mut most) = (VecDeque::new(), NOW, 0, 0);
    while now < NOW + TimeDelta::days(days) {
        // Bursts, and now and then hours of quiet.
        let a_day = u64::try_from(allowance).unwrap_or(1);
        let longest = if dice.roll(a_day) == 0 { 6 * 3_600 } else { 86_400 / a_day };
        now += TimeDelta::seconds(i64::try_from(dice.roll(longest)).unwrap_or(1).max(1));
        let priority = Priority::ALL[usize::try_from(dice.roll(4)).unwrap_or(0)];
        if level.opens_at(priority, 0, now).is_some() {
            continue;
        }
        calls.push_back(now);
        while calls.front().is_some_and(|at| *at <= now - TimeDelta::days(1)) {
            calls.pop_front();
        }
        let percent = (calls.len() * 100).div_ceil(allowance);
        (made, most) = (made + 1, most.max(percent));
        level.spend(now);
        level.measure(f64::from(u32::try_from(percent).unwrap_or(u32::MAX)), 0, now);
    }
    (most, made / usize::try_from(days).unwrap_or(1))
}

#[test]
fn no_allowance_is_ever_used_beyond_95_per_cent_and_most_of_it_is_used() {
    let mut dice = Dice(0x5eed);
    for allowance in [12, 20, 30, 50, 100, 300, 1_000, 4_800] {
        for _ in 0..3 {
            let (most, a_day) = live(allowance, 7, &mut dice);
            assert!(most <= 95, "{most} % of {allowance} calls a day");
            assert!(a_day * 100 >= allowance * 70, "only {a_day} of {allowance} calls a day were made");
        }
    }
}

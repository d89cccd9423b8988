//! A day of many feeds with uneven allowances, in full size: writes the tables and the plot of docs/freshness.md.

use std::fs;

use crate::day::{self, Report, Size};
use crate::wishes::Wishes;

/// Behind it the page is written here.
const MARK: &str = "<!-- what follows is written by `scale -- freshness` -->";
const PICTURE: &str = "![The share of feeds that are at most so old, by the allowance of their account](freshness.svg)";

pub(crate) async fn run(mut wishes: Wishes) {
    let mut number = |name, usual| usize::try_from(wishes.take(name, usual)).expect("a number");
    let (accounts, tags) = (number("accounts", 300), number("tags", 1_700));
    let mut minutes = |name, usual| i64::try_from(wishes.take(name, usual)).expect("a number");
    let (hours, step) = (minutes("hours", 24), minutes("step", 2));
    wishes.end();

    let report = day::run(&Size { accounts, tags, hours, step, allowances: [9_600, 1_500, 400, 120] }).await;

    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/freshness.md");
    let text = fs::read_to_string(page).expect("the page");
    let (before, _) = text.split_once(MARK).expect("its place in the page");
    let tables = report.tables();
    fs::write(page, format!("{before}{MARK}\n\n{PICTURE}\n\n{tables}")).expect("written");
    fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/freshness.svg"), report.plot()).expect("written");
    println!("{tables}");
    let (most, refused) = Report::worst(&report.ours);
    assert!(most <= 95 && refused == 0, "{most} % of an allowance were used, {refused} calls refused");
}

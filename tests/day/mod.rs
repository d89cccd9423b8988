//! A simulated day: accounts with uneven allowances and the feeds that are read with them, fetched by the service, and on
//! the same day by a poller that asks for each every ten minutes.
//!
//! The time is moved minute by minute; people post, others look. How fresh a feed is, is how long ago it was read. What is
//! used of whose allowance, the stand-in says.

mod naive;
mod plot;
mod report;
mod service;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::harness::StandIns;

pub(crate) use report::Report;

/// How large the day is.
#[derive(Clone, Debug)]
pub(crate) struct Size {
    /// So many accounts, each with its own feed.
    pub accounts: usize,
    /// So many hashtags, each asked for with one of the accounts.
    pub tags: usize,
    /// So many hours.
    pub hours: i64,
    /// So many minutes pass between two looks at what is due.
    pub step: i64,
    /// The calls a day that accounts have, in turn.
    pub allowances: [u32; 4],
}

/// What kind of feed it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Class {
    pub is_tag: bool,
    /// Whether its items change every few hours, or once a day and less.
    pub is_busy: bool,
    /// Whether somebody looks at it every hour, or once at the beginning.
    pub is_seen: bool,
}

/// One feed.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    pub number: usize,
    pub key: String,
    pub class: Class,
    /// The number of the account that it is read with.
    pub account: usize,
}

/// One side's day.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub began: DateTime<Utc>,
    pub ended: DateTime<Utc>,
    /// By the feed's number: when it was read.
    pub reads: Vec<Vec<DateTime<Utc>>>,
    /// By the account's number: how much of its allowance was used at most, in per cent, and how many calls were refused.
    pub usage: Vec<(i64, i64)>,
}

impl Size {
    /// The feeds: of five, two are busy, and seven of ten are looked at.
    fn feeds(&self) -> Vec<Feed> {
        let feed = |number: usize| {
            let tag = number.checked_sub(self.accounts);
            let class = Class { is_tag: tag.is_some(), is_busy: number % 5 < 2, is_seen: number * 3 % 10 < 7 };
            let key = match (tag, class.is_busy) {
                (None, _) => format!("@{}", user(number)),
                (Some(tag), true) => format!("#busy{tag}"),
                (Some(tag), false) => format!("#quiet{tag}"),
            };
            Feed { number, key, class, account: tag.unwrap_or(number) % self.accounts }
        };
        (0..self.accounts + self.tags).map(feed).collect()
    }

    fn allowance(&self, account: usize) -> u32 {
        self.allowances[account % self.allowances.len()]
    }

    /// After how many minutes an account posts: a busy one every three hours, a quiet one once.
    fn posts(&self, feed: &Feed) -> Vec<i64> {
        let (first, every) = if feed.class.is_busy { (30, 180) } else { (60, 24 * 60) };
        let start = first + i64::try_from(feed.number * 37 % 120).expect("small");
        let times = (0..).map(|post| start + post * every).take_while(|minute| *minute < self.hours * 60);
        if feed.class.is_tag { Vec::new() } else { times.collect() }
    }

    /// Gives all accounts their allowances.
    async fn allow(&self, stand_ins: &StandIns) {
        for account in 0..self.accounts {
            stand_ins.patch(&user(account), json!({"allowance": self.allowance(account)})).await;
        }
    }
}

impl Outcome {
    async fn new(
        size: &Size,
        stand_ins: &StandIns,
        (began, ended): (DateTime<Utc>, DateTime<Utc>),
        reads: Vec<Vec<DateTime<Utc>>>,
    ) -> Self {
        let listed = stand_ins.usage().await;
        let of_account = |account: usize| {
            let id = account_id(account);
            let used = listed.iter().find(|each| each["ig_user_id"] == id.as_str()).cloned().unwrap_or(Value::Null);
            (used["peak_percent"].as_i64().unwrap_or(0), used["refused"].as_i64().unwrap_or(0))
        };
        Self { began, ended, reads, usage: (0..size.accounts).map(of_account).collect() }
    }

    /// How old a feed was at each tenth minute, in minutes, from the end of the first half hour on.
    fn ages(&self, feed: usize) -> Vec<f64> {
        let mut ages = Vec::new();
        let mut at = self.began + TimeDelta::minutes(30);
        while at <= self.ended {
            let read = self.reads[feed].iter().rev().find(|read| **read <= at).copied().unwrap_or(self.began);
            ages.push(minutes(at - read));
            at += TimeDelta::minutes(10);
        }
        ages
    }

    /// How long after it was made each post of a feed was read, in minutes; one that never was counts until the end.
    fn delays(&self, size: &Size, feed: &Feed) -> Vec<f64> {
        let posts = size.posts(feed).into_iter().map(|minute| self.began + TimeDelta::minutes(minute));
        let posts = posts.filter(|at| *at <= self.ended);
        let read = |at: &DateTime<Utc>| self.reads[feed.number].iter().find(|read| *read > at).copied();
        posts.map(|at| minutes(read(&at).unwrap_or(self.ended) - at)).collect()
    }
}

/// Lives the day twice.
pub(crate) async fn run(size: &Size) -> Report {
    let ours = service::run(size).await;
    let naive = naive::run(size).await;
    Report { size: size.clone(), feeds: size.feeds(), ours, naive }
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a day")]
fn minutes(time: TimeDelta) -> f64 {
    time.num_seconds() as f64 / 60.0
}

/// One of the stand-in's crowd.
fn user(account: usize) -> String {
    format!("crowd_{account}")
}

/// What the stand-in counts the ids of its crowd's accounts from.
fn account_id(account: usize) -> String {
    (17_841_500_000_000_000 + account).to_string()
}

//! The languages that letters are written in: one file each, and its line in the list.

mod de;
mod en;

use chrono::{DateTime, Utc};

use super::{Facts, Stage};

/// Every language; the first one is for those that none fits.
pub(super) const ALL: [&Language; 2] = [&en::LANGUAGE, &de::LANGUAGE];

/// A language.
#[derive(Debug)]
pub(super) struct Language {
    /// Its tag (BCP 47).
    pub tag: &'static str,
    /// A letter's words.
    pub words: fn(Stage, &Facts) -> Words,
    /// That there are so many sites more.
    pub more: fn(usize) -> String,
    /// A day.
    pub date: fn(DateTime<Utc>) -> String,
}

/// A letter's words, from its top to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// The subject.
    pub subject: String,
    /// What the mailbox shows behind the subject.
    pub preview: String,
    /// The heading.
    pub heading: String,
    /// What has happened, or will.
    pub story: Vec<String>,
    /// What the sites are listed under.
    pub sites: String,
    /// The one button.
    pub button: String,
    /// How it goes on behind it.
    pub how: Vec<String>,
    /// Why this came, and what it is good for.
    pub end: Vec<String>,
}

impl Language {
    /// Finds the language of a tag, whatever region or script it names besides.
    pub(super) fn of(tag: &str) -> &'static Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        ALL.into_iter().find(|language| language.tag.eq_ignore_ascii_case(primary)).unwrap_or(ALL[0])
    }
}

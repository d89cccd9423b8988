//! What owners are told about the end of a connection: a subject, a text and the same as HTML, in their language. Pure.
//!
//! The layout is `templates/letter.txt` and `templates/letter.html`, compiled in. A language is one file of `languages`,
//! and its line in the list there; what it does not say does not compile.

mod languages;
mod stage;
mod text;

#[cfg(test)]
mod tests;

use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};
use entities::app;

use languages::Language;
pub use stage::Stage;

/// The most sites that a letter names; of the rest it says how many there are.
const NAMED_SITES: usize = 8;

/// What a letter is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The account's user name, without `@`.
    pub account: String,
    /// The Facebook Page that carries it.
    pub page: String,
    /// The sites that show it (see [`sites`]).
    pub sites: Vec<String>,
    /// When the connection ends or has ended, where that is known.
    pub ends_at: Option<DateTime<Utc>>,
    /// Whether that is an estimate.
    pub is_estimate: bool,
    /// Where the button leads.
    pub link: String,
    /// Until when it leads there.
    pub link_ends_at: DateTime<Utc>,
    /// When the letter is written.
    pub now: DateTime<Utc>,
}

impl Facts {
    /// The whole days that are left, rounded up: on the last day it is one.
    fn days_left(&self) -> i64 {
        let left = self.ends_at.map_or(TimeDelta::zero(), |end| end - self.now);
        (left.num_seconds().max(1) + 86_399) / 86_400
    }
}

/// A letter, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The subject: one line.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The same, to be looked at.
    pub html: String,
}

/// Why a letter cannot be written: its layout refuses.
#[derive(Debug, thiserror::Error)]
#[error("a letter cannot be written: {0}")]
pub struct Unwritten(#[from] askama::Error);

#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    language: &'static str,
    words: &'a languages::Words,
    sites: &'a [String],
    more: Option<String>,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "letter.txt", escape = "none")]
struct Text<'a> {
    words: &'a languages::Words,
    sites: &'a [String],
    more: Option<String>,
    link: &'a str,
}

/// Writes the letter of a stage, in the language that fits best (BCP 47, such as `de-AT`); English fits everybody.
pub fn write(stage: Stage, language: Option<&str>, facts: &Facts) -> Result<Letter, Unwritten> {
    let language = Language::of(language.unwrap_or_default());
    let words = (language.words)(stage, facts);
    let (sites, rest) = facts.sites.split_at(facts.sites.len().min(NAMED_SITES));
    let more = (!rest.is_empty()).then(|| (language.more)(rest.len()));
    let link = facts.link.as_str();
    let text = Text { words: &words, sites, more: more.clone(), link }.render()?;
    let html = Html { language: language.tag, words: &words, sites, more, link }.render()?;
    Ok(Letter { subject: text::line(&words.subject), text: text::wrapped(&text), html })
}

/// Returns the tags of the languages that letters are written in.
pub fn languages() -> impl Iterator<Item = &'static str> {
    languages::ALL.iter().map(|language| language.tag)
}

/// Writes a day in a language, such as "19 February 2027".
pub fn date(language: &str, at: DateTime<Utc>) -> String {
    (Language::of(language).date)(at)
}

/// Names the sites of these apps as their owner knows them: by their origins' hosts, or else by the widget's kind and id.
pub fn sites(apps: &[app::Model]) -> Vec<String> {
    let mut sites = Vec::new();
    for app in apps {
        let hosts = app.allowed_origins.0.iter().filter_map(|origin| origin.split_once("://")).map(|(_, host)| host);
        let mut named: Vec<String> = hosts.map(text::line).collect();
        if named.is_empty() {
            named.push(text::line(format!("{} {}", app.app_type, app.app_id).trim()));
        }
        for site in named {
            if !sites.contains(&site) {
                sites.push(site);
            }
        }
    }
    sites
}

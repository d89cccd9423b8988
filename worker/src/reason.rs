//! Why a feed is not served, in a word for machines and in words for people.

use serde_json::{Value, json};

use crate::failure::{advice, sentence};
use crate::graph::Class;

/// Why a feed is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// One of the eight classes, or `not_connected`.
    pub word: &'static str,
    /// What it means.
    pub message: &'static str,
    /// The one next step.
    pub advice: &'static str,
}

impl Reason {
    /// Nobody has connected the feed's account.
    pub const NOT_CONNECTED: Self = Self {
        word: "not_connected",
        message: "No connected account serves this feed.",
        advice: "Connect the Instagram account.",
    };

    /// Meta does not show the feed's hashtag.
    pub const HASHTAG_NOT_FOUND: Self = Self {
        word: Class::NotFound.as_str(),
        message: "Meta does not know this hashtag, or does not show it.",
        advice: "Check its spelling; a hashtag that Instagram hides cannot be shown.",
    };

    /// Whoever fetched the feed died of it, again and again. A row keeps this word's class.
    pub const GAVE_UP: Self = Self {
        word: Class::Transient.as_str(),
        message: "It did not work in several tries.",
        advice: "Nothing is wrong on your side; it is tried again within a day.",
    };

    /// The connection has ended: its time is over, or it was given up.
    pub const ENDED: Self = Self {
        word: Class::TokenDead.as_str(),
        message: "The connection has ended.",
        advice: "Connect the account again.",
    };

    /// Returns the reason behind a word that a row keeps.
    pub fn of(word: &str) -> Option<Self> {
        let known = Class::ALL.into_iter().map(Self::from).chain([Self::NOT_CONNECTED]);
        known.into_iter().find(|reason| reason.word == word)
    }

    /// Returns the error of a run that ended for this reason.
    pub fn to_json(&self) -> Value {
        json!({"code": self.word, "class": self.word, "message": self.message, "advice": self.advice})
    }
}

impl From<Class> for Reason {
    fn from(class: Class) -> Self {
        Self { word: class.as_str(), message: sentence(class), advice: advice(class) }
    }
}

#[cfg(test)]
mod tests {
    use super::Reason;
    use crate::graph::Class;

    #[test]
    fn every_word_that_a_row_keeps_has_its_reason() {
        for class in Class::ALL {
            assert_eq!(Reason::of(class.as_str()), Some(class.into()));
        }
        assert_eq!(Reason::of("not_connected"), Some(Reason::NOT_CONNECTED));
        assert_eq!(Reason::of("other"), None);
    }
}

//! Where each feed of an app comes from, and why one does not move, in the owner's words.

use entities::FeedKey;
use entities::app::{self, Move};
use entities::feed::Source;

use super::{Terms, source_of};

/// What keeps a feed with the outlet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// A word for machines.
    pub code: &'static str,
    /// What it means.
    pub message: String,
    /// The one next step.
    pub advice: String,
}

/// An app, and what its owner is told of its move.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// What the operator said of the move.
    pub terms: &'a Terms,
    /// The app.
    pub app: &'a app::Model,
    /// Whether the move is open to its user.
    pub in_rollout: bool,
    /// The names of its connected accounts, without `@`.
    pub connected: &'a [String],
}

impl View<'_> {
    /// Returns where a feed comes from.
    pub fn source_of(&self, key: &FeedKey) -> Source {
        source_of(self.terms, self.app, key, self.has_reader(key))
    }

    fn has_reader(&self, key: &FeedKey) -> bool {
        match key.account_name() {
            Some(name) => self.connected.iter().any(|each| each == name),
            None => !self.connected.is_empty(),
        }
    }

    /// Returns what keeps a feed with the outlet; `None`: nothing does.
    pub fn blocker_of(&self, key: &FeedKey) -> Option<Blocker> {
        if self.source_of(key) == Source::Graph {
            return None;
        }
        let has_reader = self.has_reader(key);
        Some(match self.app.has_moved() {
            _ if !self.terms.include(self.app) => blocker(
                "kind_takes_no_part",
                "Widgets of this kind stay with the old source.".to_owned(),
                "There is nothing to do: the feed goes on as it is.",
            ),
            Move::NotOffered if self.in_rollout => blocker(
                "not_saved",
                "The widget has not been saved since the move is open to you.".to_owned(),
                "Save the widget once; then it offers you to continue with Facebook.",
            ),
            Move::NotOffered => blocker(
                "not_offered",
                "The move is not open to you yet.".to_owned(),
                "There is nothing to do: the feed goes on as it is, and the widget's settings tell you when it is your turn.",
            ),
            _ if has_reader && self.app.migrate_due_at.is_some() => {
                blocker("moving", format!("{key} is moving."), "There is nothing to do: it takes a minute at most.")
            }
            _ if has_reader => blocker(
                "not_continued",
                format!("{key} could move: an account that reads it is connected."),
                "Continue with Facebook once more, and it moves.",
            ),
            _ if key.tag().is_some() => blocker(
                "no_account",
                format!("Instagram shows {key} only to somebody who asks with an account, and none is connected."),
                "Continue with Facebook and connect any professional Instagram account of yours.",
            ),
            _ => blocker(
                "not_connected",
                format!("Instagram shows {key} only through a connection of its own, and it is not connected."),
                "If the account is yours, continue with Facebook and connect it: it has to be a professional one with a \
                 Facebook Page. If it is somebody else's, there is nothing to do: the feed goes on as it is.",
            ),
        })
    }
}

fn blocker(code: &'static str, message: String, advice: &str) -> Blocker {
    Blocker { code, message, advice: advice.to_owned() }
}

//! Why a feed does not move, in the owner's words.

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

impl Blocker {
    /// Returns what keeps a feed of an app with the outlet; `None`: nothing, it is served by the Graph.
    pub fn of(terms: &Terms, app: &app::Model, in_rollout: bool, key: &FeedKey, connected: &[String]) -> Option<Self> {
        let has_reader = match key.account_name() {
            Some(name) => connected.iter().any(|each| each == name),
            None => !connected.is_empty(),
        };
        if source_of(terms, app, key, has_reader) == Source::Graph {
            return None;
        }
        let of_kind = "Widgets of this kind stay with the old source.";
        Some(match app.has_moved() {
            _ if !terms.include(app) => {
                Self::new("kind_takes_no_part", of_kind, "There is nothing to do: the feed goes on as it is.")
            }
            Move::NotOffered if in_rollout => Self::new(
                "not_saved",
                "The widget has not been saved since the move is open to you.",
                "Save the widget once; then it offers you to continue with Facebook.",
            ),
            Move::NotOffered => Self::new(
                "not_offered",
                "The move is not open to you yet.",
                "There is nothing to do: the feed goes on as it is, and the widget tells you when it is your turn.",
            ),
            _ if has_reader => Self::new(
                "not_continued",
                &format!("{key} could move: an account that reads it is connected."),
                "Continue with Facebook once more, and it moves.",
            ),
            _ if key.tag().is_some() => Self::new(
                "no_account",
                &format!("Instagram shows {key} only to somebody who asks with an account, and none is connected."),
                "Continue with Facebook and connect any professional Instagram account of yours.",
            ),
            _ => Self::new(
                "not_connected",
                &format!("Instagram shows {key} only through its own connection, and the account is not connected."),
                "If it is yours, continue with Facebook and connect it: it has to be a professional account with a \
                 Facebook Page. Accounts of others stay with the old source.",
            ),
        })
    }

    fn new(code: &'static str, message: &str, advice: &str) -> Self {
        Self { code, message: message.to_owned(), advice: advice.to_owned() }
    }
}

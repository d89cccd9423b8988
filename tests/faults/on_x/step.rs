//! Where a worker dies: which question to X it is in the middle of, and how far that is.

use serde_json::{Value, json};

use crate::harness::on_x::Pairing;

/// What is cross-posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `powr_io`'s picture.
    Picture,
    /// `natgeo`'s video.
    Video,
}

/// A question to X.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// For the next pair of tokens.
    Renew,
    /// To take a picture, and the words to it.
    Upload,
    Describe,
    /// To take a video: its beginning, a piece, its end; and whether X has looked at it.
    Begin,
    Piece,
    Finish,
    Look,
    /// To post the one or the other.
    PostPicture,
    PostVideo,
}

impl Step {
    /// Every step, for ever again; renewing twice each time.
    pub(super) fn in_turn() -> impl Iterator<Item = Self> {
        use Step::{Begin, Describe, Finish, Look, Piece, PostPicture, PostVideo, Renew, Upload};
        [Renew, Upload, Describe, PostPicture, Renew, Begin, Piece, Finish, Look, PostVideo].into_iter().cycle()
    }

    /// What its account is to post: where it dies while it renews, afterwards.
    pub(super) fn media(self) -> Media {
        match self {
            Self::Renew | Self::Upload | Self::Describe | Self::PostPicture => Media::Picture,
            Self::Begin | Self::Piece | Self::Finish | Self::Look | Self::PostVideo => Media::Video,
        }
    }

    /// The call, by its method and the end of its path.
    pub(super) fn call(self) -> (&'static str, &'static str) {
        match self {
            Self::Renew => ("POST", "/oauth2/token"),
            Self::Upload => ("POST", "/media/upload"),
            Self::Describe => ("POST", "/media/metadata"),
            Self::Begin => ("POST", "/media/upload/initialize"),
            Self::Piece => ("POST", "/append"),
            Self::Finish => ("POST", "/finalize"),
            Self::Look => ("GET", "/media/upload"),
            Self::PostPicture | Self::PostVideo => ("POST", "/2/tweets"),
        }
    }

    /// Whether X looks at the video before it is come to.
    pub(super) fn is_behind_a_look(self) -> bool {
        matches!(self, Self::Look | Self::PostVideo)
    }

    /// Its call for an account, as a fault of the stand-in matches it.
    pub(super) fn matching(self, pairing: &Pairing) -> Value {
        let (method, path) = self.call();
        json!({"x_user_id": pairing.x_user_id, "method": method, "path_contains": path})
    }

    /// Whether a call of the stand-in's record is this one.
    pub(super) fn is(self, call: &Value, pairing: &Pairing) -> bool {
        let (method, path) = self.call();
        let is_path = call["path"].as_str().is_some_and(|called| called.ends_with(path));
        call["x_user_id"] == *pairing.x_user_id && call["method"] == method && is_path
    }
}

/// How far a question is when its worker dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// X has it, and has not carried it out.
    Before,
    /// X has carried it out, and nobody has heard.
    Unheard,
    /// X has just answered: it may have been heard, and even been kept.
    Heard,
}

impl Moment {
    pub(super) const ALL: [Self; 3] = [Self::Before, Self::Unheard, Self::Heard];

    /// What the stand-in does with the call; an answer that is to be heard is given at once.
    pub(super) fn fault(self) -> Option<Value> {
        let hangs = |applied: bool| json!({"hang_ms": 600_000, "applied": applied, "times": 1});
        match self {
            Self::Before => Some(hangs(false)),
            Self::Unheard => Some(hangs(true)),
            Self::Heard => None,
        }
    }
}

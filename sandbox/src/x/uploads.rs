//! What was uploaded to X: photos, GIFs and videos, each of one account for a day, until a post takes it.

use std::fs;

use serde::{Deserialize, Serialize};

use super::formats;
use super::people::Person;
use super::posts::check_together;
use super::refusal::Refusal;
use super::saved::Saved;
use crate::signing::{hex, sha256};
use crate::state::Shared;

/// How long an upload waits for its post, in milliseconds.
pub(crate) const LIFE_MS: i64 = 86_400_000;
/// How long X looks at a video until it takes it, in milliseconds.
const PROCESSING_MS: i64 = 2_000;

/// What X makes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MediaKind {
    /// A picture.
    Photo,
    /// A picture that moves.
    AnimatedGif,
    /// A film.
    Video,
}

impl MediaKind {
    /// Reads a category of X; none if it is not for posts.
    pub(crate) fn of_category(category: &str) -> Option<Self> {
        match category {
            "tweet_image" => Some(Self::Photo),
            "tweet_gif" => Some(Self::AnimatedGif),
            "tweet_video" | "amplify_video" => Some(Self::Video),
            _ => None,
        }
    }

    /// How large a file may be.
    pub(crate) fn most_bytes(self) -> u64 {
        match self {
            Self::Photo => 5 << 20,
            Self::AnimatedGif => 15 << 20,
            Self::Video => 512 << 20,
        }
    }

    fn key_prefix(self) -> u8 {
        match self {
            Self::Photo => 3,
            Self::AnimatedGif => 16,
            Self::Video => 13,
        }
    }
}

/// A file on its way into a post.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Upload {
    /// Whose it is.
    pub(crate) x_user_id: u64,
    /// What it was said to be.
    pub(crate) kind: MediaKind,
    /// How large it was said to be.
    pub(crate) total_bytes: u64,
    /// When it was begun, in milliseconds.
    pub(crate) begun_ms: i64,
    /// Which pieces have come.
    pub(crate) pieces: Vec<u32>,
    /// What it is, once all of it has come.
    pub(crate) file: Option<File>,
    /// What it shows, in words.
    pub(crate) alt_text: Option<String>,
}

/// A file that has come as a whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct File {
    /// What its bytes are.
    pub(crate) content_type: String,
    /// How many there are.
    pub(crate) size: u64,
    /// Their hash, by which tests know them again.
    pub(crate) sha256: String,
    /// When X has looked at it, in milliseconds.
    pub(crate) ready_ms: i64,
    /// Why X does not take it.
    pub(crate) refused: Option<String>,
}

/// What a post shows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Attached {
    /// The upload's id.
    pub(crate) id: String,
    /// By what posts name it.
    pub(crate) media_key: String,
    /// What it is.
    #[serde(rename = "type")]
    pub(crate) kind: MediaKind,
    /// What its bytes are.
    pub(crate) content_type: String,
    /// How many there are.
    pub(crate) size: u64,
    /// Their hash.
    pub(crate) sha256: String,
    /// What it shows, in words.
    pub(crate) alt_text: Option<String>,
    /// Where it is seen.
    pub(crate) url: String,
}

impl Upload {
    /// By what posts name it.
    pub(crate) fn media_key(&self, id: &str) -> String {
        format!("{}_{id}", self.kind.key_prefix())
    }

    /// Returns how many seconds it still waits for its post.
    pub(crate) fn left_s(&self, now_ms: i64) -> i64 {
        (self.begun_ms + LIFE_MS - now_ms).max(0) / 1000
    }
}

/// Begins an upload; those that have ended go.
pub(super) fn begin(shared: &Shared, person: &Person, kind: MediaKind, total_bytes: u64) -> anyhow::Result<String> {
    let begun_ms = shared.clock.stamp_ms();
    // Like X's ids: the time, and room behind it.
    let id = ((begun_ms - 1_288_834_974_657) << 22).to_string();
    let upload =
        Upload { x_user_id: person.id, kind, total_bytes, begun_ms, pieces: Vec::new(), file: None, alt_text: None };
    shared.x.saved.update(|saved| {
        saved.uploads.retain(|_, old| begun_ms < old.begun_ms + LIFE_MS);
        saved.uploads.insert(id.clone(), upload);
    })?;
    Ok(id)
}

/// Returns an account's own upload that has not ended.
pub(super) fn find(shared: &Shared, person: &Person, id: &str) -> Result<Upload, Refusal> {
    let now_ms = shared.clock.now_ms();
    let found = shared.x.saved.read(|saved| saved.uploads.get(id).cloned());
    found
        .filter(|upload| upload.x_user_id == person.id && now_ms < upload.begun_ms + LIFE_MS)
        .ok_or_else(|| Refusal::invalid("media_id", id, "The media id is not yours, or has expired"))
}

/// Changes one.
pub(super) fn change(shared: &Shared, id: &str, change: impl FnOnce(&mut Upload)) -> anyhow::Result<()> {
    shared.x.saved.update(|saved| {
        if let Some(upload) = saved.uploads.get_mut(id) {
            change(upload);
        }
    })
}

/// Keeps the whole file, and decides what X says of it.
pub(super) fn complete(shared: &Shared, id: &str, kind: MediaKind, bytes: &[u8]) -> anyhow::Result<File> {
    fs::write(shared.x.file(id), bytes)?;
    let now_ms = shared.clock.now_ms();
    let (content_type, refused) = match formats::look(bytes, kind) {
        Ok(content_type) => (content_type, None),
        Err(reason) => ("application/octet-stream", Some(reason)),
    };
    let file = File {
        content_type: content_type.to_owned(),
        size: bytes.len() as u64,
        sha256: hex(&sha256(bytes)),
        ready_ms: if kind == MediaKind::Photo { now_ms } else { now_ms + PROCESSING_MS },
        refused,
    };
    change(shared, id, |upload| upload.file = Some(file.clone()))?;
    Ok(file)
}

/// Returns what a post shows, if all of it is there.
pub(super) fn attach(saved: &Saved, person: &Person, ids: &[String], now_ms: i64) -> Result<Vec<Attached>, Refusal> {
    let bad = |id: &str| Refusal::invalid("media.media_ids", id, "Your media IDs are invalid.");
    let mut attached = Vec::new();
    for id in ids {
        let upload = saved.uploads.get(id).filter(|upload| upload.x_user_id == person.id);
        let upload = upload.filter(|upload| now_ms < upload.begun_ms + LIFE_MS).ok_or_else(|| bad(id))?;
        let file = upload.file.as_ref().filter(|file| file.ready_ms <= now_ms && file.refused.is_none());
        let file = file.ok_or_else(|| bad(id))?;
        attached.push(Attached {
            id: id.clone(),
            media_key: upload.media_key(id),
            kind: upload.kind,
            content_type: file.content_type.clone(),
            size: file.size,
            sha256: file.sha256.clone(),
            alt_text: upload.alt_text.clone(),
            url: format!("/x/media/{id}"),
        });
    }
    let kinds: Vec<_> = attached.iter().map(|media| media.kind).collect();
    check_together(&kinds)?;
    Ok(attached)
}

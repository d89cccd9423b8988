//! What the stand-in X keeps across restarts: families of tokens, what was uploaded and posted, what is paid.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::families::Family;
use super::limits::Limits;
use super::posts::Post;
use super::uploads::Upload;
use crate::code::UsedCodes;
use crate::durable::Durable;
use crate::outbox::Outbox;

/// What is kept in `x.json`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Saved {
    /// Every consent that was exchanged, with what became of its tokens.
    pub(crate) families: BTreeMap<String, Family>,
    /// What tests changed about accounts.
    pub(crate) changes: BTreeMap<String, Change>,
    /// What was uploaded and has not ended.
    pub(crate) uploads: BTreeMap<String, Upload>,
    /// The posts that their people deleted.
    pub(crate) deleted: BTreeSet<String>,
    /// What the app has paid in advance, in thousandths of a dollar; none: any amount.
    pub(crate) credits: Option<i64>,
    /// What was spent of it, in thousandths of a dollar.
    pub(crate) spent: i64,
    /// What makes a post a duplicate.
    pub(crate) duplicates: Duplicates,
}

impl Saved {
    /// Pays for something; false if the credits do not suffice.
    pub(crate) fn pay(&mut self, cost: i64) -> bool {
        if self.credits.is_some_and(|credits| credits < cost) {
            return false;
        }
        self.credits = self.credits.map(|credits| credits - cost);
        self.spent += cost;
        true
    }
}

/// What tests changed about an account.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Change {
    /// How it stands.
    pub(crate) state: Standing,
    /// When it began to, in milliseconds.
    pub(crate) since_ms: i64,
    /// How many posts it may make in a quarter of an hour; none: as many as X lets everybody.
    pub(crate) posts_allowed: Option<u32>,
}

/// How an account stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// Well.
    #[default]
    Ok,
    /// Locked: it may read, not write.
    Locked,
    /// Suspended: it may nothing.
    Suspended,
    /// Its person took the access back that was given until then.
    AppRemoved,
}

/// What makes a post of an account a duplicate of one of its last day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Duplicates {
    /// The same text with the same media.
    #[default]
    TextAndMedia,
    /// The same text, whatever the media.
    Text,
}

/// Everything that the stand-in X knows.
#[derive(Debug)]
pub(crate) struct X {
    /// What is kept in one piece.
    pub(crate) saved: Durable<Saved>,
    /// The exchanged codes.
    pub(crate) used_codes: UsedCodes,
    /// The posts, oldest first.
    pub(crate) posts: Outbox<Post>,
    /// Who has called how often.
    pub(crate) limits: Limits,
    media: PathBuf,
}

impl X {
    /// Loads what earlier runs kept.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let media = folder.join("x_media");
        fs::create_dir_all(&media).with_context(|| format!("cannot make the folder {}", media.display()))?;
        Ok(Self {
            saved: Durable::open(folder.join("x.json"), || Ok(Saved::default()))?,
            used_codes: UsedCodes::open(folder.join("x_used_codes.log"))?,
            posts: Outbox::open(folder.join("x_posts.log"))?,
            limits: Limits::default(),
            media,
        })
    }

    /// Returns where the bytes of an upload lie.
    pub(crate) fn file(&self, id: &str) -> PathBuf {
        self.media.join(id)
    }

    /// Returns where one of its pieces lies until all are there.
    pub(crate) fn piece(&self, id: &str, index: u32) -> PathBuf {
        self.media.join(format!("{id}.{index}"))
    }

    /// Returns what was changed about an account.
    pub(crate) fn change(&self, user: &str) -> Change {
        self.saved.read(|saved| saved.changes.get(user).copied().unwrap_or_default())
    }

    /// Returns the posts that are there to be seen, oldest first.
    pub(crate) fn visible(&self) -> Vec<Post> {
        let deleted = self.saved.read(|saved| saved.deleted.clone());
        self.posts.list().into_iter().filter(|post| !deleted.contains(&post.id)).collect()
    }
}

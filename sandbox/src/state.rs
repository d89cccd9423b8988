//! Everything that the sandbox knows, in one place that all handlers share.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::{Mutex, OnceLock};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::calls::Calls;
use crate::clock::Clock;
use crate::code::UsedCodes;
use crate::durable::Durable;
use crate::faults::Faults;
use crate::hashtags::{Ledger, Readings};
use crate::mails::Mail;
use crate::media::{Catalog, Media};
use crate::outbox::Outbox;
use crate::patch::Patch;
use crate::people::Person;
use crate::picture::Pictures;
use crate::signing::Key;
use crate::slack::Alert;
use crate::usage::Usage;
use crate::x::X;
use crate::{Config, OnClock};

/// What is kept in `state.json`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Saved {
    /// When the sandbox was first started: the dates of generated posts count from it.
    pub(crate) epoch_s: i64,
    /// What signs tokens, codes and picture addresses.
    pub(crate) key: String,
    /// How far the clock was moved.
    pub(crate) offset_ms: i64,
    /// What tests changed about people.
    pub(crate) patches: BTreeMap<String, Patch>,
    /// What tests published, oldest first.
    pub(crate) published: Vec<Media>,
    /// The ids of what tests deleted.
    pub(crate) deleted: BTreeSet<String>,
    /// How many posts were ever published here.
    pub(crate) serial: u64,
    /// Which hashtags were asked for; absent in what older sandboxes wrote.
    #[serde(default)]
    pub(crate) hashtags: Ledger,
}

/// What all handlers share.
pub(crate) struct Shared {
    /// The app whose users these are.
    pub(crate) config: Config,
    /// The sandbox's time.
    pub(crate) clock: Clock,
    /// What signs.
    pub(crate) key: Key,
    /// What survives a restart, except calls and codes.
    pub(crate) saved: Durable<Saved>,
    /// The exchanged codes.
    pub(crate) used_codes: UsedCodes,
    /// Who called what.
    pub(crate) calls: Calls,
    /// What the mail server took.
    pub(crate) mails: Outbox<Mail>,
    /// What Slack took.
    pub(crate) alerts: Outbox<Alert>,
    /// X.
    pub(crate) x: X,
    /// What goes wrong on purpose.
    pub(crate) faults: Faults,
    /// The allowances.
    pub(crate) usage: Usage,
    /// The posts.
    pub(crate) catalog: Catalog,
    /// The hashtags' lists that are being paged through.
    pub(crate) readings: Readings,
    /// The pictures drawn so far.
    pub(crate) pictures: Pictures,
    /// What to tell when the clock moves.
    pub(crate) on_clock: Mutex<Option<OnClock>>,
    /// Where the sandbox is reached.
    pub(crate) base: OnceLock<String>,
    /// Where mail is taken.
    pub(crate) smtp_url: OnceLock<String>,
    /// Ends waiting calls when the server stops.
    pub(crate) stopping: CancellationToken,
}

impl Shared {
    /// Loads the state, or begins one.
    pub(crate) fn open(config: Config) -> anyhow::Result<Self> {
        let folder = &config.data_dir;
        fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let saved = Durable::open(folder.join("state.json"), || {
            Ok(Saved { epoch_s: Clock::new(0).now_s(), key: Key::generate()?, ..Saved::default() })
        })?;
        let loaded = saved.read(Saved::clone);
        Ok(Self {
            clock: Clock::new(loaded.offset_ms),
            key: Key::from_text(&loaded.key)?,
            used_codes: UsedCodes::open(folder.join("used_codes.log"))?,
            calls: Calls::open(folder.join("calls.log"))?,
            mails: Outbox::open(folder.join("mails.log"))?,
            alerts: Outbox::open(folder.join("alerts.log"))?,
            x: X::open(folder)?,
            faults: Faults::default(),
            usage: Usage::default(),
            catalog: Catalog::new(loaded.epoch_s, &loaded.published, &loaded.deleted),
            readings: Readings::default(),
            pictures: Pictures::default(),
            on_clock: Mutex::new(None),
            base: OnceLock::new(),
            smtp_url: OnceLock::new(),
            stopping: CancellationToken::new(),
            saved,
            config,
        })
    }

    /// Returns what was changed about a person.
    pub(crate) fn patch(&self, person: &Person) -> Patch {
        self.saved.read(|saved| saved.patches.get(person.user).copied().unwrap_or_default())
    }

    /// Returns where the sandbox is reached, without a slash at the end.
    pub(crate) fn base(&self) -> &str {
        self.base.get().map_or("http://127.0.0.1", String::as_str)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shared").finish_non_exhaustive()
    }
}

//! Authorization codes: signed and self-describing; what is stored is a hash of each used one.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Mutex;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::durable::{Log, hold};
use crate::people::{self, Person};
use crate::scopes::Scopes;
use crate::signing::{Key, hex, random, same, sha256};

/// What Meta's codes begin with.
const PREFIX: &str = "AQ";
const PURPOSE: &str = "code";
/// How long a code can be exchanged.
const LIFE_MS: i64 = 10 * 60 * 1000;

/// What a consent hands to the app's server.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    /// Who consented.
    pub(crate) person: &'static Person,
    /// When, in milliseconds.
    pub(crate) consent_ms: i64,
    /// What the app asked for.
    pub(crate) asked: Scopes,
    /// What was granted.
    pub(crate) granted: Scopes,
    /// The Pages that were shared, as bits.
    pub(crate) pages: u8,
    redirect_hash: [u8; 32],
}

impl Code {
    /// Returns the code of a consent that goes back to `redirect_uri`.
    pub(crate) fn new(
        person: &'static Person,
        consent_ms: i64,
        asked: Scopes,
        granted: Scopes,
        pages: u8,
        redirect_uri: &str,
    ) -> Self {
        Self { person, consent_ms, asked, granted, pages, redirect_hash: sha256(redirect_uri.as_bytes()) }
    }

    /// Tells whether the code can still be exchanged.
    pub(crate) fn is_alive(&self, now_ms: i64) -> bool {
        now_ms < self.consent_ms.saturating_add(LIFE_MS)
    }

    /// Tells whether the dialog was given the same address, byte for byte.
    pub(crate) fn goes_to(&self, redirect_uri: &str) -> bool {
        same(&self.redirect_hash, &sha256(redirect_uri.as_bytes()))
    }

    /// Writes the code; never twice the same.
    pub(crate) fn write(&self, key: &Key) -> anyhow::Result<String> {
        let mut bytes = self.person.id.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.consent_ms.to_be_bytes());
        bytes.extend_from_slice(&self.asked.0.to_be_bytes());
        bytes.extend_from_slice(&self.granted.0.to_be_bytes());
        bytes.push(self.pages);
        bytes.extend_from_slice(&self.redirect_hash);
        bytes.extend_from_slice(&random::<9>()?);
        let sealed = key.seal(PURPOSE, bytes);
        Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// Reads a code; none if it is not one of ours.
    pub(crate) fn read(key: &Key, text: &str) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        let bytes = key.open(PURPOSE, &sealed)?;
        let (person, rest) = bytes.split_first_chunk()?;
        let (consent, rest) = rest.split_first_chunk()?;
        let (asked, rest) = rest.split_first_chunk()?;
        let (granted, rest) = rest.split_first_chunk()?;
        let (&pages, rest) = rest.split_first()?;
        let (redirect_hash, _nonce) = rest.split_first_chunk()?;
        Some(Self {
            person: people::by_id(u64::from_be_bytes(*person))?,
            consent_ms: i64::from_be_bytes(*consent),
            asked: Scopes(u32::from_be_bytes(*asked)),
            granted: Scopes(u32::from_be_bytes(*granted)),
            pages,
            redirect_hash: *redirect_hash,
        })
    }
}

/// The codes that have been exchanged.
#[derive(Debug)]
pub(crate) struct UsedCodes(Mutex<(HashSet<String>, Log)>);

impl UsedCodes {
    /// Reads the used codes of earlier runs.
    pub(crate) fn open(path: PathBuf) -> anyhow::Result<Self> {
        let (log, lines) = Log::open(path)?;
        Ok(Self(Mutex::new((lines.into_iter().collect(), log))))
    }

    /// Marks a code as used, on disk before it returns; false if it was already.
    pub(crate) fn mark(&self, code: &str) -> anyhow::Result<bool> {
        let hash = hex(&sha256(code.as_bytes()));
        let mut held = hold(&self.0);
        let (used, log) = &mut *held;
        if used.contains(&hash) {
            return Ok(false);
        }
        log.add_synced(&hash)?;
        used.insert(hash);
        Ok(true)
    }

    /// Tells whether the code has been used.
    pub(crate) fn has(&self, code: &str) -> bool {
        hold(&self.0).0.contains(&hex(&sha256(code.as_bytes())))
    }
}

//! X's codes and tokens: signed and self-describing, in the look of X's own: base64 of `…:{milliseconds}:1:0:at:1`.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::people::{self, Person};
use super::scopes::Scopes;
use crate::signing::{Key, random, sha256};

/// How long a code can be exchanged.
pub(crate) const CODE_LIFE_MS: i64 = 30_000;

/// What something is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The call of an app with a person's access.
    Access,
    /// The next pair.
    Refresh,
}

impl Kind {
    fn purpose(self) -> &'static str {
        match self {
            Self::Access => "x access",
            Self::Refresh => "x refresh",
        }
    }

    fn mark(self) -> &'static str {
        match self {
            Self::Access => "at",
            Self::Refresh => "rt",
        }
    }
}

/// Everything that a token says.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    /// Whose it is.
    pub(crate) person: Person,
    /// When the person consented, which is never the same twice, in milliseconds.
    pub(crate) consent_ms: i64,
    /// The number of its pair: the first is 1, each refresh gives the next.
    pub(crate) pair: u64,
    /// Its end, in milliseconds.
    pub(crate) ends_ms: i64,
    /// What the person allowed.
    pub(crate) scopes: Scopes,
}

impl Token {
    /// Names the consent that it stems from, with all that followed from it: its family.
    pub(crate) fn family(&self) -> String {
        family(&self.person, self.consent_ms)
    }

    /// Writes the token; never twice the same.
    pub(crate) fn write(&self, key: &Key, kind: Kind) -> anyhow::Result<String> {
        let mut bytes = self.person.id.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.consent_ms.to_be_bytes());
        bytes.extend_from_slice(&self.pair.to_be_bytes());
        bytes.extend_from_slice(&self.ends_ms.to_be_bytes());
        bytes.push(self.scopes.0);
        bytes.extend_from_slice(&random::<9>()?);
        Ok(dressed(&key.seal(kind.purpose(), bytes), self.ends_ms, kind.mark()))
    }

    /// Reads a token; none if it is not one of this kind from here.
    pub(crate) fn read(key: &Key, kind: Kind, text: &str) -> Option<Self> {
        let sealed = undressed(text)?;
        let bytes = key.open(kind.purpose(), &sealed)?;
        let (person, rest) = bytes.split_first_chunk()?;
        let (consent, rest) = rest.split_first_chunk()?;
        let (pair, rest) = rest.split_first_chunk()?;
        let (ends, rest) = rest.split_first_chunk()?;
        let (&scopes, _nonce) = rest.split_first()?;
        Some(Self {
            person: people::by_id(u64::from_be_bytes(*person))?,
            consent_ms: i64::from_be_bytes(*consent),
            pair: u64::from_be_bytes(*pair),
            ends_ms: i64::from_be_bytes(*ends),
            scopes: Scopes(scopes),
        })
    }
}

/// What a consent hands to the app's server.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    /// Who consented.
    pub(crate) person: Person,
    /// When, in milliseconds.
    pub(crate) consent_ms: i64,
    /// What was allowed.
    pub(crate) scopes: Scopes,
    /// Of the address that it goes back to.
    pub(crate) redirect_hash: [u8; 32],
    /// What the app's proof has to hash to.
    pub(crate) challenge_hash: [u8; 32],
    /// Whether the challenge is the proof itself.
    pub(crate) is_plain: bool,
}

impl Code {
    const PURPOSE: &str = "x code";

    /// Writes the code; never twice the same.
    pub(crate) fn write(&self, key: &Key) -> anyhow::Result<String> {
        let mut bytes = self.person.id.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.consent_ms.to_be_bytes());
        bytes.extend_from_slice(&[self.scopes.0, u8::from(self.is_plain)]);
        bytes.extend_from_slice(&self.redirect_hash);
        bytes.extend_from_slice(&self.challenge_hash);
        bytes.extend_from_slice(&random::<9>()?);
        Ok(dressed(&key.seal(Self::PURPOSE, bytes), self.consent_ms, "ac"))
    }

    /// Reads a code; none if it is not one of ours.
    pub(crate) fn read(key: &Key, text: &str) -> Option<Self> {
        let sealed = undressed(text)?;
        let bytes = key.open(Self::PURPOSE, &sealed)?;
        let (person, rest) = bytes.split_first_chunk()?;
        let (consent, rest) = rest.split_first_chunk()?;
        let ([scopes, is_plain], rest) = rest.split_first_chunk()?;
        let (redirect_hash, rest) = rest.split_first_chunk()?;
        let (challenge_hash, _nonce) = rest.split_first_chunk()?;
        Some(Self {
            person: people::by_id(u64::from_be_bytes(*person))?,
            consent_ms: i64::from_be_bytes(*consent),
            scopes: Scopes(*scopes),
            redirect_hash: *redirect_hash,
            challenge_hash: *challenge_hash,
            is_plain: *is_plain == 1,
        })
    }

    /// Tells whether this is the proof that was promised when the code was asked for.
    pub(crate) fn is_proven_by(&self, verifier: &str) -> bool {
        let promised =
            if self.is_plain { verifier.to_owned() } else { URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes())) };
        crate::signing::same(&sha256(promised.as_bytes()), &self.challenge_hash)
    }
}

/// Names a consent with all that follows from it.
pub(crate) fn family(person: &Person, consent_ms: i64) -> String {
    format!("{}@{consent_ms}", person.user)
}

fn dressed(sealed: &[u8], at_ms: i64, mark: &str) -> String {
    STANDARD_NO_PAD.encode(format!("{}:{at_ms}:1:0:{mark}:1", URL_SAFE_NO_PAD.encode(sealed)))
}

fn undressed(text: &str) -> Option<Vec<u8>> {
    let dressed = String::from_utf8(STANDARD_NO_PAD.decode(text).ok()?).ok()?;
    URL_SAFE_NO_PAD.decode(dressed.split(':').next()?).ok()
}

//! Access tokens: signed and self-describing, so that none is stored.
//! Only letters and digits follow `EAA`, as in Meta's, so that whatever masks those masks these.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::people::{self, Person};
use crate::scopes::Scopes;
use crate::signing::{Key, random};

/// What Meta's tokens of Facebook Login begin with.
const PREFIX: &str = "EAA";
const PURPOSE: &str = "token";
/// Facebook Login; Instagram Login would be another letter.
const FAMILY: u8 = b'F';
/// How long the login button's tokens live; Meta says one to two hours.
const SHORT_LIFE_S: i64 = 5_400;
/// Meta's figure for "60 days".
const LONG_LIFE_S: i64 = 5_183_944;
/// How long data access lasts after a person's last visit.
const DATA_ACCESS_LIFE_S: i64 = 90 * 86_400;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A person's, for an hour or two.
    Short,
    /// A person's, for 60 days.
    Long,
    /// A Page's (its position among the person's Pages), without an end.
    Page(u8),
}

/// Everything that a token says.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    /// What it is for.
    pub(crate) kind: Kind,
    /// Whose it is.
    pub(crate) person: &'static Person,
    /// The app that it was given to.
    pub(crate) app_id: String,
    /// When its life began, in milliseconds.
    pub(crate) born_ms: i64,
    /// When the person consented, in milliseconds.
    pub(crate) consent_ms: i64,
    /// Its end, in seconds; 0 is never.
    pub(crate) expires_s: i64,
    /// What the app asked for.
    pub(crate) asked: Scopes,
    /// What the person granted.
    pub(crate) granted: Scopes,
    /// The Pages that the person shared, as bits.
    pub(crate) pages: u8,
}

impl Token {
    /// Returns the short-lived token of a consent given now.
    pub(crate) fn short(person: &'static Person, app_id: &str, now_ms: i64, asked: Scopes, granted: Scopes) -> Self {
        Self {
            kind: Kind::Short,
            person,
            app_id: app_id.to_owned(),
            born_ms: now_ms,
            consent_ms: now_ms,
            expires_s: now_ms.div_euclid(1000).saturating_add(SHORT_LIFE_S),
            asked,
            granted,
            pages: u8::MAX,
        }
    }

    /// Returns the 60-day token for this one; of a 60-day token a new copy with the same end.
    pub(crate) fn extended(&self, now_ms: i64) -> Self {
        if self.kind != Kind::Short {
            return self.clone();
        }
        Self {
            kind: Kind::Long,
            born_ms: now_ms,
            expires_s: now_ms.div_euclid(1000).saturating_add(LONG_LIFE_S),
            ..self.clone()
        }
    }

    /// Returns the token of one of the person's Pages.
    /// Of a long-lived user token it has no end; of a short one it ends with that.
    pub(crate) fn for_page(&self, index: usize, now_ms: i64) -> Self {
        let expires_s = match self.kind {
            Kind::Short => self.expires_s,
            Kind::Long | Kind::Page(_) => 0,
        };
        Self { kind: Kind::Page(u8::try_from(index).unwrap_or(u8::MAX)), born_ms: now_ms, expires_s, ..self.clone() }
    }

    /// Names the consent that it stems from.
    pub(crate) fn grant(&self) -> String {
        grant(self.person, self.consent_ms)
    }

    /// Returns the end of data access by the token's own account.
    pub(crate) fn data_access_expires_s(&self) -> i64 {
        self.consent_ms.div_euclid(1000).saturating_add(DATA_ACCESS_LIFE_S)
    }

    /// Tells whether the person shared this Page.
    pub(crate) fn shares(&self, index: usize) -> bool {
        index < 8 && self.pages >> index & 1 == 1
    }

    /// Writes the token; never twice the same.
    pub(crate) fn write(&self, key: &Key) -> anyhow::Result<String> {
        let (kind, page) = match self.kind {
            Kind::Short => (b's', 0),
            Kind::Long => (b'l', 0),
            Kind::Page(page) => (b'p', page),
        };
        let mut bytes = vec![FAMILY, kind, page, self.pages];
        bytes.extend_from_slice(&self.person.id.to_be_bytes());
        for number in [self.born_ms, self.consent_ms, self.expires_s] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend_from_slice(&self.asked.0.to_be_bytes());
        bytes.extend_from_slice(&self.granted.0.to_be_bytes());
        bytes.extend_from_slice(&random::<9>()?);
        bytes.extend_from_slice(self.app_id.as_bytes());
        Ok(format!("{PREFIX}{}", letters(&key.seal(PURPOSE, bytes))))
    }

    /// Reads a token; none if it is not one of ours.
    pub(crate) fn read(key: &Key, text: &str) -> Option<Self> {
        let sealed = bytes_of(text.strip_prefix(PREFIX)?)?;
        let bytes = key.open(PURPOSE, &sealed)?;
        let ([family, kind, page, pages], rest) = bytes.split_first_chunk()?;
        let (person, rest) = rest.split_first_chunk()?;
        let (born, rest) = rest.split_first_chunk()?;
        let (consent, rest) = rest.split_first_chunk()?;
        let (expires, rest) = rest.split_first_chunk()?;
        let (asked, rest) = rest.split_first_chunk()?;
        let (granted, rest) = rest.split_first_chunk()?;
        let (_nonce, app_id) = rest.split_first_chunk::<9>()?;
        let kind = match (*family, *kind) {
            (FAMILY, b's') => Kind::Short,
            (FAMILY, b'l') => Kind::Long,
            (FAMILY, b'p') => Kind::Page(*page),
            _ => return None,
        };
        Some(Self {
            kind,
            person: people::by_id(u64::from_be_bytes(*person))?,
            app_id: String::from_utf8(app_id.to_vec()).ok()?,
            born_ms: i64::from_be_bytes(*born),
            consent_ms: i64::from_be_bytes(*consent),
            expires_s: i64::from_be_bytes(*expires),
            asked: Scopes(u32::from_be_bytes(*asked)),
            granted: Scopes(u32::from_be_bytes(*granted)),
            pages: *pages,
        })
    }
}

/// Names a consent: whose it is, and when it was given, which is never the same twice.
pub(crate) fn grant(person: &Person, consent_ms: i64) -> String {
    format!("{}@{consent_ms}", person.user)
}

/// Writes base64 with letters and digits only: `Z` escapes what is neither, and itself.
fn letters(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes).replace('Z', "ZA").replace('-', "ZB").replace('_', "ZC")
}

fn bytes_of(letters: &str) -> Option<Vec<u8>> {
    let mut text = String::with_capacity(letters.len());
    let mut chars = letters.chars();
    while let Some(char) = chars.next() {
        text.push(match char {
            'Z' => match chars.next()? {
                'A' => 'Z',
                'B' => '-',
                'C' => '_',
                _ => return None,
            },
            other if other.is_ascii_alphanumeric() => other,
            _ => return None,
        });
    }
    URL_SAFE_NO_PAD.decode(text).ok()
}

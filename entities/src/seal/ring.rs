//! The key ring: the first key seals, all of them open.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretString};

use super::{Place, Sealed};

const NONCE: usize = 24;
const KEY: usize = 32;

/// Why a key ring cannot be used or a secret not be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// No key at all.
    #[error("KEYRING is empty: write `id:base64-of-32-bytes`, newest key first, separated by commas or lines")]
    NoKey,
    /// An entry that is no key.
    #[error("KEYRING entry {0} is not `id:base64-of-32-bytes`")]
    BadKey(usize),
    /// Two entries with one id.
    #[error("KEYRING has the key id {0:?} twice")]
    TwoKeys(String),
    /// The text was sealed under a key that the ring does not hold.
    #[error("sealed under key {0:?}, which KEYRING does not hold")]
    UnknownKey(String),
    /// What lies there was never sealed.
    #[error("this is no sealed text")]
    NotSealed,
    /// Wrong place, wrong key, or a changed text.
    #[error("the sealed text does not open here: it was copied or changed, or its key had other bytes")]
    DoesNotOpen,
}

/// The longest name of a key: it stands before every text that is sealed under it.
const LONGEST_ID: usize = 64;

/// Returns whether `text` may name a key: up to 64 letters, digits, `-` and `_`.
pub fn is_key_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_')
}

/// The keys: the first one seals, all of them open.
#[derive(Clone)]
pub struct Keyring {
    keys: Vec<(String, XChaCha20Poly1305)>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|(id, _)| id)).finish()
    }
}

impl Keyring {
    /// Parses `id:base64,id:base64`, newest key first; lines serve as well as commas.
    pub fn parse(text: &SecretString) -> Result<Self, SealError> {
        let mut keys: Vec<(String, XChaCha20Poly1305)> = Vec::new();
        let entries = text.expose_secret().split([',', '\n']).map(str::trim).filter(|entry| !entry.is_empty());
        for (index, entry) in entries.enumerate() {
            let bad = SealError::BadKey(index + 1);
            let (id, key) = entry.split_once(':').ok_or(bad.clone())?;
            if !is_key_id(id) {
                return Err(bad);
            }
            let key: [u8; KEY] = STANDARD.decode(key).ok().and_then(|key| key.try_into().ok()).ok_or(bad)?;
            if keys.iter().any(|(known, _)| known == id) {
                return Err(SealError::TwoKeys(id.to_owned()));
            }
            keys.push((id.to_owned(), XChaCha20Poly1305::new(&Key::from(key))));
        }
        if keys.is_empty() { Err(SealError::NoKey) } else { Ok(Self { keys }) }
    }

    /// Returns the id of the key that seals.
    pub fn first_id(&self) -> &str {
        &self.keys[0].0
    }

    /// Returns the ids of all keys, the one that seals first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|(id, _)| id.as_str())
    }

    /// Makes a new key and returns the line that [`Keyring::parse`] reads.
    pub fn generate(id: &str) -> SecretString {
        let key: [u8; KEY] = random();
        format!("{id}:{}", STANDARD.encode(key)).into()
    }

    /// Seals `secret` for `place` under the newest key.
    ///
    /// # Panics
    /// Never for texts shorter than 256 GiB, which is the cipher's bound.
    pub fn seal(&self, place: Place<'_>, secret: &SecretString) -> Sealed {
        let (id, cipher) = &self.keys[0];
        let nonce: [u8; NONCE] = random();
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: &place.associated_data() };
        #[expect(clippy::expect_used, reason = "the cipher refuses only texts over 256 GiB")]
        let text = cipher.encrypt(&XNonce::from(nonce), payload).expect("a text of this size seals");
        let packed: Vec<u8> = nonce.into_iter().chain(text).collect();
        Sealed(format!("{}{}", Sealed::prefix(id), URL_SAFE_NO_PAD.encode(packed)))
    }

    /// Opens what was sealed for `place`.
    pub fn open(&self, place: Place<'_>, sealed: &Sealed) -> Result<SecretString, SealError> {
        let id = sealed.key_id().ok_or(SealError::NotSealed)?;
        let packed = &sealed.0[Sealed::prefix(id).len()..];
        let known = self.keys.iter().find(|(known, _)| known == id);
        let (_, cipher) = known.ok_or_else(|| SealError::UnknownKey(id.to_owned()))?;
        let packed = URL_SAFE_NO_PAD.decode(packed).map_err(|_| SealError::DoesNotOpen)?;
        let (nonce, text) = packed.split_at_checked(NONCE).ok_or(SealError::DoesNotOpen)?;
        let nonce = XNonce::from_slice(nonce);
        let payload = Payload { msg: text, aad: &place.associated_data() };
        let open = cipher.decrypt(nonce, payload).map_err(|_| SealError::DoesNotOpen)?;
        String::from_utf8(open).map(SecretString::from).map_err(|_| SealError::DoesNotOpen)
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "without randomness nothing here is safe to run")]
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::{Keyring, Place, SealError, Sealed, is_key_id};

    const HERE: Place<'static> = Place { table: "t", row: "1", column: "c" };

    fn ring(text: &str) -> Result<Keyring, SealError> {
        Keyring::parse(&text.to_owned().into())
    }

    fn key(id: &str) -> String {
        Keyring::generate(id).expose_secret().to_owned()
    }

    #[test]
    fn a_secret_opens_where_it_was_sealed_and_nowhere_else() {
        let ring = ring(&key("a")).expect("a key");
        let sealed = ring.seal(HERE, &"EAAtoken".to_owned().into());

        assert_eq!(ring.open(HERE, &sealed).expect("opens").expose_secret(), "EAAtoken");
        for elsewhere in [Place { table: "u", ..HERE }, Place { row: "2", ..HERE }, Place { column: "d", ..HERE }] {
            assert_eq!(ring.open(elsewhere, &sealed).expect_err("closed"), SealError::DoesNotOpen);
        }
        assert!(!sealed.as_str().contains("EAAtoken") && !format!("{sealed:?}").contains("EAA"));
    }

    #[test]
    fn an_older_key_still_opens_and_the_newest_seals() {
        let (old, new) = (key("old"), key("new"));
        let sealed = ring(&old).expect("a key").seal(HERE, &"s".to_owned().into());
        let both = ring(&format!("{new}\n{old}\n")).expect("two keys");

        assert_eq!(both.open(HERE, &sealed).expect("opens").expose_secret(), "s");
        assert!(both.seal(HERE, &"s".to_owned().into()).as_str().starts_with("v1.new."));
        let gone = ring(&new).expect("a key").open(HERE, &sealed).expect_err("closed");
        assert_eq!(gone, SealError::UnknownKey("old".to_owned()));
    }

    #[test]
    fn a_changed_text_does_not_open() {
        let ring = ring(&key("a")).expect("a key");
        let sealed = ring.seal(HERE, &"s".to_owned().into());

        for changed in
            [format!("{}A", sealed.as_str()), "v1.a.AAAA".into(), "v1.a".into(), String::new(), "v2.a.b".into()]
        {
            assert!(ring.open(HERE, &Sealed::from_text(changed)).is_err());
        }
    }

    #[test]
    fn a_bad_ring_says_which_entry_is_wrong() {
        let good = key("a");
        assert_eq!(ring(" ").expect_err("empty"), SealError::NoKey);
        assert_eq!(ring(&format!("{good},b:short")).expect_err("short"), SealError::BadKey(2));
        assert_eq!(ring(&format!("{good},b c:{good}")).expect_err("a blank"), SealError::BadKey(2));
        assert!(is_key_id(&"k".repeat(64)) && !is_key_id(&"k".repeat(65)));
        assert!(is_key_id("k20261121-3f_A") && !is_key_id("") && !is_key_id("a.b"));
        assert_eq!(ring(&format!("{good},{good}")).expect_err("twice"), SealError::TwoKeys("a".to_owned()));
    }
}

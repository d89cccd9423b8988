//! What makes the sandbox's tokens, codes and picture addresses unforgeable: one key, a purpose each.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The bytes of a signature that travel; enough for a stand-in, and it keeps tokens short.
pub(crate) const SIGNATURE_LEN: usize = 16;

/// The sandbox's own key.
#[derive(Clone, Debug)]
pub(crate) struct Key(Vec<u8>);

impl Key {
    /// Reads the key from its stored form.
    pub(crate) fn from_text(text: &str) -> anyhow::Result<Self> {
        Ok(Self(URL_SAFE_NO_PAD.decode(text)?))
    }

    /// Makes a key's stored form.
    pub(crate) fn generate() -> anyhow::Result<String> {
        Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
    }

    /// Signs bytes for one purpose, so that a signature of one kind is none of another.
    pub(crate) fn sign(&self, purpose: &str, bytes: &[u8]) -> [u8; SIGNATURE_LEN] {
        let purpose_key = hmac_sha256(&self.0, purpose.as_bytes());
        let full = hmac_sha256(&purpose_key, bytes);
        let mut short = [0; SIGNATURE_LEN];
        short.copy_from_slice(&full[..SIGNATURE_LEN]);
        short
    }

    /// Appends the signature to the bytes.
    pub(crate) fn seal(&self, purpose: &str, mut bytes: Vec<u8>) -> Vec<u8> {
        let signature = self.sign(purpose, &bytes);
        bytes.extend_from_slice(&signature);
        bytes
    }

    /// Returns the bytes without their signature, if it is right.
    pub(crate) fn open<'a>(&self, purpose: &str, sealed: &'a [u8]) -> Option<&'a [u8]> {
        let (bytes, signature) = sealed.split_at_checked(sealed.len().checked_sub(SIGNATURE_LEN)?)?;
        same(&self.sign(purpose, bytes), signature).then_some(bytes)
    }
}

/// HMAC-SHA256.
#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
pub(crate) fn hmac_sha256(key: &[u8], bytes: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(bytes);
    mac.finalize().into_bytes().into()
}

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Compares without telling by time where the difference is.
pub(crate) fn same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// Random bytes of the operating system.
pub(crate) fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random bytes: {error}"))?;
    Ok(bytes)
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
        }
        text
    })
}

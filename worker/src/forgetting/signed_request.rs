//! `signed_request`: what Meta's callbacks bring, and whether it is Meta's.
//!
//! Two parts in base64 with a dot between: the HMAC-SHA256 of the second part as it stands there, and JSON. Meta writes
//! base64 for addresses and without padding; its SDKs have written both otherwise, and all of it is read.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chrono::{DateTime, Utc};
use entities::deletion::Kind;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;

use super::Subject;

/// Padded or not, and with bits left over at the end, as some write.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const FOR_ADDRESSES: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
/// The one algorithm that there is.
const ALGORITHM: &str = "HMAC-SHA256";
/// No id of Meta's has more digits.
const LONGEST_ID: usize = 32;

/// Why something is no request of Meta's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// It is not two parts, or they are no base64.
    #[error("it is not a signature and a payload in base64, with a dot between")]
    Shape,
    /// The signature is another one.
    #[error("the signature is not that of the Meta app")]
    Signature,
    /// What is signed is no JSON object, or names another algorithm.
    #[error("the payload is no JSON object that names the algorithm HMAC-SHA256")]
    Payload,
}

/// What Meta says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRequest {
    /// Who has removed our app, or wants to be forgotten: a person, or a Page. `None`: it names nobody.
    pub subject: Option<Subject>,
    /// When Meta has said it.
    pub issued_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct Payload {
    algorithm: String,
    #[serde(default)]
    user_id: Value,
    #[serde(default)]
    profile_id: Value,
    #[serde(default)]
    issued_at: Value,
}

impl SignedRequest {
    /// Opens what Meta's callback brought. Nothing of it is read before the signature was seen to be right.
    pub fn open(secret: &SecretString, text: &str) -> Result<Self, Rejected> {
        let (signature, payload) = text.split_once('.').ok_or(Rejected::Shape)?;
        let signature = decode(signature).ok_or(Rejected::Shape)?;
        let json = decode(payload).ok_or(Rejected::Shape)?;
        let secret = secret.expose_secret();
        // A secret that is empty is known to everybody.
        if secret.is_empty() {
            return Err(Rejected::Signature);
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| Rejected::Signature)?;
        mac.update(payload.as_bytes());
        // In constant time, and of the whole length.
        mac.verify_slice(&signature).map_err(|_| Rejected::Signature)?;
        let payload: Payload = serde_json::from_slice(&json).map_err(|_| Rejected::Payload)?;
        if !payload.algorithm.eq_ignore_ascii_case(ALGORITHM) {
            return Err(Rejected::Payload);
        }
        // Where a Page removes the app, the person is 0.
        let person = id(&payload.user_id).map(|id| Subject { kind: Kind::Person, id });
        let page = || id(&payload.profile_id).map(|id| Subject { kind: Kind::Page, id });
        let issued_at = payload.issued_at.as_i64().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        Ok(Self { subject: person.or_else(page), issued_at })
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() {
        return None;
    }
    FOR_ADDRESSES.decode(text).or_else(|_| STANDARD.decode(text)).ok()
}

/// An id, written as a text or as a number; a number has all its digits.
fn id(value: &Value) -> Option<String> {
    let digits = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_u64()?.to_string(),
        _ => return None,
    };
    let is_id = !digits.is_empty() && digits.len() <= LONGEST_ID && digits.bytes().all(|digit| digit.is_ascii_digit());
    (is_id && digits != "0").then_some(digits)
}

#[cfg(test)]
#[path = "signed_request_tests.rs"]
mod tests;

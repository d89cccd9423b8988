//! `appsecret_proof`: shows Meta that a token is used by its own app's server.
//! The classic form, without a time (developers.facebook.com/docs/graph-api/guides/secure-requests).

use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Returns the lower-case hex HMAC-SHA256 of `token` under the app's secret.
pub(super) fn appsecret_proof(secret: &SecretString, token: &SecretString) -> String {
    // HMAC takes a key of any length; the error type exists for other constructions.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else {
        return String::new();
    };
    mac.update(token.expose_secret().as_bytes());
    let digest = mac.finalize().into_bytes();
    let mut hex = String::with_capacity(digest.len() * 2);
    for byte in digest {
        hex.push(char::from(HEX[usize::from(byte >> 4)]));
        hex.push(char::from(HEX[usize::from(byte & 0x0f)]));
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_is_the_hex_hmac_of_the_token_under_the_secret() {
        // RFC 4231, test case 2.
        let proof = appsecret_proof(&"Jefe".into(), &"what do ya want for nothing?".into());
        assert_eq!(proof, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}

//! The host platform's hand: signs tokens as a host does, by the tests' own few lines and not by the product's.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// What the host platform and the service share.
pub(crate) const SECRET: &str = "what the host platform and the service share";

/// Signs claims as a host platform does.
pub(crate) fn sign(claims: &Value) -> String {
    sign_with(SECRET, &json!({"alg": "HS256", "typ": "JWT"}), claims)
}

/// Signs claims under any header, with any secret; a secret that is empty signs nothing, as `alg: none` does.
pub(crate) fn sign_with(secret: &str, header: &Value, claims: &Value) -> String {
    let signed = format!("{}.{}", part(header.to_string()), part(claims.to_string()));
    if secret.is_empty() {
        return format!("{signed}.");
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length serves");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", part(mac.finalize().into_bytes()))
}

fn part(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

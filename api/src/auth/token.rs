//! The host platform's tokens: HS256 JSON Web Tokens `{app, user, exp}`, signed with `APP_TOKEN_SECRET`.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use crate::problem::Problem;

/// How far the host platform's clock may be from ours.
pub(super) const LEEWAY: TimeDelta = TimeDelta::seconds(5);
/// No host platform signs for longer on purpose: an end beyond is a time in milliseconds, and would never come.
const FURTHEST: TimeDelta = TimeDelta::days(366);
/// A longer one is not read.
const LONGEST: usize = 4_096;

/// What the host platform signed.
#[derive(Debug)]
pub(crate) struct Claims {
    /// The app for which its bearer may ask.
    pub app: String,
    /// The app's owner.
    pub user: String,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
}

/// The claims as they are written. Others may stand beside them.
#[derive(Deserialize)]
struct Written {
    app: String,
    user: String,
    exp: f64,
    nbf: Option<f64>,
}

/// Returns whether a text is a JSON Web Token, whoever signed it.
pub(super) fn is_one(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let is_part = |part: &&str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    // What begins a JSON object, in base64.
    parts.len() == 3 && parts.iter().all(is_part) && parts[..2].iter().all(|part| part.starts_with("eyJ"))
}

/// Opens a token at `now`, a time of the wall clock: the host platform does not follow the domain's.
pub(super) fn open(secret: &SecretString, text: &str, now: DateTime<Utc>) -> Result<Claims, Problem> {
    if text.len() > LONGEST {
        return Err(Problem::unauthorised("unauthorised", "The token is longer than 4096 bytes."));
    }
    let Some((Written { app, user, nbf, .. }, ends_at)) = verified(secret, text) else {
        let detail = "This is no token that APP_TOKEN_SECRET signed: a JSON Web Token, alg HS256, with the texts \
                      `app` and `user` and the number `exp`.";
        return Err(Problem::unauthorised("unauthorised", detail));
    };
    if ends_at + LEEWAY <= now {
        return Err(Problem::unauthorised("token_expired", "The token's `exp` is over; sign a new one."));
    }
    if ends_at > now + FURTHEST {
        let detail = "The token's `exp` is more than a year ahead; it counts seconds since 1970, not milliseconds.";
        return Err(Problem::unauthorised("token_lives_too_long", detail));
    }
    if nbf.is_some_and(|start| time(start).is_none_or(|start| start - LEEWAY > now)) {
        return Err(Problem::unauthorised("unauthorised", "The token's `nbf` has not come yet."));
    }
    Ok(Claims { app, user, ends_at })
}

fn verified(secret: &SecretString, text: &str) -> Option<(Written, DateTime<Utc>)> {
    let mut rules = Validation::new(Algorithm::HS256);
    // The library would ask the system for the time; ours is a parameter.
    rules.validate_exp = false;
    let key = DecodingKey::from_secret(secret.expose_secret().as_bytes());
    let token = jsonwebtoken::decode::<Written>(text, &key, &rules).ok()?;
    if has_critical_fields(text) {
        return None;
    }
    let is_jwt = token.header.typ.is_none_or(|typ| typ.eq_ignore_ascii_case("JWT"));
    let ends_at = time(token.claims.exp)?;
    is_jwt.then_some((token.claims, ends_at))
}

/// Whether the header names fields that whoever reads the token must understand (`crit`): we understand none.
fn has_critical_fields(text: &str) -> bool {
    let header = text.split('.').next().and_then(|header| URL_SAFE_NO_PAD.decode(header).ok());
    let header = header.and_then(|header| serde_json::from_slice::<Value>(&header).ok());
    header.is_none_or(|header| header.get("crit").is_some())
}

/// Seconds since 1970, as tokens write a time.
fn time(seconds: f64) -> Option<DateTime<Utc>> {
    let since = TimeDelta::from_std(Duration::try_from_secs_f64(seconds).ok()?).ok()?;
    // A day beyond is left free, for what is added to it.
    (since < TimeDelta::days(36_525_000)).then(|| DateTime::UNIX_EPOCH + since)
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use base64::Engine;
    use chrono::{DateTime, TimeDelta};
    use jsonwebtoken::{Algorithm, EncodingKey, Header};
    use secrecy::SecretString;
    use serde_json::{Value, json};

    use super::{URL_SAFE_NO_PAD, is_one, open};

    const SECRET: &str = "a secret of the host platform, 32 bytes and more";
    /// Whole seconds since 1970, at which the tests ask.
    const NOW: i64 = 1_728_000_000;

    fn sign(header: &Header, claims: &Value) -> String {
        jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(SECRET.as_bytes())).expect("signed")
    }

    fn claims(exp: impl Into<Value>) -> Value {
        json!({"app": "w1", "user": "u", "exp": exp.into()})
    }

    fn is_open(text: &str) -> bool {
        match open(&SecretString::from(SECRET), text, DateTime::UNIX_EPOCH + TimeDelta::seconds(NOW)) {
            Ok(claims) => (claims.app, claims.user) == ("w1".into(), "u".into()),
            Err(problem) => {
                assert_eq!(problem.into_response().status(), 401);
                false
            }
        }
    }

    #[test]
    fn a_token_opens_until_its_end_and_a_few_seconds_more() {
        for (exp, opens) in [(60, true), (0, true), (-4, true), (-5, false), (-60, false)] {
            assert_eq!(is_open(&sign(&Header::default(), &claims(NOW + exp))), opens, "{exp}");
        }
        assert!(is_open(&sign(&Header::default(), &claims(1_728_000_000.5))), "a fraction of a second");
    }

    #[test]
    fn an_end_in_milliseconds_is_no_end() {
        for (exp, opens) in [(NOW + 360 * 86_400, true), (NOW + 370 * 86_400, false), ((NOW + 60) * 1_000, false)] {
            assert_eq!(is_open(&sign(&Header::default(), &claims(exp))), opens, "{exp}");
        }
    }

    #[test]
    fn an_end_is_a_number_that_is_a_time() {
        for exp in [json!(null), json!("1728000060"), json!(1e300), json!(-1), json!(true), json!([1])] {
            assert!(!is_open(&sign(&Header::default(), &claims(exp.clone()))), "{exp}");
        }
        for claims in [json!({"app": "w1", "user": "u"}), json!({"app": 1, "user": "u", "exp": 1e12}), json!("x")] {
            assert!(!is_open(&sign(&Header::default(), &claims)), "{claims}");
        }
    }

    #[test]
    fn a_token_is_known_whoever_signed_it() {
        assert!(is_one(&sign(&Header::default(), &claims(NOW))) && is_one(&sign(&Header::default(), &claims(0))));
        for text in ["", "a.b.c", "eyJhbGciOi", "www.example.com", "eyJ.eyJ", "eyJ a.eyJ.x"] {
            assert!(!is_one(text), "{text}");
        }
    }

    #[test]
    fn only_hs256_of_the_kind_jwt_counts() {
        let good = claims(NOW + 60);
        let header = |typ: Option<&str>, alg| Header { typ: typ.map(str::to_owned), ..Header::new(alg) };
        for (header, opens) in [
            (header(Some("JWT"), Algorithm::HS256), true),
            (header(Some("jwt"), Algorithm::HS256), true),
            (header(None, Algorithm::HS256), true),
            (header(Some("at+jwt"), Algorithm::HS256), false),
            (header(Some("JWT"), Algorithm::HS384), false),
            (header(Some("JWT"), Algorithm::HS512), false),
        ] {
            assert_eq!(is_open(&sign(&header, &good)), opens, "{header:?}");
        }
    }

    #[test]
    fn a_header_that_wants_more_to_be_understood_does_not_open() {
        let sign = |header: &str| {
            let claims = URL_SAFE_NO_PAD.encode(claims(NOW + 60).to_string());
            let signed = format!("{}.{claims}", URL_SAFE_NO_PAD.encode(header));
            let key = EncodingKey::from_secret(SECRET.as_bytes());
            let proof = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, Algorithm::HS256).expect("signed");
            format!("{signed}.{proof}")
        };
        assert!(is_open(&sign(r#"{"alg":"HS256"}"#)));
        assert!(!is_open(&sign(r#"{"alg":"HS256","crit":["b64"],"b64":true}"#)));
        assert!(!is_open(&sign(r#"{"alg":"HS256","crit":[]}"#)));
    }

    #[test]
    fn a_token_for_later_or_for_somebody_else_does_not_open() {
        let mut later = claims(NOW + 60);
        later["nbf"] = json!(NOW + 30);
        let mut other = claims(NOW + 60);
        other["aud"] = json!("another service");

        assert!(!is_open(&sign(&Header::default(), &later)));
        assert!(!is_open(&sign(&Header::default(), &other)));
    }

    #[test]
    fn what_is_changed_cut_or_long_does_not_open() {
        let good = sign(&Header::default(), &claims(NOW + 60));
        assert!(is_open(&good));
        for end in [good.len() - 1, good.len() / 2, 1, 0] {
            assert!(!is_open(&good[..end]), "{end}");
        }
        let last = if good.ends_with('A') { "B" } else { "A" };
        assert!(!is_open(&format!("{}{last}", &good[..good.len() - 1])));
        let mut long = claims(NOW + 60);
        long["more"] = json!("x".repeat(4_096));
        assert!(!is_open(&sign(&Header::default(), &long)), "a token over 4 KB");
    }
}

//! From Meta's answer to our error: one pure function, decided on numbers.
//!
//! Meta's texts are localised and its statuses unreliable, so both count only where there is no code that we
//! know. Within codes 1, 100, 190 and 200 a short list of stable English fragments may refine; a text that
//! matches none falls back to the number. Sources: developers.facebook.com/docs/graph-api/guides/error-handling,
//! .../overview/rate-limiting, .../docs/instagram-platform (error codes).

use std::time::Duration;

use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

use super::envelope::Envelope;
use super::scrub::scrub;
use super::{Class, Details, Error, Scope, Usage};

const DAY: Duration = Duration::from_hours(24);

/// What the numbers say.
#[derive(Clone, Copy)]
enum Verdict {
    Is(Class),
    /// A limit on somebody, with the wait to assume where Meta names none.
    Limit(Scope, Option<Duration>),
    /// The code is not in the table.
    Unknown,
}

use Class::{Ambiguous, AppMisconfigured, BadRequest, NotFound, PermissionLost, TokenDead, Transient};
use Verdict::{Is, Limit, Unknown};

/// Returns what an answer means that is no success. `call` is the method that asked, or empty.
pub fn classify(call: &'static str, status: u16, headers: &HeaderMap, body: &[u8]) -> Error {
    let usage = Usage::read(headers);
    let (verdict, envelope) = match Envelope::read(body) {
        Some(envelope) => (judge(call, status, headers, &envelope), envelope),
        None => (without_envelope(status), Envelope::default()),
    };
    let fallback = if body.is_empty() { "an empty answer" } else { "an answer that is no error of Meta's" };
    build(call, Some(status), verdict, envelope, &usage, fallback)
}

/// Returns what `debug_token` says is wrong with the token it was asked about.
pub(super) fn inspected(envelope: Envelope) -> Error {
    let verdict = match by_number(&envelope) {
        Unknown => Is(Ambiguous),
        known => known,
    };
    build("debug_token", None, verdict, envelope, &Usage::default(), "no reason given")
}

fn judge(call: &str, status: u16, headers: &HeaderMap, envelope: &Envelope) -> Verdict {
    let verdict = by_number(envelope);
    match verdict {
        // The token of `debug_token` is our app's own: it is not the owner who must act.
        Is(TokenDead) if call == "debug_token" => Is(AppMisconfigured),
        Unknown => without_known_code(status, headers, envelope),
        known => known,
    }
}

/// The table. Numbers first, `is_transient` where it is true, fragments last.
#[expect(clippy::match_same_arms, reason = "a row per code, in the order of Meta's numbers")]
fn by_number(envelope: &Envelope) -> Verdict {
    let Some(code) = envelope.code else {
        return Unknown;
    };
    if envelope.is_flat && (400..600).contains(&code) {
        return Unknown;
    }
    let subcode = envelope.subcode.unwrap_or(0);
    if let Some(limit) = limit(code, subcode) {
        return limit;
    }
    if envelope.is_transient {
        return Is(Transient);
    }
    let says = |fragment: &str| {
        let message = envelope.message.as_deref().unwrap_or_default();
        message.to_ascii_lowercase().contains(fragment)
    };
    match (code, subcode) {
        (-1 | -2, _) => Is(Transient),
        (1, 2_207_057) => Is(BadRequest),
        (1, _) if says("reduce the amount of data") => Is(BadRequest),
        (1, _) if says("validating client secret") => Is(AppMisconfigured),
        // Downtime has no subcode; a named cause that Meta calls lasting will not pass.
        (1, 1..) if envelope.is_lasting => Is(BadRequest),
        (1 | 2 | 9007, _) => Is(Transient),
        // Unknown method, capability, address, session form; wrong app id, wrong signature, wrong domain, old version.
        (3 | 5 | 12 | 15 | 101 | 104 | 191 | 2635, _) => Is(AppMisconfigured),
        // 25 is an account that Instagram restricted: only its owner can lift that.
        (10 | 25, _) => Is(PermissionLost),
        (24 | 110 | 803, _) => Is(NotFound),
        (100, _) => invalid_parameter(subcode, envelope, &says),
        // The person lost the Page role: the same person's new login fails alike.
        (102 | 190, 492) => Is(PermissionLost),
        (190, _) if says("application has been deleted") => Is(AppMisconfigured),
        (102 | 190, _) => Is(TokenDead),
        (200, _) if ["api access blocked", "api access disrupted", "deactivated"].iter().any(|text| says(text)) => {
            Is(AppMisconfigured)
        }
        (200..=299, _) => Is(PermissionLost),
        (105 | 194 | 352 | 506 | 1705 | 2500 | 9004 | 36000 | 36001 | 36003 | 36004, _) => Is(BadRequest),
        _ => Unknown,
    }
}

/// The codes that are limits, and whom they limit.
#[expect(clippy::match_same_arms, reason = "a row per code, in the order of Meta's numbers")]
fn limit(code: i64, subcode: i64) -> Option<Verdict> {
    let (scope, wait) = match (code, subcode) {
        // A duplicate is no limit, although Meta files it among them.
        (368, 1_404_082) => return Some(Is(BadRequest)),
        // "The action looks like spam": hammering makes it worse.
        (4, 2_207_051) | (368, _) => (Scope::Account, Some(DAY)),
        (4 | 341, _) => (Scope::App, None),
        (9, _) => (Scope::Account, Some(DAY)),
        (17 | 613, _) => (Scope::User, None),
        // Thirty hashtags in seven days; the wait is the ledger's to shorten.
        (18, _) => (Scope::Hashtag, Some(DAY.saturating_mul(7))),
        (32 | 80001 | 80006, _) => (Scope::Page, None),
        (80000..=80014, _) => (Scope::Account, None),
        _ => return None,
    };
    Some(Limit(scope, wait))
}

/// Code 100 is a bad parameter and much else.
fn invalid_parameter(subcode: i64, envelope: &Envelope, says: &dyn Fn(&str) -> bool) -> Verdict {
    match subcode {
        // "Does not exist, or no permission, or not supported": five causes with one text, which only a diagnosis
        // tells apart. On Threads there is no Page in between, so there it is simply gone.
        33 if envelope.kind.as_deref() == Some("THApiException") => return Is(NotFound),
        33 => return Is(Ambiguous),
        2_207_013 => return Is(NotFound),
        0 => {}
        _ => return Is(BadRequest),
    }
    if says("app secret proof") || says("appsecret_proof") {
        return Is(AppMisconfigured);
    }
    // Standard Access: our app may not read accounts of people without a role on it.
    if says("unsupported request - method type") {
        return Is(AppMisconfigured);
    }
    // Names the missing permission or feature, although it opens with "Object does not exist".
    if says("endpoint requires the") {
        return Is(PermissionLost);
    }
    if says("does not exist, cannot be loaded") {
        return Is(NotFound);
    }
    Is(BadRequest)
}

/// An error body whose code is absent, or not in the table: the rest must do.
fn without_known_code(status: u16, headers: &HeaderMap, envelope: &Envelope) -> Verdict {
    if envelope.is_transient {
        return Is(Transient);
    }
    let has_code = envelope.code.is_some() && !envelope.is_flat;
    let flat_status = envelope.code.and_then(|code| u16::try_from(code).ok());
    let status = if envelope.is_flat { flat_status.unwrap_or(status) } else { status };
    match status {
        429 => return Limit(Scope::None, None),
        500.. => return Is(Transient),
        // A number that we do not know is no reason to give up, nor to call anybody.
        _ if has_code => return Is(Ambiguous),
        _ => {}
    }
    // It quotes the localised text too, so it need not be ASCII.
    let challenge =
        headers.get(WWW_AUTHENTICATE).map(|value| String::from_utf8_lossy(value.as_bytes())).unwrap_or_default();
    let message = envelope.message.as_deref().unwrap_or_default().to_ascii_lowercase();
    let is_token = ["validating access token", "malformed access token", "invalid oauth access token"]
        .iter()
        .any(|fragment| message.contains(fragment));
    match status {
        _ if challenge.contains("\"invalid_token\"") || is_token => Is(TokenDead),
        401 | 403 => Is(Ambiguous),
        404 => Is(NotFound),
        _ => Is(BadRequest),
    }
}

/// No error body at all: a proxy, a time-out page, a broken line. None of it is a reason to call anybody.
const fn without_envelope(status: u16) -> Verdict {
    match status {
        429 => Limit(Scope::None, None),
        _ => Is(Transient),
    }
}

fn build(
    call: &'static str,
    status: Option<u16>,
    verdict: Verdict,
    envelope: Envelope,
    usage: &Usage,
    fallback: &str,
) -> Error {
    let clean = |text: Option<String>| text.map(|text| scrub(&text));
    let details = Box::new(Details {
        call,
        status,
        code: envelope.code.filter(|_| !envelope.is_flat),
        subcode: envelope.subcode,
        kind: clean(envelope.kind),
        fbtrace_id: clean(envelope.fbtrace_id),
        message: clean(envelope.message).unwrap_or_else(|| fallback.to_owned()),
    });
    match verdict {
        Limit(scope, wait) => Error::RateLimited { details, retry_after: usage.regain_after.max(wait), scope },
        Is(Class::RateLimited) => Error::RateLimited { details, retry_after: usage.regain_after, scope: Scope::None },
        Is(Transient) => Error::Transient { details, source: None },
        Is(TokenDead) => Error::TokenDead(details),
        Is(PermissionLost) => Error::PermissionLost(details),
        Is(AppMisconfigured) => Error::AppMisconfigured(details),
        Is(NotFound) => Error::NotFound(details),
        Is(BadRequest) => Error::BadRequest(details),
        Is(Ambiguous) | Unknown => Error::Ambiguous(details),
    }
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;

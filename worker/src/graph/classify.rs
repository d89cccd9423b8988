//! From Meta's answer to our error: one pure function, decided on numbers.
//!
//! Meta's texts are localised and its statuses unreliable, so both count only where there is no code that we
//! know. Within codes 1, 100, 190 and 200 a short list of stable English fragments may refine; a text that
//! matches none falls back to the number. Sources: developers.facebook.com/docs/graph-api/guides/error-handling,
//! .../overview/rate-limiting, .../docs/instagram-platform (error codes).

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::envelope::Envelope;
use super::scrub::scrub;
use super::unnumbered::{by_challenge, by_text, by_word};
use super::{Class, Details, Error, Scope, Usage};

const DAY: Duration = Duration::from_hours(24);

/// What the numbers say.
#[derive(Clone, Copy)]
pub(super) enum Verdict {
    Is(Class),
    /// A limit on somebody, with the wait to assume where Meta names none.
    Limit(Scope, Option<Duration>),
    /// The code is not in the table.
    Unknown,
}

use Class::{Ambiguous, AppMisconfigured, BadRequest, NotFound, PermissionLost, TokenDead, Transient};
use Verdict::{Is, Limit, Unknown};

/// Returns what an answer means that is no success. `call` is the method that asked, or empty; a `status` of 0 is not
/// known.
pub fn classify(call: &'static str, status: u16, headers: &HeaderMap, body: &[u8]) -> Error {
    let envelope = Envelope::read(body);
    let headers = match &envelope {
        // An element of a batch has headers of its own.
        Some(envelope) if !envelope.headers.is_empty() => &with_own(headers, &envelope.headers),
        _ => headers,
    };
    let usage = Usage::read(headers);
    let (verdict, envelope) = match envelope {
        Some(envelope) => (judge(call, status, headers, &envelope), envelope),
        None => (without_envelope(status, headers), Envelope::default()),
    };
    let status = envelope.status.filter(|_| status == 0).unwrap_or(status);
    let fallback = if body.is_empty() { "an empty answer" } else { "an answer that is no error of Meta's" };
    build(call, Some(status).filter(|status| *status > 0), verdict, envelope, &usage, fallback)
}

fn with_own(headers: &HeaderMap, own: &[(String, String)]) -> HeaderMap {
    let mut all = headers.clone();
    for (name, value) in own {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            all.append(name, value);
        }
    }
    all
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
    let subcode = envelope.subcode.unwrap_or(0);
    if let Some(limit) = limit(code, subcode) {
        return limit;
    }
    // A dead token does not pass, whatever is said beside it.
    if envelope.is_transient && !matches!(code, 102 | 190) {
        return Is(Transient);
    }
    let says = |fragment: &str| {
        let message = envelope.message.as_deref().unwrap_or_default();
        message.to_ascii_lowercase().contains(fragment)
    };
    match (code, subcode) {
        // Instagram's server, a download that took too long.
        (..=-1, _) => Is(Transient),
        (1, 2_207_057) => Is(BadRequest),
        (1, _) if says("reduce the amount of data") => Is(BadRequest),
        (1, _) if says("validating client secret") => Is(AppMisconfigured),
        (1, 99) => Is(Transient),
        // Downtime has no subcode; a named cause that Meta calls lasting will not pass.
        (1, 1..) if envelope.is_lasting => Is(BadRequest),
        (1 | 2 | 1200 | 9007, _) => Is(Transient),
        // Unknown method, capability, address, host, old method, old version, session form; wrong app id, wrong
        // signature, wrong domain, old version.
        (3 | 5 | 6 | 11 | 12 | 15 | 101 | 104 | 191 | 2635, _) => Is(AppMisconfigured),
        // 25 is an account that Instagram restricted: only its owner can lift that.
        (10 | 25, _) => Is(PermissionLost),
        // 21 is a Page that has moved to another id.
        (21 | 24 | 110 | 803, _) => Is(NotFound),
        (100, _) => invalid_parameter(subcode, envelope, &says),
        // The person lost the Page role: the same person's new login fails alike.
        (102 | 190, 492) => Is(PermissionLost),
        (190, _) if says("application has been deleted") => Is(AppMisconfigured),
        (102 | 190, _) => Is(TokenDead),
        (200, _) if ["api access blocked", "api access disrupted", "deactivated"].iter().any(|text| says(text)) => {
            Is(AppMisconfigured)
        }
        (200..=299, _) => Is(PermissionLost),
        (105 | 194 | 352 | 506 | 1705 | 2500 | 9004 | 36000..=36999, _) => Is(BadRequest),
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
    // `debug_token` speaks of no other app's tokens.
    if says("did not match the viewing app") {
        return Is(AppMisconfigured);
    }
    if says("does not exist, cannot be loaded") || says("unsupported get request") {
        return Is(NotFound);
    }
    Is(BadRequest)
}

/// An error body whose code is absent, or not in the table: the rest must do.
fn without_known_code(status: u16, headers: &HeaderMap, envelope: &Envelope) -> Verdict {
    if envelope.is_transient {
        return Is(Transient);
    }
    // A gateway writes its status where Meta writes a code.
    let as_status = envelope.code.and_then(|code| u16::try_from(code).ok()).filter(|code| (400..600).contains(code));
    let has_code = envelope.code.is_some() && as_status.is_none();
    let status = as_status.or(envelope.status).unwrap_or(status);
    match status {
        429 => return Limit(Scope::None, None),
        500.. => return Is(Transient),
        // A number that we do not know is no reason to give up, nor to call anybody.
        _ if has_code => return Is(Ambiguous),
        _ => {}
    }
    let said = by_word(envelope.kind.as_deref().unwrap_or_default())
        .or_else(|| by_text(envelope.message.as_deref().unwrap_or_default()))
        .or_else(|| by_challenge(headers));
    said.unwrap_or(match status {
        401 | 403 => Is(Ambiguous),
        404 | 410 => Is(NotFound),
        // Nobody says what went wrong, nor how badly.
        0 => Is(Transient),
        _ => Is(BadRequest),
    })
}

/// No error body at all: a proxy, a time-out page, a broken line. None of it is a reason to call anybody, unless Meta
/// says so in the header.
fn without_envelope(status: u16, headers: &HeaderMap) -> Verdict {
    match status {
        429 => Limit(Scope::None, None),
        400 | 401 | 403 => by_challenge(headers).unwrap_or(Is(Transient)),
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
        code: envelope.code,
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

//! Takes tokens and secrets out of Meta's texts, which quote them ("Malformed access token EAA…") and
//! link to them (`paging.next` holds the whole token). Better a word too many than a token.
//!
//! A text is read word by word. A word is masked for what stands before it (`access_token=`, `Bearer`), or for how it
//! looks (the openings of the tokens seen; long and opaque). Escapes (`%3D`, `\u0022`) count as what they stand for.

/// Enough to recognise an error; what is longer repeats itself.
const LONGEST: usize = 600;
/// So many bytes hold [`LONGEST`] characters of any script.
const ENOUGH: usize = LONGEST * 4;
/// No more bytes are read: they hold what is kept and the tokens in between, and a word may be looked at many times.
const MOST_READ: usize = 8 * 1024;
const MASK: &str = "[removed]";

/// Names whose value is a secret, in a URL, a form or JSON; also as the ending of a longer name.
const SECRET_NAMES: [&str; 15] = [
    "_token",
    "accesstoken",
    "refreshtoken",
    "_secret",
    "clientsecret",
    "appsecret",
    "_proof",
    "signed_request",
    "password",
    "code_verifier",
    "oauth_verifier",
    "_signature",
    "api_key",
    "sessionid",
    "cookie",
];
/// Names that are ordinary words too: they count only where `=` or quotes follow.
const SECRET_WORDS: [&str; 6] = ["token", "secret", "code", "state", "sig", "signature"];
/// How a credential is announced in a header.
const SCHEMES: [&str; 3] = ["bearer", "basic", "oauth"];

/// The openings of the tokens seen: Facebook, Instagram Login, its older form, Threads and its newer form.
const TOKEN_OPENINGS: [&str; 5] = ["EAA", "IGAA", "IGQ", "THQ", "THAA"];
/// The opening of the dialog's codes; only a long word counts, for it is short.
const CODE_OPENING: &str = "AQ";
/// A word of this length with a digit in it, or of capitals and small letters, is taken for a token.
const TOKEN_LENGTH: usize = 32;
/// A run of base64 with its `/` and `+`, which divide words elsewhere.
const BASE64_LENGTH: usize = 40;
/// An id is shorter than a credential of Meta's; so is what people name things.
const CREDENTIAL_LENGTH: usize = 40;

/// Returns the text without tokens, secrets and control characters, cut to a sensible length.
pub fn scrub(text: &str) -> String {
    let mut clean = String::with_capacity(text.len().min(ENOUGH));
    let read_text = &text[..text.floor_char_boundary(MOST_READ)];
    let is_cut = read_text.len() < text.len();
    let mut rest = read_text;
    let mut before = Before::default();
    while let Some((first, width)) = read(rest)
        && clean.len() <= ENOUGH
    {
        if !is_token_char(first) {
            before.pass(first);
            let (separator, after) = rest.split_at(width);
            clean.extend(separator.chars().map(|c| if c.is_control() { ' ' } else { c }));
            rest = after;
            continue;
        }
        let (word, base64) = (word_end(rest, is_token_char), word_end(rest, is_base64_char));
        let is_base64 = base64 > word && is_opaque_base64(&decoded(&rest[..base64]));
        let (piece, after) = rest.split_at(if is_base64 { base64 } else { word });
        rest = after;
        let plain = decoded(piece);
        // Nobody can say what the word is that was cut through.
        let is_part = is_cut && rest.is_empty();
        if is_base64 || is_part || before.names_a_secret(&plain) || is_token(&plain) {
            // A full stop at the end of a sentence is no part of the token.
            clean.push_str(MASK);
            clean.push_str(&piece[piece.trim_end_matches('.').len()..]);
            before.word(MASK);
        } else {
            clean.push_str(piece);
            before.word(&plain);
        }
    }
    match clean.char_indices().nth(LONGEST) {
        Some((cut, _)) => clean[..cut].to_owned() + "…",
        None if is_cut => clean + "…",
        None => clean,
    }
}

/// Returns whether a text is, beyond doubt, a credential of Meta's: what somebody has put in the wrong field.
pub fn is_credential(text: &str) -> bool {
    let opens = TOKEN_OPENINGS.iter().chain([&CODE_OPENING]).any(|opening| text.starts_with(opening));
    (opens && text.len() >= CREDENTIAL_LENGTH && text.bytes().all(|byte| byte.is_ascii_graphic())) || is_app_token(text)
}

/// The words just read, which tell what the next one is.
#[derive(Default)]
struct Before {
    last: String,
    last_but_one: String,
    assigned_by: Option<char>,
    is_quoted: bool,
    malformed: bool,
}

impl Before {
    fn word(&mut self, word: &str) {
        self.malformed = self.last_but_one == "malformed";
        self.last_but_one = std::mem::replace(&mut self.last, word.to_ascii_lowercase());
        self.assigned_by = None;
        self.is_quoted = false;
    }

    fn pass(&mut self, separator: char) {
        match separator {
            '=' | ':' => self.assigned_by = Some(separator),
            '"' | '\'' => self.is_quoted = true,
            ' ' | '\\' | '[' | '{' | '>' => {}
            _ => self.word(""),
        }
    }

    /// `access_token=…`, `"access_token":"…"`, `Bearer …`, "Malformed access token …".
    fn names_a_secret(&self, value: &str) -> bool {
        let is_scheme = SCHEMES.contains(&self.last.as_str());
        let is_header = is_scheme && self.last_but_one == "authorization" && self.assigned_by.is_none();
        let is_named = match self.assigned_by {
            // Behind `Authorization:` comes the scheme, behind it the credential.
            Some(_) if self.last == "authorization" => !SCHEMES.contains(&value.to_ascii_lowercase().as_str()),
            Some(sign) => self.is_secret_name(sign, value),
            None => false,
        };
        is_named || is_header || self.last == "bearer" || self.is_quoted_token()
    }

    fn is_secret_name(&self, sign: char, value: &str) -> bool {
        let is_number = value.len() <= 10 && value.bytes().all(|byte| byte.is_ascii_digit());
        let name = self.last.as_str();
        SECRET_NAMES.iter().any(|secret| name.ends_with(secret) || name == secret.trim_start_matches('_'))
            && (sign == '=' || self.is_quoted || name.contains('_'))
            || (SECRET_WORDS.contains(&name) && (sign == '=' || self.is_quoted) && !is_number)
    }

    /// The word after "Malformed access token" is the token itself.
    fn is_quoted_token(&self) -> bool {
        self.last == "token" && self.last_but_one == "access" && self.malformed
    }
}

/// Reads a character, or the separator that an escape stands for, and how many bytes it takes.
fn read(text: &str) -> Option<(char, usize)> {
    let first = text.chars().next()?;
    let escaped = match first {
        '%' => percent(text),
        '\\' => text.get(2..6).filter(|_| text.starts_with("\\u")).and_then(|hex| ascii(hex, 6)),
        _ => None,
    };
    let escaped = escaped.filter(|(c, _)| !is_token_char(*c));
    escaped.or(Some((first, first.len_utf8())))
}

/// `%3D`, and `%253D` of a text that was encoded twice.
fn percent(text: &str) -> Option<(char, usize)> {
    let mut at = 1;
    while text.get(at..at + 2) == Some("25") {
        at += 2;
    }
    ascii(text.get(at..at + 2)?, at + 2)
}

fn ascii(hex: &str, width: usize) -> Option<(char, usize)> {
    let code = u32::from_str_radix(hex, 16).ok()?;
    char::from_u32(code).filter(char::is_ascii).map(|c| (c, width))
}

fn word_end(text: &str, belongs: fn(char) -> bool) -> usize {
    let mut end = 0;
    while let Some((c, width)) = read(&text[end..])
        && belongs(c)
    {
        end += width;
    }
    end
}

/// The word with its escapes as what they stand for: `1%7Cx` is `1|x`.
fn decoded(word: &str) -> String {
    let mut plain = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let (c, width) = if first == '%' { percent(rest) } else { None }.unwrap_or((first, first.len_utf8()));
        plain.push(c);
        rest = &rest[width..];
    }
    plain
}

/// What a token is made of, also in percent-encoding; `|` joins an app's id and secret.
const fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '|' | '%' | '~' | '+')
}

const fn is_base64_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '%')
}

fn is_opaque_base64(run: &str) -> bool {
    run.len() >= BASE64_LENGTH && has_digit(run) && has_both_cases(run)
}

fn is_token(word: &str) -> bool {
    let opens = |part: &str| TOKEN_OPENINGS.iter().any(|open| part.starts_with(*open) && part.len() > open.len() + 4);
    let is_long = word.len() >= TOKEN_LENGTH;
    let is_opaque = has_digit(word) && word.bytes().any(|byte| byte.is_ascii_alphabetic()) || has_both_cases(word);
    word.split(['.', '-', '_', '|', '~', '+', '%']).any(opens) || is_app_token(word) || (is_long && is_opaque)
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

fn has_both_cases(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_lowercase()) && word.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// `APP_ID|SECRET`.
fn is_app_token(word: &str) -> bool {
    word.split_once('|')
        .is_some_and(|(id, secret)| id.len() >= 5 && id.bytes().all(|byte| byte.is_ascii_digit()) && !secret.is_empty())
}

#[cfg(test)]
#[path = "scrub_tests.rs"]
mod tests;

//! Takes tokens and secrets out of Meta's texts, which quote them ("Malformed access token EAA…") and
//! link to them (`paging.next` holds the whole token). Better a word too many than a token.

/// Enough to recognise an error; what is longer repeats itself.
const LONGEST: usize = 600;
const MASK: &str = "[removed]";

/// Parameters whose value is a secret, in a URL, a form or JSON.
const SECRET_PARAMETERS: [&str; 10] = [
    "access_token",
    "input_token",
    "fb_exchange_token",
    "exchange_token",
    "refresh_token",
    "client_secret",
    "appsecret_proof",
    "signed_request",
    "oauth_token",
    "code",
];

/// The openings of the tokens seen: Facebook, Instagram Login, its older form, Threads.
const TOKEN_OPENINGS: [&str; 4] = ["EAA", "IGAA", "IGQ", "THQ"];

/// A word of this length with a digit in it is taken for a token, whatever its opening.
const TOKEN_LENGTH: usize = 32;

/// Returns the text without tokens, secrets and control characters, cut to a sensible length.
pub fn scrub(text: &str) -> String {
    let mut clean = String::with_capacity(text.len().min(LONGEST));
    let mut rest = text;
    let mut before = Before::default();
    while let Some(first) = rest.chars().next() {
        let end = if is_token_char(first) {
            rest.find(|c| !is_token_char(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (piece, after) = rest.split_at(end);
        rest = after;
        if !is_token_char(first) {
            before.pass(first);
            clean.push(if first.is_control() { ' ' } else { first });
        } else if before.names_a_secret() || is_token(piece) {
            // A full stop at the end of a sentence is no part of the token.
            clean.push_str(MASK);
            clean.push_str(&piece[piece.trim_end_matches('.').len()..]);
            before.word(MASK);
        } else {
            clean.push_str(piece);
            before.word(piece);
        }
    }
    match clean.char_indices().nth(LONGEST) {
        Some((cut, _)) => clean[..cut].to_owned() + "…",
        None => clean,
    }
}

/// The words just read, which tell what the next one is.
#[derive(Default)]
struct Before {
    last: String,
    last_but_one: String,
    is_assigned: bool,
    malformed: bool,
}

impl Before {
    fn word(&mut self, word: &str) {
        self.malformed = self.last_but_one == "malformed";
        self.last_but_one = std::mem::replace(&mut self.last, word.to_ascii_lowercase());
        self.is_assigned = false;
    }

    fn pass(&mut self, separator: char) {
        match separator {
            '=' | ':' => self.is_assigned = true,
            ' ' | '"' | '\'' | '\\' => {}
            _ => self.word(""),
        }
    }

    /// `access_token=…`, `"access_token":"…"`, `Bearer …`.
    fn names_a_secret(&self) -> bool {
        let assigned = self.is_assigned && SECRET_PARAMETERS.contains(&self.last.as_str());
        assigned || self.last == "bearer" || self.is_quoted_token()
    }

    /// "Malformed access token …", where the word after is the token itself.
    fn is_quoted_token(&self) -> bool {
        self.last == "token" && self.last_but_one == "access" && self.malformed
    }
}

/// What a token is made of, also in percent-encoding; `|` joins an app's id and secret.
const fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '|' | '%' | '~' | '+')
}

fn is_token(word: &str) -> bool {
    let opens = |opening: &&str| word.starts_with(*opening) && word.len() > opening.len() + 4;
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    let has_letter = word.bytes().any(|byte| byte.is_ascii_alphabetic());
    TOKEN_OPENINGS.iter().any(opens) || is_app_token(word) || (word.len() >= TOKEN_LENGTH && has_digit && has_letter)
}

/// `APP_ID|SECRET`, with the bar plain or encoded.
fn is_app_token(word: &str) -> bool {
    let split = word.split_once('|').or_else(|| word.split_once("%7C")).or_else(|| word.split_once("%7c"));
    split
        .is_some_and(|(id, secret)| id.len() >= 5 && id.bytes().all(|byte| byte.is_ascii_digit()) && !secret.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_token_is_removed() {
        for (text, expected) in [
            ("Malformed access token EAABsJsWAejSOZWr9.", "Malformed access token [removed]."),
            ("Malformed access token abc-1 here", "Malformed access token [removed] here"),
            ("Malformed access token: \"x\"", "Malformed access token: \"[removed]\""),
            ("got IGQVJabcdef12", "got [removed]"),
            ("by 119945718862211|j4ndjJJ88RItGA4", "by [removed]"),
            ("Authorization: Bearer abc", "Authorization: Bearer [removed]"),
        ] {
            assert_eq!(scrub(text), expected);
        }
    }

    #[test]
    fn a_link_loses_its_secrets_and_keeps_its_path() {
        assert_eq!(
            scrub("https://graph.facebook.com/v2.8/1/accounts?access_token=119945718862211%7Cj4nd&limit=25"),
            "https://graph.facebook.com/v2.8/1/accounts?access_token=[removed]&limit=25"
        );
        assert_eq!(
            scrub(r#"{"access_token":"short","code":"AQB"}"#),
            r#"{"access_token":"[removed]","code":"[removed]"}"#
        );
    }

    #[test]
    fn a_long_opaque_word_is_removed_whatever_it_opens_with() {
        let word = "a1".repeat(20);
        assert_eq!(scrub(&format!("see {word}")), "see [removed]");
    }

    #[test]
    fn ordinary_sentences_stay_whole() {
        for text in [
            "(#10) Application does not have permission for this action",
            "Error validating access token: Session has expired on Friday, 20-Nov-26 10:00:00 PST.",
            "Unsupported get request. Object with ID '17841405793187218' does not exist",
            "(#100) Tried accessing nonexisting field (alt_text) on node type (IGMedia)",
            "requires instagram_manage_comments_and_a_very_long_permission",
            "相机/照片 – ja",
        ] {
            assert_eq!(scrub(text), text);
        }
    }

    #[test]
    fn a_text_without_end_is_cut_between_characters() {
        let clean = scrub(&"é ".repeat(5_000));
        assert_eq!(clean.chars().count(), LONGEST + 1);
        assert_eq!(scrub("a\nb"), "a b");
    }
}

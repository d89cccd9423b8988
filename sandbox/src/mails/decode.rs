//! How mails write what is not ASCII: base64, quoted-printable, encoded words, character sets.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Decodes base64 in lines; what is none gives nothing.
pub(super) fn base64(bytes: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    LENIENT.decode(digits).unwrap_or_default()
}

/// Decodes quoted-printable; a `=` that escapes nothing stays.
pub(super) fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first != b'=' {
            plain.push(first);
        } else if let Some(after) = after.strip_prefix(b"\r\n").or_else(|| after.strip_prefix(b"\n")) {
            rest = after;
        } else if let Some((byte, after)) = hex_pair(after) {
            plain.push(byte);
            rest = after;
        } else {
            plain.push(first);
        }
    }
    plain
}

fn hex_pair(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (pair, rest) = bytes.split_at_checked(2)?;
    let pair = std::str::from_utf8(pair).ok()?;
    Some((u8::from_str_radix(pair, 16).ok()?, rest))
}

/// Reads bytes in a character set: Latin-1 by its name, everything else as UTF-8.
pub(super) fn text(bytes: &[u8], charset: &str) -> String {
    let charset = charset.to_ascii_lowercase();
    if charset == "iso-8859-1" || charset == "latin1" {
        return bytes.iter().copied().map(char::from).collect();
    }
    String::from_utf8_lossy(bytes).into_owned()
}

/// Reads a header's value: `=?charset?b?…?=` and `=?charset?q?…?=` stand for text, and the space between two of them for
/// nothing.
pub(super) fn words(value: &str) -> String {
    let mut plain = String::new();
    let (mut rest, mut after_word) = (value, false);
    while let Some(start) = rest.find("=?") {
        let Some((word, end)) = encoded_word(&rest[start..]) else {
            plain.push_str(&rest[..start + 2]);
            rest = &rest[start + 2..];
            after_word = false;
            continue;
        };
        let between = &rest[..start];
        if !(after_word && between.trim().is_empty()) {
            plain.push_str(between);
        }
        plain.push_str(&word);
        rest = &rest[start + end..];
        after_word = true;
    }
    plain.push_str(rest);
    plain
}

/// Reads an encoded word at the beginning; returns it with its length.
fn encoded_word(text: &str) -> Option<(String, usize)> {
    let (charset, after) = text.strip_prefix("=?")?.split_once('?')?;
    let (encoding, after) = after.split_once('?')?;
    let (content, after) = after.split_once("?=")?;
    let bytes = match encoding {
        "b" | "B" => base64(content.as_bytes()),
        "q" | "Q" => quoted_printable(content.replace('_', " ").as_bytes()),
        _ => return None,
    };
    Some((self::text(&bytes, charset), text.len() - after.len()))
}

//! Secrets, and the search for them in everything that a run has left behind.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// A leak may be cut off anywhere: these many bytes of a secret's beginning, middle or end are one.
const PIECE: usize = 24;

/// How every token of the stand-ins begins: short, long, and of a person's first and second Page. Those that the
/// service itself was given are known to a test by this alone.
pub(crate) const BEGINNINGS: [&str; 4] = ["EAARnMAZCwAk", "EAARmwAZCwAk", "EAARnAAZCwAk", "EAARnABZCwAk"];

/// What the stand-ins know `powr_io` by: the person, the Page, the account, and its name.
pub(crate) const IDS: [&str; 4] = ["10229874512345601", "104523987612345", "17841405822304914", "powr_io"];

/// Those of them that a text holds.
pub(crate) fn ids_in(text: &[u8]) -> impl Iterator<Item = &'static str> {
    IDS.into_iter().filter(|id| holds(text, id))
}

/// Whether a text holds a word.
pub(crate) fn holds(text: &[u8], word: &str) -> bool {
    text.windows(word.len()).any(|part| part == word.as_bytes())
}

/// What must not be found, in every form in which it may have been written.
pub(crate) struct Secrets {
    /// The forms, each with its secret's name, by their first two bytes: most places in a file are passed by one look.
    forms: Vec<Vec<(String, Vec<u8>)>>,
}

impl Default for Secrets {
    fn default() -> Self {
        Self { forms: vec![Vec::new(); 1 << 16] }
    }
}

impl Secrets {
    /// Begins with every token that the stand-ins issue.
    pub(crate) fn of_the_stand_ins() -> Self {
        let mut secrets = Self::default();
        for beginning in BEGINNINGS {
            secrets.add("a token that the stand-ins issued", beginning);
        }
        secrets
    }

    pub(crate) fn add(&mut self, name: &str, secret: impl AsRef<[u8]>) {
        let secret = secret.as_ref();
        assert!(secret.len() >= 11, "{name} is too short to be told from chance");
        for form in pieces(secret).into_iter().flat_map(forms) {
            self.forms[drawer(&form)].push((name.to_owned(), form));
        }
    }

    /// The names of the secrets that a text holds, and where it holds each of them first.
    pub(crate) fn found_in(&self, text: &[u8]) -> BTreeMap<&str, usize> {
        let mut found = BTreeMap::new();
        for (at, pair) in text.windows(2).enumerate() {
            for (name, form) in &self.forms[drawer(pair)] {
                if text[at..].starts_with(form) {
                    found.entry(name.as_str()).or_insert(at);
                }
            }
        }
        found
    }
}

fn drawer(text: &[u8]) -> usize {
    usize::from(text[0]) << 8 | usize::from(text[1])
}

fn pieces(secret: &[u8]) -> Vec<&[u8]> {
    let end = secret.len().saturating_sub(PIECE);
    let middle = end / 2;
    [0, middle, end].into_iter().map(|start| &secret[start..secret.len().min(start + PIECE)]).collect()
}

fn forms(piece: &[u8]) -> BTreeSet<Vec<u8>> {
    let utf16 = |wide: fn(u16) -> [u8; 2]| piece.iter().flat_map(|byte| wide((*byte).into())).collect();
    let hex = each(piece, |byte, text| write!(text, "{byte:02x}"));
    let percent: String = url::form_urlencoded::byte_serialize(piece).collect();
    let every = each(piece, |byte, text| write!(text, "%{byte:02X}"));
    let plain = [piece.to_vec(), piece.to_ascii_lowercase(), utf16(u16::to_le_bytes), utf16(u16::to_be_bytes)];
    let written = [hex.to_uppercase(), hex, percent, every].map(String::into_bytes);
    plain.into_iter().chain(written).chain((0..3).flat_map(|shift| base64_at(piece, shift))).collect()
}

fn each(bytes: &[u8], write: fn(u8, &mut String) -> std::fmt::Result) -> String {
    let mut text = String::new();
    bytes.iter().try_for_each(|byte| write(*byte, &mut text)).expect("a text takes all");
    text
}

/// What is certain of a text's base64 if it begins so many bytes behind the beginning of what was encoded.
fn base64_at(piece: &[u8], shift: usize) -> [Vec<u8>; 2] {
    let shifted: Vec<u8> = [0].repeat(shift).into_iter().chain(piece.iter().copied()).collect();
    let (first, last) = ((shift * 8).div_ceil(6), shifted.len() * 8 / 6);
    [STANDARD.encode(&shifted), URL_SAFE.encode(&shifted)].map(|text| text.as_bytes()[first..last].to_vec())
}

/// All files below a folder, but for what is named.
pub(crate) fn files_below(folder: &Path, without: &[&str]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let is_left_out = entry.file_name().is_some_and(|name| without.iter().any(|other| *other == name));
        if entry.is_dir() && !is_left_out {
            files.extend(files_below(&entry, without));
        } else if entry.is_file() && !is_left_out {
            files.push(entry);
        }
    }
    files
}

#[test]
fn a_secret_is_found_in_every_form_and_though_it_is_cut() {
    let token = "EAARnMAZCwA+/b7c8D9e0F1g2H3i4J5k6L7m8N9o0P1q2R3s4T5u6V7w8X9y0";
    let mut secrets = Secrets::default();
    secrets.add("token", token);
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let hex = each(token.as_bytes(), |byte, text| write!(text, "{byte:02x}"));

    for text in [
        format!("x{token}y").into_bytes(),
        token[..30].into(),
        token[token.len() - 24..].into(),
        token.to_lowercase().into_bytes(),
        wide(token),
        hex.to_uppercase().into_bytes(),
        url::form_urlencoded::byte_serialize(token.as_bytes()).collect::<String>().into_bytes(),
        STANDARD.encode(token).into_bytes(),
        STANDARD.encode(format!("u:{token}")).into_bytes(),
        URL_SAFE.encode(format!("a{token}z")).into_bytes(),
    ] {
        assert_eq!(secrets.found_in(&text).len(), 1, "{}", String::from_utf8_lossy(&text));
    }
    assert!(secrets.found_in(b"EAARnMAZCwA is how it begins, and EAA is in every other word").is_empty());
}

//! Where the addresses in a text are, as X finds them: with `http://` before them, or bare with an ending that is common.

use std::ops::Range;

/// Endings of bare names that X takes for addresses for sure; there are many more.
const ENDINGS: [&str; 30] = [
    "com", "org", "net", "edu", "gov", "io", "co", "me", "tv", "info", "app", "dev", "shop", "store", "online", "xyz",
    "de", "fr", "it", "es", "nl", "uk", "us", "jp", "in", "br", "au", "ca", "ly", "be",
];
/// What may stand in the path of an address.
const IN_PATH: &str = "!*';:=+,.$%#[]-_/~|&@?()";
/// What may not stand at its end.
const NOT_LAST: &str = "!*';:,.$%[]~|&@?(";

/// Tells whether there is an address in a text.
pub(crate) fn has_link(text: &str) -> bool {
    !links(text).is_empty()
}

/// Tells whether X is sure to take this for an address.
pub(super) fn is_certain(address: &str) -> bool {
    let name = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = name.split(['/', '?', '#', ':']).next().unwrap_or_default();
    host.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
}

/// Returns where the addresses are, in bytes.
pub(crate) fn links(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (start, _) in text.char_indices() {
        if found.last().is_some_and(|last| start < last.end) || !may_begin(&text[..start]) {
            continue;
        }
        if let Some(length) = length(&text[start..]) {
            found.push(start..start + length);
        }
    }
    found
}

/// X looks at what stands before: no letter, and nothing that makes a name or a tag of it.
fn may_begin(before: &str) -> bool {
    before.chars().next_back().is_none_or(|last| {
        !last.is_ascii_alphanumeric() && !matches!(last, '@' | '＠' | '$' | '#' | '＃' | '.' | '-' | '_' | '/')
    })
}

fn length(text: &str) -> Option<usize> {
    let lower: String = text.chars().take(8).collect::<String>().to_ascii_lowercase();
    let scheme = ["https://", "http://"].into_iter().find(|scheme| lower.starts_with(scheme)).map_or(0, str::len);
    let rest = &text[scheme..];
    let host_len = rest.find(|letter: char| !is_of_host(letter, scheme > 0)).unwrap_or(rest.len());
    let host = rest[..host_len].trim_end_matches(['.', '-', '_']);
    let (name, ending) = host.rsplit_once('.')?;
    let is_ending = ending.len() >= 2 && ending.chars().all(|letter| letter.is_ascii_alphabetic());
    let is_name = name.split('.').all(|part| !part.is_empty() && !part.starts_with('-') && !part.ends_with('-'));
    if !is_ending || !is_name || (scheme == 0 && !is_certain(host)) {
        return None;
    }
    let tail = &rest[host.len()..];
    // After a bare name a letter would make it another word; an @ a mail's address.
    if scheme == 0 && tail.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '@') {
        return None;
    }
    Some(scheme + host.len() + path_length(tail))
}

fn is_of_host(letter: char, has_scheme: bool) -> bool {
    letter.is_ascii_alphanumeric()
        || matches!(letter, '.' | '-' | '_')
        || (has_scheme && letter.is_alphabetic() && !letter.is_ascii())
}

/// How much of what follows the host still belongs to the address: a port, a path, a query.
fn path_length(text: &str) -> usize {
    if !text.starts_with(['/', '?', '#', ':']) {
        return 0;
    }
    let is_inside = |letter: char| {
        letter.is_ascii_alphanumeric()
            || IN_PATH.contains(letter)
            || matches!(u32::from(letter), 0xc0..=0x24f | 0x400..=0x4ff)
    };
    let path = &text[..text.find(|letter| !is_inside(letter)).unwrap_or(text.len())];
    let mut path = path.trim_end_matches(|last| NOT_LAST.contains(last));
    // A bracket at the end belongs to the address only if it was opened in it.
    while path.ends_with(')') && path.matches(')').count() > path.matches('(').count() {
        path = path[..path.len() - 1].trim_end_matches(|last| NOT_LAST.contains(last));
    }
    if path == ":" { 0 } else { path.len() }
}

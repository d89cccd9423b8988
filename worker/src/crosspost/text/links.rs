//! What X takes for a link: an address with `https://`, and a bare name such as `example.com`.
//!
//! X knows every ending that there is, and has rules for what may stand in an address in each script. Ours are narrower: a
//! link is *certain* where it is one by both; elsewhere it may be one, or a part of it may, and is weighed for the worse.

use std::ops::Range;

/// The endings of names that are certain: those of most links.
const ENDINGS: [&str; 48] = [
    "com",
    "org",
    "net",
    "edu",
    "gov",
    "mil",
    "int",
    "info",
    "biz",
    "app",
    "dev",
    "shop",
    "store",
    "online",
    "site",
    "blog",
    "page",
    "link",
    "club",
    "art",
    "design",
    "photography",
    "travel",
    "xyz",
    "de",
    "uk",
    "fr",
    "jp",
    "it",
    "es",
    "nl",
    "ch",
    "at",
    "eu",
    "io",
    "co",
    "me",
    "tv",
    "us",
    "ca",
    "au",
    "br",
    "in",
    "be",
    "se",
    "pl",
    "dk",
    "no",
];
/// No ending is shorter.
const SHORTEST_ENDING: usize = 2;

/// A place in a text that X takes, or may take, for a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// Where it stands, in bytes.
    pub range: Range<usize>,
    /// Whether X takes exactly this for one link.
    pub is_certain: bool,
}

/// Finds the links in a text.
pub(super) fn find(text: &str) -> impl Iterator<Item = Link> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        let link = next(text, from)?;
        from = link.range.end;
        Some(link)
    })
}

fn next(text: &str, from: usize) -> Option<Link> {
    // Each link has a dot with something that is no space on both sides, or begins with its scheme.
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        if let Some(scheme) = scheme(&text.as_bytes()[at..]) {
            return Some(with_scheme(text, at, at + scheme));
        }
        if is_of_name(bytes[at]) && (at == from || !is_of_name(bytes[at - 1])) {
            let end = end_of(bytes, at, is_of_name);
            if let Some(link) = bare(text, at, end) {
                return Some(link);
            }
            // `https` is made of letters that are of a name.
            at = end.max(at + 1);
            continue;
        }
        at += 1;
    }
    None
}

/// The length of `http://` or `https://`, in whatever case, at the beginning.
fn scheme(bytes: &[u8]) -> Option<usize> {
    ["https://", "http://"]
        .into_iter()
        .find(|scheme| bytes.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes())))
        .map(str::len)
}

const fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

fn end_of(bytes: &[u8], start: usize, is_in: impl Fn(u8) -> bool) -> usize {
    bytes[start..].iter().position(|byte| !is_in(*byte)).map_or(bytes.len(), |length| start + length)
}

/// A link with its scheme: certain where its name is.
fn with_scheme(text: &str, start: usize, name: usize) -> Link {
    let bytes = text.as_bytes();
    let end = end_of(bytes, name, is_of_name);
    let host = text[name..end].trim_end_matches(['.', '-', '_']);
    if is_alone_before(text, start) && is_certain_name(host) {
        let end = name + host.len();
        return Link { range: start..end_of_path(bytes, end), is_certain: true };
    }
    // Whatever X takes in of what follows, it weighs no more than this and that.
    Link { range: start..end, is_certain: false }
}

/// A bare name with an ending, of whatever letters: certain where both are.
fn bare(text: &str, start: usize, end: usize) -> Option<Link> {
    let bytes = text.as_bytes();
    let start = start + (text[start..end].len() - text[start..end].trim_start_matches(['.', '-', '_']).len());
    let host = text.get(start..end)?.trim_end_matches(['.', '-', '_']);
    let (_, ending) = host.rsplit_once('.')?;
    if ending.len() < SHORTEST_ENDING || !ending.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    let end = start + host.len();
    if is_alone_before(text, start) && is_certain_name(host) {
        return Some(Link { range: start..end_of_path(bytes, end), is_certain: true });
    }
    Some(Link { range: start..end, is_certain: false })
}

/// Whether what stands before does not make it a part of something else, such as a mail's address.
fn is_alone_before(text: &str, start: usize) -> bool {
    text[..start].chars().next_back().is_none_or(|before| before.is_whitespace() || matches!(before, '(' | '"' | ':'))
}

fn is_certain_name(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let Some((rest, ending)) = host.rsplit_once('.') else { return false };
    let ending = ending.to_ascii_lowercase();
    ENDINGS.contains(&ending.as_str()) && rest.split('.').all(is_label)
}

/// Where the path behind a name ends: plain letters, digits and what joins them, and no sign of a sentence's at the end.
fn end_of_path(bytes: &[u8], name: usize) -> usize {
    if bytes.get(name) != Some(&b'/') {
        return name;
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_');
    let path = end_of(bytes, name, |byte| is_plain(byte) || byte == b'.');
    let mut end = path;
    if bytes.get(path) == Some(&b'?') {
        end = end_of(bytes, path + 1, |byte| is_plain(byte) || matches!(byte, b'=' | b'&' | b'%' | b'.'));
    }
    while end > name + 1 && !bytes[end - 1].is_ascii_alphanumeric() && !matches!(bytes[end - 1], b'/') {
        end -= 1;
    }
    end
}

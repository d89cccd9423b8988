//! A mail's structure: headers, and parts within parts.

use super::decode;

/// Deeper nobody nests.
const DEEPEST: usize = 10;

/// A mail, or a part of one.
#[derive(Debug)]
pub(super) struct Part<'a> {
    headers: Vec<(String, String)>,
    body: &'a [u8],
}

impl<'a> Part<'a> {
    /// Reads headers up to the first empty line; the rest is the body.
    pub(super) fn read(raw: &'a [u8]) -> Self {
        let mut headers: Vec<(String, String)> = Vec::new();
        let mut rest = raw;
        while !rest.is_empty() {
            let (line, after) = rest.split_at(line_end(rest));
            rest = after;
            let line = String::from_utf8_lossy(line);
            let line = line.trim_end_matches(['\r', '\n']);
            if line.is_empty() {
                break;
            }
            match (line.starts_with([' ', '\t']), headers.last_mut(), line.split_once(':')) {
                // A header that goes on.
                (true, Some((_, value)), _) => {
                    value.push(' ');
                    value.push_str(line.trim());
                }
                (_, _, Some((name, value))) => {
                    headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
                }
                _ => {}
            }
        }
        Self { headers, body: rest }
    }

    /// Returns a header's value.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str())
    }

    /// Shows each text in it with its type, in order.
    pub(super) fn visit(&self, see: &mut impl FnMut(&str, String)) {
        self.visit_to(DEEPEST, see);
    }

    fn visit_to(&self, depth: usize, see: &mut impl FnMut(&str, String)) {
        let content = self.header("content-type").unwrap_or("text/plain");
        let kind = content.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind.starts_with("multipart/") && depth > 0 {
            for part in self.parts(&parameter(content, "boundary").unwrap_or_default()) {
                Part::read(part).visit_to(depth - 1, see);
            }
            return;
        }
        let bytes = match self.header("content-transfer-encoding").unwrap_or_default().to_ascii_lowercase().as_str() {
            "base64" => decode::base64(self.body),
            "quoted-printable" => decode::quoted_printable(self.body),
            _ => self.body.to_vec(),
        };
        see(&kind, decode::text(&bytes, &parameter(content, "charset").unwrap_or_default()));
    }

    /// What stands between the lines that a boundary makes; the line break before one belongs to it.
    fn parts(&self, boundary: &str) -> Vec<&'a [u8]> {
        let (open, close) = (format!("--{boundary}"), format!("--{boundary}--"));
        let (mut parts, mut begun, mut at) = (Vec::new(), None, 0);
        while at < self.body.len() {
            let next = at + line_end(&self.body[at..]);
            let line = String::from_utf8_lossy(&self.body[at..next]);
            let line = line.trim_end();
            if line == open || line == close {
                if let Some(from) = begun {
                    parts.push(without_break(&self.body[from..at]));
                }
                begun = (line == open).then_some(next);
            }
            at = next;
        }
        parts.extend(begun.map(|from| &self.body[from..]));
        parts
    }
}

fn line_end(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1)
}

fn without_break(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

/// A parameter of a header, such as `boundary` of a `Content-Type`.
fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|parameter| {
        let (each, value) = parameter.split_once('=')?;
        each.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

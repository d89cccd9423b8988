//! A form with files: `multipart/form-data`, read as far as clients need it.

/// Reads the fields of a form, in their order; none if the body is no such form.
pub(crate) fn read(kind: &str, body: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let boundary = kind.strip_prefix("multipart/form-data")?.split_once("boundary=")?.1;
    let boundary = boundary.split(';').next().unwrap_or_default().trim_matches('"');
    let (first, mark) = (format!("--{boundary}\r\n"), format!("\r\n--{boundary}"));
    let mut rest = body.strip_prefix(first.as_bytes())?;
    let mut fields = Vec::new();
    loop {
        let (head, after) = cut(rest, b"\r\n\r\n")?;
        let (value, after) = cut(after, mark.as_bytes())?;
        let head = String::from_utf8_lossy(head);
        let name = head.split_once("name=\"").and_then(|(_, rest)| rest.split_once('"'))?.0;
        fields.push((name.to_owned(), value.to_vec()));
        match after.strip_prefix(b"\r\n") {
            Some(next) => rest = next,
            None => return after.starts_with(b"--").then_some(fields),
        }
    }
}

fn cut<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(mark.len()).position(|window| window == mark)?;
    Some((&bytes[..at], &bytes[at + mark.len()..]))
}

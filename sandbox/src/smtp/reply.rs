//! What an SMTP server says: a code and lines of text.

/// One reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    lines: Vec<String>,
}

impl Reply {
    /// A reply of one line.
    pub(super) fn new(code: u16, line: &str) -> Self {
        Self { code, lines: vec![line.to_owned()] }
    }

    /// A reply of several lines.
    pub(super) fn of_lines(code: u16, lines: &[&str]) -> Self {
        Self { code, lines: lines.iter().map(|line| (*line).to_owned()).collect() }
    }

    /// What a fault says; a text without lines says nothing.
    pub(super) fn told(code: u16, text: &str) -> Self {
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        Self { code, lines: if lines.is_empty() { vec!["as a test wants it".to_owned()] } else { lines } }
    }

    /// As it is sent.
    pub(super) fn wire(&self) -> String {
        let last = self.lines.len().saturating_sub(1);
        let line = |(index, line): (usize, &String)| {
            format!("{}{}{line}\r\n", self.code, if index == last { ' ' } else { '-' })
        };
        self.lines.iter().enumerate().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Reply;

    #[test]
    fn all_lines_but_the_last_have_a_hyphen() {
        assert_eq!(Reply::of_lines(250, &["a", "b"]).wire(), "250-a\r\n250 b\r\n");
        assert_eq!(Reply::told(421, "").wire(), "421 as a test wants it\r\n");
    }
}

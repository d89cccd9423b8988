//! How a text is laid out for readers who see nothing else: short lines, and a subject in one.

/// As wide as a line may be, quoted once or twice.
const WIDTH: usize = 72;

/// Breaks lines between words; a word that is longer, such as an address, stays whole. At most one line stays empty
/// between two paragraphs.
pub(super) fn wrapped(text: &str) -> String {
    let mut wrapped = String::new();
    let mut is_empty = true;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() {
            if !is_empty {
                wrapped.push('\n');
            }
            is_empty = true;
            continue;
        }
        is_empty = false;
        // What belongs to an item of a list stands below its first letter.
        let indent = line.len() - line.trim_start_matches([' ', '-']).len();
        let mut width = indent;
        wrapped.push_str(&line[..indent]);
        for (index, word) in line[indent..].split_whitespace().enumerate() {
            let length = word.chars().count();
            if index > 0 && width + 1 + length > WIDTH {
                wrapped.push('\n');
                wrapped.push_str(&" ".repeat(indent));
                width = indent;
            } else if index > 0 {
                wrapped.push(' ');
                width += 1;
            }
            wrapped.push_str(word);
            width += length;
        }
        wrapped.push('\n');
    }
    wrapped.trim_end().to_owned() + "\n"
}

/// Makes one line of a text: what others wrote begins no header and no paragraph.
pub(super) fn line(text: &str) -> String {
    let spaced: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{line, wrapped};

    #[test]
    fn lines_break_between_words_and_addresses_stay_whole() {
        let address = format!("https://feeds.example/connect/{}", "x".repeat(100));
        let text = format!("{}\n\n\n\n{address}\n  - {}\n\n", "word ".repeat(20), "site ".repeat(20));
        let wrapped = wrapped(&text);
        let lines: Vec<&str> = wrapped.lines().collect();

        assert!(lines.iter().all(|line| line.len() <= 72 || *line == address), "{wrapped}");
        assert_eq!(lines.iter().filter(|line| line.is_empty()).count(), 1, "{wrapped}");
        assert!(lines[4].starts_with("  - site") && lines[5].starts_with("    site"), "{wrapped}");
        assert!(wrapped.ends_with("site\n"));
    }

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(line(" a\r\nBcc: b@example.com\u{7}  c "), "a Bcc: b@example.com c");
    }
}

//! A table on stdout: columns as wide as what is in them, numbers to the right.

use super::say;

/// Prints a line of headings and the rows below it.
pub(super) fn print<const N: usize>(headings: [&str; N], rows: &[[String; N]]) {
    for line in lines(headings, rows) {
        say(&line);
    }
}

fn lines<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> Vec<String> {
    let headings = headings.map(str::to_owned);
    let all = || std::iter::once(&headings).chain(rows);
    let widths: [usize; N] =
        std::array::from_fn(|column| all().map(|row| row[column].chars().count()).max().unwrap_or_default());
    let numbers: [bool; N] = std::array::from_fn(|column| rows.iter().all(|row| is_number(&row[column])));
    let line = |row: &[String; N]| {
        let cell = |column: usize| {
            let (text, width) = (&row[column], widths[column]);
            if numbers[column] { format!("{text:>width$}") } else { format!("{text:<width$}") }
        };
        let cells: [String; N] = std::array::from_fn(cell);
        cells.join("  ").trim_end().to_owned()
    };
    all().map(line).collect()
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let rows = [["default", "7", "open"], ["bulk", "1200", "paused"]].map(|row| row.map(str::to_owned));
        assert_eq!(
            lines(["queue", "jobs", "state"], &rows),
            ["queue    jobs  state", "default     7  open", "bulk     1200  paused"]
        );
        assert_eq!(lines(["queue", "jobs", "state"], &[]), ["queue  jobs  state"]);
    }
}

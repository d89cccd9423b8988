//! A page of a list, in order of id: how many, and behind which.

use entities::is_id;

use crate::problem::Problem;

/// The longest page.
const MOST: u64 = 100;
/// A page that nobody gave a length.
const USUAL: u64 = 50;

/// Which page is asked for.
#[derive(Debug)]
pub(super) struct Paging {
    limit: u64,
    /// The `next` of the page before; empty for the first.
    pub after: String,
}

impl Paging {
    /// Reads what was asked.
    pub(super) fn read(limit: Option<&str>, after: Option<String>) -> Result<Self, Problem> {
        let bad = |detail: String| Problem::bad_request("bad_parameter", detail);
        let limit = limit.map_or(Some(USUAL), |text| text.parse().ok()).filter(|limit| (1..=MOST).contains(limit));
        let limit = limit.ok_or_else(|| bad(format!("`limit` is a whole number from 1 to {MOST}.")))?;
        let after = after.unwrap_or_default();
        if !after.is_empty() && !is_id(&after) {
            return Err(bad("`after` is the `next` of the page before.".to_owned()));
        }
        Ok(Self { limit, after })
    }

    /// How many rows to read: one more than is shown says whether there is a next page.
    pub(super) fn rows(&self) -> u64 {
        self.limit + 1
    }

    /// Leaves what is shown, and returns the `next` of this page.
    pub(super) fn cut<R>(&self, rows: &mut Vec<R>, id: impl Fn(&R) -> &str) -> Option<String> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        rows.last().filter(|_| has_more).map(|row| id(row).to_owned())
    }
}

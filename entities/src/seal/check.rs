//! Whether a ring fits what lies in the tables: quickly at a start, and text by text where somebody wants to know.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ConnectionTrait, DbErr};

use super::{Keyring, SEALED_COLUMNS, SealError, Sealed, SealedColumn};

/// With so many missing keys no more are looked for.
const MISSING: usize = 10;
/// How many texts are read at once that are under none of the ring's keys: all of them are damaged, or a key is missing.
const PAGE: u64 = 200;
/// How many texts under one key are tried: one that was damaged must not speak for all.
const TRIED: u64 = 20;

/// A text that does not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The row's key.
    pub row: String,
    /// Why not.
    pub why: SealError,
}

/// Some rows of a column, of which every text was opened or tried.
#[derive(Debug)]
pub struct Page {
    /// How many texts are sealed under each key id; under the empty one, what is no sealed text at all.
    pub by_key: BTreeMap<String, u64>,
    /// What does not open.
    pub closed: Vec<Closed>,
    /// The key of the last row; the next page begins behind it.
    pub last: String,
}

impl SealedColumn {
    /// Opens up to `limit` texts, in order of their rows, behind `after`. `None`: there are no more.
    pub async fn verify(
        &self,
        db: &impl ConnectionTrait,
        ring: &Keyring,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Option<Page>, DbErr> {
        let rows = self.page(db, None, after, limit).await?;
        let Some((last, _)) = rows.last() else { return Ok(None) };
        let mut page = Page { by_key: BTreeMap::new(), closed: Vec::new(), last: last.clone() };
        for (row, text) in rows {
            *page.by_key.entry(text.key_id().unwrap_or_default().to_owned()).or_default() += 1;
            if let Err(why) = ring.open(self.place(&row), &text) {
                page.closed.push(Closed { row, why });
            }
        }
        Ok(Some(page))
    }

    /// Whether a text is sealed at all, under a key that is none of `known`.
    fn is_under_another(&self, known: &BTreeSet<String>) -> Expr {
        let sealed = Expr::col(self.column).like(format!("{}%", Sealed::prefix("%")));
        known.iter().fold(sealed, |expr, id| expr.and(self.is_under(id).not()))
    }
}

/// Returns the ids of keys under which something is sealed and which `ring` does not hold; without a ring, of all.
pub async fn missing_keys(db: &impl ConnectionTrait, ring: Option<&Keyring>) -> Result<BTreeSet<String>, DbErr> {
    let held: BTreeSet<String> = ring.into_iter().flat_map(Keyring::ids).map(str::to_owned).collect();
    let mut missing = BTreeSet::new();
    for column in SEALED_COLUMNS {
        let mut after: Option<String> = None;
        while missing.len() < MISSING {
            let known = held.union(&missing).cloned().collect();
            // Page by page to the end: however many texts were damaged, they hide no key behind them.
            let some = column.page(db, Some(column.is_under_another(&known)), after.as_deref(), PAGE).await?;
            let Some((last, _)) = some.last() else { break };
            after = Some(last.clone());
            missing.extend(some.iter().filter_map(|(_, text)| text.key_id()).map(str::to_owned));
        }
    }
    Ok(missing)
}

/// Returns the ids of keys of `ring` whose bytes are other than those under which something is sealed: of the texts that
/// were tried none opens.
pub async fn wrong_keys(db: &impl ConnectionTrait, ring: &Keyring) -> Result<BTreeSet<String>, DbErr> {
    let mut wrong = BTreeSet::new();
    for id in ring.ids() {
        let mut tried = 0;
        let mut opens = false;
        for column in SEALED_COLUMNS {
            let some = column.any(db, column.is_under(id), TRIED).await?;
            tried += some.len();
            opens = some.iter().any(|(row, text)| ring.open(column.place(row), text).is_ok());
            if opens {
                break;
            }
        }
        if tried > 0 && !opens {
            wrong.insert(id.to_owned());
        }
    }
    Ok(wrong)
}

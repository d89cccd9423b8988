//! From an older key to the first one: batch by batch, beside whoever else reads and writes.
//!
//! What is still to be done stands in the rows themselves (a text that is not under the first key), so it may be broken
//! off at any moment and begun again.

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DbErr};

use super::{Closed, Keyring, Sealed, SealedColumn};
use crate::Db;

/// What became of some rows.
#[derive(Debug)]
pub struct Batch {
    /// How many are under the first key now.
    pub resealed: u64,
    /// How many somebody else had written since they were read: theirs stays.
    pub changed: u64,
    /// What does not open: it is left as it is.
    pub closed: Vec<Closed>,
    /// The key of the last row; the next batch begins behind it.
    pub last: String,
}

impl SealedColumn {
    /// Seals up to `limit` texts anew under the ring's first key, in order of their rows, behind `after`. `None`: there
    /// are no more.
    ///
    /// The rows are read before the transaction begins, and each is written only if it still holds the text that was
    /// read: so the lock is held for the writing alone, and what somebody else wrote meanwhile is not lost.
    pub async fn reseal(
        &self,
        db: &Db,
        ring: &Keyring,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Option<Batch>, DbErr> {
        let rows = self.page(&db.read, Some(self.is_under(ring.first_id()).not()), after, limit).await?;
        let Some((last, _)) = rows.last() else { return Ok(None) };
        let mut batch = Batch { resealed: 0, changed: 0, closed: Vec::new(), last: last.clone() };
        let mut anew = Vec::with_capacity(rows.len());
        for (row, old) in rows {
            match ring.open(self.place(&row), &old) {
                Ok(secret) => anew.push((ring.seal(self.place(&row), &secret), row, old)),
                Err(why) => batch.closed.push(Closed { row, why }),
            }
        }
        let tx = db.begin().await?;
        for (new, row, old) in anew {
            if self.replace(&tx, &row, old, new).await? {
                batch.resealed += 1;
            } else {
                batch.changed += 1;
            }
        }
        tx.commit().await?;
        Ok(Some(batch))
    }

    /// Writes `new` if the row still holds `old`. Nothing else of the row is touched: its content is the same.
    pub(super) async fn replace(
        &self,
        tx: &impl ConnectionTrait,
        row: &str,
        old: Sealed,
        new: Sealed,
    ) -> Result<bool, DbErr> {
        let update = Query::update()
            .table(self.table)
            .value(self.column, new)
            .and_where(Expr::col(self.key).eq(row))
            .and_where(Expr::col(self.column).eq(old))
            .to_owned();
        Ok(tx.execute(&update).await?.rows_affected() > 0)
    }
}

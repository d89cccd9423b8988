//! The one list of all sealed columns, and how their texts are read.

use std::fmt;

use sea_orm::sea_query::{Expr, ExprTrait, Func, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::{Place, Sealed};
use crate::{install, job_run, x_account};

/// Every column that holds sealed texts: what is not in this list is neither re-sealed nor verified, so a test holds it
/// against the models.
pub const SEALED_COLUMNS: [SealedColumn; 5] =
    [install::USER_TOKEN, install::PAGE_TOKEN, job_run::INPUT, x_account::ACCESS_TOKEN, x_account::REFRESH_TOKEN];

/// A column of sealed texts. Its `Display` is `table.column`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedColumn {
    /// The table.
    pub table: &'static str,
    /// The column that names a row.
    pub key: &'static str,
    /// The column.
    pub column: &'static str,
}

impl fmt::Display for SealedColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, self.column)
    }
}

impl SealedColumn {
    /// Returns where the text of the row `row` lies.
    pub const fn place<'a>(&self, row: &'a str) -> Place<'a> {
        Place { table: self.table, row, column: self.column }
    }

    /// Counts the texts that are sealed under the key `id`.
    pub async fn count_under(&self, db: &impl ConnectionTrait, id: &str) -> Result<u64, DbErr> {
        self.count(db, self.is_under(id)).await
    }

    /// Counts the texts that are not sealed under the key `id`.
    pub async fn count_beside(&self, db: &impl ConnectionTrait, id: &str) -> Result<u64, DbErr> {
        self.count(db, self.is_under(id).not()).await
    }

    /// Whether a text is sealed under the key `id`. Not by LIKE: `_` may stand in an id and would match any letter, and
    /// SQLite's LIKE takes small and capital letters for the same.
    pub(super) fn is_under(&self, id: &str) -> Expr {
        let prefix = Sealed::prefix(id);
        let length = i32::try_from(prefix.chars().count()).unwrap_or(i32::MAX);
        Expr::expr(Func::cust("substr").arg(Expr::col(self.column)).arg(1).arg(length)).eq(prefix)
    }

    /// Returns a page of rows with their texts, in order of their keys, behind `after`.
    pub(super) async fn page(
        &self,
        db: &impl ConnectionTrait,
        which: Option<Expr>,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<(String, Sealed)>, DbErr> {
        let mut select = Query::select();
        select.columns([self.key, self.column]).order_by(self.key, Order::Asc).limit(limit);
        if let Some(after) = after {
            select.and_where(Expr::col(self.key).gt(after));
        }
        self.texts(db, &mut select, which).await
    }

    /// Returns some row that `which` holds of, with its text.
    pub(super) async fn any(
        &self,
        db: &impl ConnectionTrait,
        which: Expr,
        limit: u64,
    ) -> Result<Vec<(String, Sealed)>, DbErr> {
        let mut select = Query::select();
        select.columns([self.key, self.column]).limit(limit);
        self.texts(db, &mut select, Some(which)).await
    }

    async fn texts(
        &self,
        db: &impl ConnectionTrait,
        select: &mut SelectStatement,
        which: Option<Expr>,
    ) -> Result<Vec<(String, Sealed)>, DbErr> {
        select.from(self.table).and_where(Expr::col(self.column).is_not_null());
        if let Some(which) = which {
            select.and_where(which);
        }
        let text =
            |row: QueryResult| Ok((row.try_get_by_index(0)?, Sealed::from_text(row.try_get_by_index::<String>(1)?)));
        db.query_all(select).await?.into_iter().map(text).collect()
    }

    async fn count(&self, db: &impl ConnectionTrait, which: Expr) -> Result<u64, DbErr> {
        let mut select = Query::select();
        select.expr(Expr::col(self.key).count()).from(self.table).and_where(Expr::col(self.column).is_not_null());
        let row = db.query_one(select.and_where(which)).await?;
        let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::SEALED_COLUMNS;

    /// What a model's file declares: `table`, `key` and each field of the type `Sealed`.
    fn sealed_fields(text: &str) -> Vec<(String, String, String)> {
        let Some((_, model)) = text.split_once("#[sea_orm(table_name = \"") else { return Vec::new() };
        let table = model.split('"').next().expect("a name").to_owned();
        let (model, _) = model.split_once("\n}").expect("the end of the model");
        let field = |line: &str| line.trim().strip_prefix("pub ")?.split_once(':').map(|(name, _)| name.to_owned());
        let mut lines = model.lines().skip_while(|line| !line.contains("primary_key"));
        let key = lines.find_map(field).expect("a key");
        let sealed = model.lines().filter(|line| line.trim_end().ends_with("Sealed>,") || line.contains(": Sealed"));
        sealed.filter_map(field).map(|column| (table.clone(), key.clone(), column)).collect()
    }

    #[test]
    fn every_sealed_field_of_the_models_is_in_the_list_and_nothing_else() {
        let mut declared = BTreeSet::new();
        for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).expect("the models") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                declared.extend(sealed_fields(&std::fs::read_to_string(path).expect("text")));
            }
        }
        let text = |part: &str| part.to_owned();
        let listed = SEALED_COLUMNS.map(|each| (text(each.table), text(each.key), text(each.column)));

        assert_eq!(declared, BTreeSet::from(listed));
        assert!(declared.len() >= 3, "the scan finds fields: {declared:?}");
    }
}

//! `import_refusals`: the lines of an imported file that were refused, and why. They hold nothing of the line itself.

use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_refusals")]
pub struct Model {
    /// The file's path.
    #[sea_orm(primary_key, auto_increment = false)]
    pub file: String,
    /// The line's number, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub line: i64,
    /// Why it was refused, for machines.
    pub code: String,
    /// The field and the fix.
    pub detail: String,
}

/// A line is found by its columns.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Keeps some more of them.
    pub async fn keep(db: &impl ConnectionTrait, refused: Vec<Model>) -> Result<(), DbErr> {
        if refused.is_empty() {
            return Ok(());
        }
        Self::insert_many(refused.into_iter().map(IntoActiveModel::into_active_model))
            .exec_without_returning(db)
            .await?;
        Ok(())
    }

    /// Lists a page of a file's, in order, behind a line.
    pub async fn page(db: &impl ConnectionTrait, file: &str, after: i64, limit: u64) -> Result<Vec<Model>, DbErr> {
        Self::find()
            .filter(Column::File.eq(file))
            .filter(Column::Line.gt(after))
            .order_by_asc(Column::Line)
            .limit(limit)
            .all(db)
            .await
    }

    /// Forgets a file's.
    pub async fn forget(db: &impl ConnectionTrait, file: &str) -> Result<(), DbErr> {
        Self::delete_many().filter(Column::File.eq(file)).exec(db).await?;
        Ok(())
    }
}

//! `imports`: how far a file of registrations was read. The row moves in the commit that writes what was read, so that an
//! import that was killed goes on behind the last line that it wrote.

use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseTransaction, IntoActiveModel, QuerySelect};

use crate::import_refusal;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "imports")]
pub struct Model {
    /// Its path.
    #[sea_orm(primary_key, auto_increment = false)]
    pub file: String,
    /// A hash of what was read of it: another text under the same path is another import.
    pub hash: String,
    /// How many bytes were read.
    pub bytes: i64,
    /// How many lines that was.
    pub lines: i64,
    /// How many apps it brought that nobody had registered.
    pub made: i64,
    /// How often it told of one that was known.
    pub changed: i64,
    /// How many of its lines were refused.
    pub refused: i64,
    /// When its first line was read.
    pub started_at: DateTimeUtc,
    /// When the last one was.
    pub updated_at: DateTimeUtc,
}

/// A file belongs to nothing.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Begins a file from its start. What was kept of another text under its path goes.
    pub async fn begin(tx: &DatabaseTransaction, start: Model) -> Result<Model, DbErr> {
        import_refusal::Entity::forget(tx, &start.file).await?;
        Self::delete_by_id(&start.file).exec(tx).await?;
        start.into_active_model().insert(tx).await
    }

    /// Locks a file's row; `false` if it no longer stands where the caller left it.
    pub async fn lock(tx: &DatabaseTransaction, left: &Model) -> Result<bool, DbErr> {
        let found = Self::find_by_id(&left.file).lock_exclusive().one(tx).await?;
        Ok(found.is_some_and(|found| (found.bytes, &found.hash) == (left.bytes, &left.hash)))
    }

    /// Keeps how far it was read by now.
    pub async fn keep(tx: &DatabaseTransaction, read: &Model) -> Result<(), DbErr> {
        read.clone().into_active_model().reset_all().update(tx).await?;
        Ok(())
    }
}

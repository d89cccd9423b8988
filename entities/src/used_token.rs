//! `used_tokens`: tokens of the host platform that serve once, from their use until their end.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, TryInsertResult};

/// One token that has been used.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "used_tokens")]
pub struct Model {
    /// SHA-256 of the token, in hexadecimal digits.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// From when on the token is refused for its age, and need not be remembered: a time of the wall clock.
    pub ends_at: DateTimeUtc,
}

/// A used token belongs to nothing.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Uses a token up; `false` if it was used before. Of two uses at once, one is taken.
    pub async fn use_up(db: &impl ConnectionTrait, hash: String, ends_at: DateTimeUtc) -> Result<bool, DbErr> {
        let row = ActiveModel { hash: Set(hash), ends_at: Set(ends_at) };
        let inserted = Self::insert(row).on_conflict_do_nothing_on([Column::Hash]).exec_without_returning(db).await?;
        Ok(matches!(inserted, TryInsertResult::Inserted(rows) if rows > 0))
    }

    /// Forgets the tokens that have ended.
    pub async fn sweep(db: &impl ConnectionTrait, now: DateTimeUtc) -> Result<u64, DbErr> {
        Ok(Self::delete_many().filter(Column::EndsAt.lt(now)).exec(db).await?.rows_affected)
    }
}

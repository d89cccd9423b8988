//! `hashtag_refusals`: which account did not serve a hashtag's feed when it was last asked, so that it is not asked first
//! each time, nor before its limit ends. Bound to no install: it is written while installs are locked.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};

/// One account's refusal of one feed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "hashtag_refusals")]
pub struct Model {
    /// The hashtag's feed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub feed_id: String,
    /// The account's install.
    #[sea_orm(primary_key, auto_increment = false)]
    pub install_id: String,
    /// Its credential: a newer one was not refused.
    pub generation: i32,
    /// Why, in one of the eight classes.
    pub reason: String,
    /// When it was.
    pub refused_at: DateTimeUtc,
    /// Until when it is not to be called, where a limit is the reason: a limit outlives a credential.
    pub limited_until: Option<DateTimeUtc>,
}

/// A refusal belongs to nothing.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Keeps a refusal, in place of the one before it.
    pub async fn keep(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
        let row = ActiveModel {
            feed_id: Set(row.feed_id),
            install_id: Set(row.install_id),
            generation: Set(row.generation),
            reason: Set(row.reason),
            refused_at: Set(row.refused_at),
            limited_until: Set(row.limited_until),
        };
        let newer = [Column::Generation, Column::Reason, Column::RefusedAt, Column::LimitedUntil];
        let replace = OnConflict::columns([Column::FeedId, Column::InstallId]).update_columns(newer).to_owned();
        Self::insert(row).on_conflict(replace).exec_without_returning(db).await?;
        Ok(())
    }

    /// Takes back what accounts refused for one reason, as that is over: they are asked again. Limits stay.
    pub async fn take_back(db: &impl ConnectionTrait, reason: &str) -> Result<u64, DbErr> {
        let taken = Self::delete_many()
            .filter(Column::Reason.eq(reason))
            .filter(Column::LimitedUntil.is_null())
            .exec(db)
            .await?;
        Ok(taken.rows_affected)
    }

    /// Deletes what was refused before `before` and limits nobody now; returns how many.
    pub async fn sweep(db: &impl ConnectionTrait, before: DateTimeUtc, now: DateTimeUtc) -> Result<u64, DbErr> {
        let over = Column::LimitedUntil.is_null().or(Column::LimitedUntil.lte(now));
        let deleted = Self::delete_many().filter(Column::RefusedAt.lt(before)).filter(over).exec(db).await?;
        Ok(deleted.rows_affected)
    }
}

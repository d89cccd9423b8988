//! `hashtag_searches`: which hashtags an account was used to ask for, and since when. Meta lets an account ask for 30
//! in 7 days; this ledger is ours, so that the limit is met before Meta refuses.
//!
//! It is kept by Meta's id of the account and bound to no install: Meta counts on through a disconnect.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;

/// One hashtag on one account's ledger.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "hashtag_searches")]
pub struct Model {
    /// Meta's id of the professional account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: String,
    /// The hashtag, without `#`; `id:…` where Meta named one that we never asked for.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tag: String,
    /// The query that began the present window, a moment before Meta counts it; of several that may have, the last.
    pub searched_at: DateTimeUtc,
    /// Of several that may have begun it, a time before the first.
    pub unsure_since: Option<DateTimeUtc>,
    /// Whether a query of this window was answered; until then nobody knows whether Meta has counted.
    pub is_answered: bool,
}

/// The ledger belongs to nothing.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Returns before when the window cannot have begun.
    pub fn earliest(&self) -> DateTimeUtc {
        self.unsure_since.unwrap_or(self.searched_at)
    }
}

impl Entity {
    /// Lists what was searched with some accounts.
    pub async fn of_accounts(db: &impl ConnectionTrait, accounts: &[&str]) -> Result<Vec<Model>, DbErr> {
        Self::find().filter(Column::AccountId.is_in(accounts.iter().copied())).all(db).await
    }

    /// Writes a row, in place of the one that was there.
    pub async fn write(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
        let row = ActiveModel {
            account_id: Set(row.account_id),
            tag: Set(row.tag),
            searched_at: Set(row.searched_at),
            unsure_since: Set(row.unsure_since),
            is_answered: Set(row.is_answered),
        };
        let replace = OnConflict::columns([Column::AccountId, Column::Tag])
            .update_columns([Column::SearchedAt, Column::UnsureSince, Column::IsAnswered])
            .to_owned();
        Self::insert(row).on_conflict(replace).exec_without_returning(db).await?;
        Ok(())
    }

    /// Notes that a query of the window was answered.
    pub async fn answer(db: &impl ConnectionTrait, account_id: &str, tag: &str) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::IsAnswered, Expr::value(true))
            .filter(Column::AccountId.eq(account_id))
            .filter(Column::Tag.eq(tag))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Takes a row back that Meta has not counted; `false` if there is none.
    pub async fn remove(db: &impl ConnectionTrait, account_id: &str, tag: &str) -> Result<bool, DbErr> {
        let row = Self::delete_many().filter(Column::AccountId.eq(account_id)).filter(Column::Tag.eq(tag));
        Ok(row.exec(db).await?.rows_affected > 0)
    }

    /// Lists the accounts on whose ledger a hashtag stands by one of its names.
    pub async fn of_names(db: &impl ConnectionTrait, names: &[String]) -> Result<Vec<Model>, DbErr> {
        Self::find().filter(Column::Tag.is_in(names)).all(db).await
    }

    /// Deletes what an account's windows no longer hold.
    pub async fn forget(db: &impl ConnectionTrait, account_id: &str, before: DateTimeUtc) -> Result<(), DbErr> {
        Self::delete_many()
            .filter(Column::AccountId.eq(account_id))
            .filter(Column::SearchedAt.lte(before))
            .exec(db)
            .await?;
        Ok(())
    }
}

//! `throttles`: a key that must not be called before a time, and how much of its allowance is used.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, LockType, OnConflict, Query};
use sea_orm::{FromJsonQueryResult, IntoActiveModel, Iterable, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};

use crate::install;

/// What was spent of an allowance: when a part of its window began, in seconds, and how much in it, in per cent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Spent(pub Vec<(i64, f64)>);

/// One key: `app`, or `user:`, `page:`, `account:` and Meta's id. What begins with `x:` is X's, by call.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "throttles")]
pub struct Model {
    /// The key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// How much of the allowance is used, in per cent; null: Meta never said.
    pub percent: Option<f64>,
    /// What of it was spent when.
    pub spent: Option<Spent>,
    /// What one call was seen to cost, in per cent of the allowance.
    pub cost: Option<f64>,
    /// When Meta said so.
    pub measured_at: Option<DateTimeUtc>,
    /// Until when Meta refuses the key.
    pub closed_until: Option<DateTimeUtc>,
    /// What closed it: Meta's numbers, never its text.
    pub reason: Option<String>,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
}

/// A key belongs to nothing.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Lists what is kept of some keys.
    pub async fn of_keys(db: &impl ConnectionTrait, keys: &[String]) -> Result<Vec<Model>, DbErr> {
        Self::find().filter(Column::Key.is_in(keys)).all(db).await
    }

    /// Keeps what is known of a key. Until when it is closed stays as it is, unless that `closes_or_opens`: another process
    /// may have been refused meanwhile. Of a person, a Page or an account that nobody has connected, nothing is kept: whoever
    /// was forgotten while Meta was called stays forgotten.
    pub async fn keep(db: &impl ConnectionTrait, row: Model, closes_or_opens: bool) -> Result<(), DbErr> {
        let mut columns = vec![Column::Percent, Column::Spent, Column::Cost, Column::MeasuredAt, Column::UpdatedAt];
        if closes_or_opens {
            columns.extend([Column::ClosedUntil, Column::Reason]);
        }
        let replace = OnConflict::column(Column::Key).update_columns(columns).to_owned();
        let counted_by = counted_by(&row.key).map(|(column, id)| column.eq(id));
        let row = row.into_active_model().reset_all();
        let Some(is_connected) = counted_by else {
            Self::insert(row).on_conflict(replace).exec_without_returning(db).await?;
            return Ok(());
        };
        // Who forgets an install has locked it: that is waited for.
        let connected = install::Entity::find().select_only().filter(is_connected).limit(1).lock(LockType::KeyShare);
        let values = Column::iter().filter_map(|column| row.get(column).into_value());
        let values = values.fold(connected, |found, value| found.expr(Expr::value(value)));
        let mut insert = Query::insert();
        insert.into_table(Entity).columns(Column::iter()).on_conflict(replace);
        insert.select_from(values.into_query()).map_err(|error| DbErr::Custom(error.to_string()))?;
        db.execute(&insert).await?;
        Ok(())
    }

    /// Closes a key until then; one that is closed for longer stays so.
    pub async fn close(
        db: &impl ConnectionTrait,
        key: &str,
        until: DateTimeUtc,
        now: DateTimeUtc,
    ) -> Result<(), DbErr> {
        let row = Model {
            key: key.to_owned(),
            percent: None,
            spent: None,
            cost: None,
            measured_at: None,
            closed_until: Some(until),
            reason: Some("429".to_owned()),
            updated_at: now,
        };
        let is_longer =
            Expr::col((Self, Column::ClosedUntil)).is_null().or(Expr::col((Self, Column::ClosedUntil)).lt(until));
        let later = OnConflict::column(Column::Key)
            .update_columns([Column::ClosedUntil, Column::Reason, Column::UpdatedAt])
            .action_and_where(is_longer)
            .to_owned();
        Self::insert(row.into_active_model().reset_all()).on_conflict(later).exec_without_returning(db).await?;
        Ok(())
    }

    /// Forgets the limits of an account on X.
    pub async fn forget_x(db: &impl ConnectionTrait, x_user_id: &str) -> Result<(), DbErr> {
        Self::delete_many().filter(Column::Key.starts_with(x_account(x_user_id))).exec(db).await?;
        Ok(())
    }
}

/// What the keys of an account on X begin with; the call's name follows.
pub fn x_account(x_user_id: &str) -> String {
    format!("x:{x_user_id}:")
}

/// By which column of an install a key's calls are counted, and by what in it; `None`: by no install.
fn counted_by(key: &str) -> Option<(install::Column, &str)> {
    let (kind, id) = key.split_once(':')?;
    let column = match kind {
        "user" => install::Column::FacebookUserId,
        "page" => install::Column::PageId,
        "account" => install::Column::InstagramBusinessAccountId,
        _ => return None,
    };
    Some((column, id))
}

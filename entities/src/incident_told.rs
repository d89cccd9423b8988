//! What the operator was told of incidents.

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};

use crate::incident::{Column, Entity};

impl Entity {
    /// Notes that the operator was told that these began.
    pub async fn note_opening_told(db: &impl ConnectionTrait, ids: &[String], now: DateTimeUtc) -> Result<(), DbErr> {
        note(db, Column::ToldOpenedAt, ids, now).await
    }

    /// Notes that the operator was told that these are over.
    pub async fn note_closing_told(db: &impl ConnectionTrait, ids: &[String], now: DateTimeUtc) -> Result<(), DbErr> {
        note(db, Column::ToldClosedAt, ids, now).await
    }

    /// Returns since when an incident of everybody gathers others: it is as old as the oldest of them, but was not known
    /// before. `None` if it has gathered none.
    pub async fn gathers_since(db: &impl ConnectionTrait, id: &str) -> Result<Option<DateTimeUtc>, DbErr> {
        let first = Self::find()
            .select_only()
            .column(Column::ClosedAt)
            .filter(Column::JoinedId.eq(id))
            .order_by_asc(Column::ClosedAt)
            .limit(1);
        Ok(first.into_tuple::<Option<DateTimeUtc>>().one(db).await?.flatten())
    }
}

async fn note(db: &impl ConnectionTrait, column: Column, ids: &[String], now: DateTimeUtc) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(column, Expr::value(now))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::Id.is_in(ids))
        .exec(db)
        .await?;
    Ok(())
}

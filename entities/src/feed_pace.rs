//! What the pace of feeds follows: a narrow select over `feeds`, without their bodies; and what changes it.

use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, QuerySelect};

use crate::FeedKey;
use crate::feed::{Column, Entity, Source};

/// One feed that is fetched.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Paced {
    /// Its key.
    pub key: FeedKey,
    /// When its items last changed.
    pub changed_at: Option<DateTimeUtc>,
    /// When it was last asked for.
    pub last_requested_at: DateTimeUtc,
    /// The shortest demand on it, in seconds.
    pub demand_s: Option<i32>,
}

impl Entity {
    /// Lists which of these keys' feeds are fetched: those that are awake, and asked for since `asked_since`.
    pub async fn paced(
        db: &impl ConnectionTrait,
        source: Source,
        keys: impl IntoIterator<Item = FeedKey>,
        asked_since: DateTimeUtc,
    ) -> Result<Vec<Paced>, DbErr> {
        Self::find()
            .select_only()
            .columns([Column::Key, Column::ChangedAt, Column::LastRequestedAt, Column::DemandS])
            .filter(Column::Source.eq(source))
            .filter(Column::Key.is_in(keys))
            .filter(Column::NextFetchAt.is_not_null())
            .filter(Column::LastRequestedAt.gte(asked_since))
            .into_model()
            .all(db)
            .await
    }

    /// Has a feed fetched at `due` that was to be fetched later, unless something else keeps it: a failure has its own time.
    pub async fn bring_forward(db: &impl ConnectionTrait, id: &str, due: DateTimeUtc) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::NextFetchAt, Expr::value(due))
            .filter(Column::Id.eq(id))
            .filter(Column::NextFetchAt.gt(due))
            .filter(Column::Failure.is_null())
            .exec(db)
            .await?;
        Ok(())
    }
}

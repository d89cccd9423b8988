//! When a feed of `feeds` is due: which ones are, which fall asleep, and what makes one due again.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, PaginatorTrait, QueryOrder, QuerySelect, QueryTrait};

use crate::feed::{Column, Entity, Source};

/// A feed that is due: since when, and its id. In this order they are listed, and the index on them keeps it.
type Due = (DateTimeUtc, String);

/// The most ids that one statement binds; databases bound them too.
const IDS: usize = 500;

impl Entity {
    /// Lists a page of due feeds that somebody asked for since `asked_since`, longest due first, behind `after`.
    pub async fn due(
        db: &impl ConnectionTrait,
        now: DateTimeUtc,
        asked_since: DateTimeUtc,
        after: Option<&Due>,
        limit: u64,
    ) -> Result<Vec<Due>, DbErr> {
        let place = || Expr::tuple([Expr::col(Column::NextFetchAt), Expr::col(Column::Id)]);
        Self::find()
            .select_only()
            .columns([Column::NextFetchAt, Column::Id])
            .filter(Column::NextFetchAt.lte(now))
            .filter(Column::LastRequestedAt.gte(asked_since))
            .apply_if(after, |due, (at, id)| {
                due.filter(place().gt(Expr::tuple([Expr::value(*at), Expr::value(id.clone())])))
            })
            .order_by_asc(Column::NextFetchAt)
            .order_by_asc(Column::Id)
            .limit(limit)
            .into_tuple()
            .all(db)
            .await
    }

    /// Puts up to `limit` feeds to sleep that are due and that nobody has asked for since `asked_since`, and returns how
    /// many: they have no time at which they are due, so that the look at what is due does not come past them again.
    pub async fn fall_asleep(
        db: &impl ConnectionTrait,
        now: DateTimeUtc,
        asked_since: DateTimeUtc,
        limit: u64,
    ) -> Result<u64, DbErr> {
        let unwanted =
            || Condition::all().add(Column::NextFetchAt.lte(now)).add(Column::LastRequestedAt.lt(asked_since));
        let some = Self::find().select_only().column(Column::Id).filter(unwanted()).limit(limit).into_query();
        let asleep = Self::update_many()
            .col_expr(Column::NextFetchAt, Expr::value(Option::<DateTimeUtc>::None))
            .col_expr(Column::WaitsSince, Expr::value(Option::<DateTimeUtc>::None))
            .filter(Column::Id.in_subquery(some))
            // Looked at again, with the row locked: somebody may just have asked for it.
            .filter(unwanted())
            .exec(db)
            .await?;
        Ok(asleep.rows_affected)
    }

    /// Counts the feeds that do not sleep, up to `most`: no more of the index is looked at.
    pub async fn awake(db: &impl ConnectionTrait, most: u64) -> Result<u64, DbErr> {
        let awake = || Self::find().filter(Column::NextFetchAt.is_not_null());
        let last = awake().select_only().column(Column::Id).order_by_asc(Column::NextFetchAt).offset(most).limit(1);
        match last.into_tuple::<String>().one(db).await? {
            Some(_) => Ok(most),
            None => awake().count(db).await,
        }
    }

    /// Counts the feeds of a source that do not sleep, up to `most`.
    pub async fn awake_from(db: &impl ConnectionTrait, source: Source, most: u64) -> Result<u64, DbErr> {
        let awake = || Self::find().filter(Column::Source.eq(source)).filter(Column::NextFetchAt.is_not_null());
        let last = awake().select_only().column(Column::Id).order_by_asc(Column::Key).offset(most).limit(1);
        match last.into_tuple::<String>().one(db).await? {
            Some(_) => Ok(most),
            None => awake().count(db).await,
        }
    }

    /// Makes feeds due.
    pub async fn make_due(db: &impl ConnectionTrait, ids: &[String], now: DateTimeUtc) -> Result<(), DbErr> {
        for some in ids.chunks(IDS) {
            Self::update_many()
                .col_expr(Column::NextFetchAt, Expr::value(now))
                .col_expr(Column::UpdatedAt, Expr::value(now))
                .filter(Column::Id.is_in(some))
                .exec(db)
                .await?;
        }
        Ok(())
    }
}

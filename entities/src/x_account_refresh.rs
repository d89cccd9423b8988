//! How an account's pair of tokens is renewed: who has the turn, what came of it. A refresh token serves once, so the turn is
//! committed before X is asked, and a new pair before it is used.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, QueryOrder, QuerySelect};

use crate::StringList;
use crate::seal::Sealed;
use crate::x_account::{Column, Ended, Entity, Model, Status};

/// The right to ask X for the next pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Which turn it is.
    pub number: i32,
    /// Which pair it is to renew.
    pub pair: i32,
}

/// A new pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// What calls are made with.
    pub access_token: Sealed,
    /// When it ends.
    pub access_ends_at: DateTimeUtc,
    /// What the next pair is got with.
    pub refresh_token: Sealed,
    /// When it is to be got.
    pub refresh_due_at: DateTimeUtc,
    /// What was granted, if X said it again.
    pub scopes: Option<StringList>,
}

/// A turn that brought no pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure<'a> {
    /// Its class.
    pub class: &'a str,
    /// Whether X may have used the refresh token up, and was not heard.
    pub is_unanswered: bool,
    /// Whether X has clearly refused the refresh token.
    pub is_refused: bool,
    /// Whether X does not explain it.
    pub is_unexplained: bool,
    /// When it is tried again.
    pub again_at: DateTimeUtc,
}

impl Entity {
    /// Lists a page of the accounts whose pair is to be renewed, in order of when, behind `after`.
    pub async fn refresh_due(
        db: &impl ConnectionTrait,
        now: DateTimeUtc,
        after: Option<&(DateTimeUtc, String)>,
        limit: u64,
    ) -> Result<Vec<(DateTimeUtc, String)>, DbErr> {
        let behind = after.map(|(at, id)| {
            Condition::any()
                .add(Column::RefreshDueAt.gt(*at))
                .add(Condition::all().add(Column::RefreshDueAt.eq(*at)).add(Column::Id.gt(id)))
        });
        Self::find()
            .select_only()
            .columns([Column::RefreshDueAt, Column::Id])
            .filter(Column::RefreshDueAt.lte(now))
            .filter(behind.unwrap_or_else(Condition::all))
            .order_by_asc(Column::RefreshDueAt)
            .order_by_asc(Column::Id)
            .limit(limit)
            .into_tuple()
            .all(db)
            .await
    }

    /// Takes the turn to renew the pair that was read; `None` if that is not the pair any more, or somebody has the turn.
    /// Times are the wall clock's; a turn that began before `abandoned` is taken from whoever had it, who may have asked X.
    pub async fn take_turn(
        db: &impl ConnectionTrait,
        read: &Model,
        wall: DateTimeUtc,
        abandoned: DateTimeUtc,
    ) -> Result<Option<Turn>, DbErr> {
        let was_left = i32::from(read.refreshing_since.is_some());
        let is_free = Column::RefreshingSince.is_null().or(Column::RefreshingSince.lte(abandoned));
        let turn = Turn { number: read.turn_number + 1, pair: read.pair_number };
        let taken = Self::update_many()
            .col_expr(Column::TurnNumber, Expr::value(turn.number))
            .col_expr(Column::RefreshingSince, Expr::value(Some(wall)))
            .col_expr(Column::Unanswered, ExprTrait::add(Expr::col(Column::Unanswered), was_left))
            .filter(Column::Id.eq(&read.id))
            .filter(Column::Status.eq(Status::Active))
            .filter(Column::PairNumber.eq(read.pair_number))
            .filter(Column::TurnNumber.eq(read.turn_number))
            .filter(is_free)
            .exec(db)
            .await?;
        Ok((taken.rows_affected > 0).then_some(turn))
    }

    /// Keeps what a turn brought; `false` if another pair was kept since, or the account is gone. Whoever has the turn by now
    /// finds another pair than the one that it was to renew.
    pub async fn keep_pair(
        db: &impl ConnectionTrait,
        id: &str,
        turn: Turn,
        pair: Pair,
        now: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        let mut kept = Self::update_many()
            .col_expr(Column::AccessToken, Expr::value(Some(pair.access_token)))
            .col_expr(Column::AccessEndsAt, Expr::value(pair.access_ends_at))
            .col_expr(Column::RefreshToken, Expr::value(Some(pair.refresh_token)))
            .col_expr(Column::RefreshDueAt, Expr::value(Some(pair.refresh_due_at)))
            .col_expr(Column::Status, Expr::value(Status::Active))
            .col_expr(Column::Ended, Expr::value(Option::<Ended>::None))
            .col_expr(Column::PairNumber, Expr::value(turn.pair + 1))
            .col_expr(Column::RefreshingSince, Expr::value(Option::<DateTimeUtc>::None))
            .col_expr(Column::Unanswered, Expr::value(0))
            .col_expr(Column::Refused, Expr::value(0))
            .col_expr(Column::Failures, Expr::value(0))
            .col_expr(Column::FirstFailedAt, Expr::value(Option::<DateTimeUtc>::None))
            .col_expr(Column::Unexplained, Expr::value(0))
            .col_expr(Column::UnexplainedSince, Expr::value(Option::<DateTimeUtc>::None))
            .col_expr(Column::LastFailure, Expr::value(Option::<String>::None))
            .col_expr(Column::UpdatedAt, Expr::value(now));
        if let Some(scopes) = pair.scopes {
            kept = kept.col_expr(Column::Scopes, Expr::value(scopes));
        }
        let kept = kept.filter(Column::Id.eq(id)).filter(Column::PairNumber.eq(turn.pair)).exec(db).await?;
        Ok(kept.rows_affected > 0)
    }

    /// Ends a turn that brought nothing; `false` if it was over: nobody is told of it then.
    pub async fn end_turn(
        db: &impl ConnectionTrait,
        id: &str,
        turn: Turn,
        failure: Failure<'_>,
        now: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        let first = Expr::col(Column::FirstFailedAt).if_null(Expr::value(now));
        let add = |column: Column, number: bool| ExprTrait::add(Expr::col(column), i32::from(number));
        // Whatever else goes wrong in between says nothing of the token.
        let (unexplained, since) = if failure.is_unexplained {
            (add(Column::Unexplained, true), Expr::col(Column::UnexplainedSince).if_null(Expr::value(now)))
        } else {
            (Expr::value(0), Expr::value(Option::<DateTimeUtc>::None))
        };
        let ended = Self::update_many()
            .col_expr(Column::Unexplained, unexplained)
            .col_expr(Column::UnexplainedSince, since)
            .col_expr(Column::RefreshingSince, Expr::value(Option::<DateTimeUtc>::None))
            .col_expr(Column::Unanswered, add(Column::Unanswered, failure.is_unanswered))
            .col_expr(Column::Refused, add(Column::Refused, failure.is_refused))
            .col_expr(Column::Failures, add(Column::Failures, true))
            .col_expr(Column::FirstFailedAt, first)
            .col_expr(Column::LastFailure, Expr::value(Some(failure.class)))
            .col_expr(Column::RefreshDueAt, Expr::value(Some(failure.again_at)))
            .col_expr(Column::UpdatedAt, Expr::value(now));
        Ok(of(ended, id, turn).exec(db).await?.rows_affected > 0)
    }

    /// Calls an account dead, whose pair this turn could not renew; `false` if the turn was over. Its tokens are wiped.
    pub async fn call_dead(
        db: &impl ConnectionTrait,
        id: &str,
        turn: Turn,
        (ended, class): (Ended, &str),
        now: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        let first = Expr::col(Column::FirstFailedAt).if_null(Expr::value(now));
        let dead = Self::update_many()
            .col_expr(Column::AccessToken, Expr::value(Option::<Sealed>::None))
            .col_expr(Column::RefreshToken, Expr::value(Option::<Sealed>::None))
            .col_expr(Column::Status, Expr::value(Status::Dead))
            .col_expr(Column::Ended, Expr::value(Some(ended)))
            .col_expr(Column::RefreshDueAt, Expr::value(Option::<DateTimeUtc>::None))
            .col_expr(Column::RefreshingSince, Expr::value(Option::<DateTimeUtc>::None))
            .col_expr(Column::Failures, ExprTrait::add(Expr::col(Column::Failures), 1))
            .col_expr(Column::FirstFailedAt, first)
            .col_expr(Column::LastFailure, Expr::value(Some(class)))
            .col_expr(Column::UpdatedAt, Expr::value(now));
        Ok(of(dead, id, turn).exec(db).await?.rows_affected > 0)
    }

    /// Puts off a pair that is due and cannot be worked on: what would renew it has died.
    pub async fn put_off(
        db: &impl ConnectionTrait,
        id: &str,
        (until, class): (DateTimeUtc, &str),
        now: DateTimeUtc,
    ) -> Result<(), DbErr> {
        let first = Expr::col(Column::FirstFailedAt).if_null(Expr::value(now));
        Self::update_many()
            .col_expr(Column::RefreshDueAt, Expr::value(Some(until)))
            .col_expr(Column::Failures, ExprTrait::add(Expr::col(Column::Failures), 1))
            .col_expr(Column::FirstFailedAt, first)
            .col_expr(Column::LastFailure, Expr::value(Some(class)))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .filter(Column::Status.eq(Status::Active))
            .filter(Column::RefreshDueAt.lte(now))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Makes a pair due now, which X refuses to serve, or which is about to end; `false` if it is another one by now.
    pub async fn make_due(
        db: &impl ConnectionTrait,
        id: &str,
        pair_number: i32,
        now: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        let due = Self::update_many()
            .col_expr(Column::RefreshDueAt, Expr::value(Some(now)))
            .filter(Column::Id.eq(id))
            .filter(Column::Status.eq(Status::Active))
            .filter(Column::PairNumber.eq(pair_number))
            .exec(db)
            .await?;
        Ok(due.rows_affected > 0)
    }
}

/// Only of the turn that is under way, and of the pair that it is to renew.
fn of(update: sea_orm::UpdateMany<Entity>, id: &str, turn: Turn) -> sea_orm::UpdateMany<Entity> {
    update.filter(Column::Id.eq(id)).filter(Column::TurnNumber.eq(turn.number)).filter(Column::PairNumber.eq(turn.pair))
}

//! The steps of a media through its ledger: each changes the row only where it is as whoever takes the step believes.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, UpdateMany};

use crate::StringList;
use crate::crosspost_delivery::{Column, Entity, Model, State};

impl Entity {
    /// Keeps that X has the files of a media.
    pub async fn keep_files(
        db: &impl ConnectionTrait,
        id: &str,
        media_ids: &StringList,
        now: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        let kept = change(State::Uploaded)
            .col_expr(Column::MediaIds, Expr::value(media_ids.clone()))
            .col_expr(Column::UploadedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .filter(unasked());
        Ok(kept.exec(db).await?.rows_affected > 0)
    }

    /// Keeps that X has the files of a media, and still looks at them.
    pub async fn keep_pending(
        db: &impl ConnectionTrait,
        id: &str,
        media_ids: &StringList,
        now: DateTimeUtc,
    ) -> Result<(), DbErr> {
        let kept = change(State::Planned)
            .col_expr(Column::MediaIds, Expr::value(media_ids.clone()))
            .col_expr(Column::UploadedAt, Expr::value(now));
        kept.filter(Column::Id.eq(id)).filter(unasked()).exec(db).await?;
        Ok(())
    }

    /// Takes a media to be posted with this text, in the next attempt; `false` if somebody else has, or if it has ended.
    pub async fn take(db: &impl ConnectionTrait, row: &Model, text: &str, now: DateTimeUtc) -> Result<bool, DbErr> {
        let taken = change(State::Posting)
            .col_expr(Column::Text, Expr::value(text))
            .col_expr(Column::Attempts, ExprTrait::add(Expr::col(Column::Attempts), 1))
            .col_expr(Column::PostingAt, Expr::value(now))
            .filter(Column::Id.eq(&row.id))
            .filter(Column::State.eq(State::Uploaded))
            .filter(Column::Attempts.eq(row.attempts));
        Ok(taken.exec(db).await?.rows_affected > 0)
    }

    /// Keeps that the attempt of this number may have posted, and until when that is left alone.
    pub async fn doubt(
        db: &impl ConnectionTrait,
        id: (&str, i32),
        failure: &str,
        next_try_at: DateTimeUtc,
    ) -> Result<(), DbErr> {
        let doubted = failed(change(State::Unknown), failure, next_try_at);
        doubted.filter(of_attempt(id)).exec(db).await?;
        Ok(())
    }

    /// Keeps that the attempt of this number has posted nothing: the media is to be posted again.
    pub async fn is_not_there(db: &impl ConnectionTrait, id: (&str, i32), failure: &str) -> Result<(), DbErr> {
        not_there(failure).filter(of_attempt(id)).exec(db).await?;
        Ok(())
    }

    /// The same of an attempt that X did not refuse, and whose post was looked for.
    pub async fn is_missed(db: &impl ConnectionTrait, id: (&str, i32), failure: &str) -> Result<(), DbErr> {
        let missed = ExprTrait::add(Expr::col(Column::Missed), 1);
        not_there(failure).col_expr(Column::Missed, missed).filter(of_attempt(id)).exec(db).await?;
        Ok(())
    }

    /// Keeps that X forbade a media, or a part of it, once more.
    pub async fn note_forbidden(db: &impl ConnectionTrait, id: &str, failure: &str) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::Forbidden, ExprTrait::add(Expr::col(Column::Forbidden), 1))
            .col_expr(Column::Failure, Expr::value(failure))
            .filter(Column::Id.eq(id))
            .filter(Column::EndedAt.is_null())
            .exec(db)
            .await?;
        Ok(())
    }

    /// Keeps that the attempt of this number has ended for good: posted, failed, or unknown, and why. One that was given up
    /// for unknown and then turns out to have posted is believed.
    pub async fn end(
        db: &impl ConnectionTrait,
        id: (&str, i32),
        (state, reason, x_post_id): (State, Option<&str>, Option<&str>),
        now: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        let ended = end(state, reason, now)
            .col_expr(Column::XPostId, Expr::value(x_post_id.map(str::to_owned)))
            .filter(of_attempt(id));
        Ok(ended.exec(db).await?.rows_affected > 0)
    }

    /// Keeps that a media is not posted, and why, before X was asked to; `false` if it has ended, or may be there.
    pub async fn end_unasked(
        db: &impl ConnectionTrait,
        id: &str,
        (state, reason, said): (State, &str, &str),
        now: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        let said = Some(said).filter(|said| !said.is_empty()).map(str::to_owned);
        let ended = end(state, Some(reason), now).col_expr(Column::Failure, Expr::value(said));
        Ok(ended.filter(Column::Id.eq(id)).filter(unasked()).exec(db).await?.rows_affected > 0)
    }

    /// Keeps why a media is not posted for now, before X was asked to, and until when it is left alone.
    pub async fn put_off(
        db: &impl ConnectionTrait,
        id: &str,
        failure: &str,
        next_try_at: DateTimeUtc,
    ) -> Result<(), DbErr> {
        let put_off = failed(Self::update_many(), failure, next_try_at);
        put_off.filter(Column::Id.eq(id)).filter(Column::EndedAt.is_null()).exec(db).await?;
        Ok(())
    }
}

fn change(state: State) -> UpdateMany<Entity> {
    Entity::update_many().col_expr(Column::State, Expr::value(state))
}

fn not_there(failure: &str) -> UpdateMany<Entity> {
    change(State::Uploaded)
        .col_expr(Column::Failure, Expr::value(failure))
        .col_expr(Column::NextTryAt, Expr::value(Option::<DateTimeUtc>::None))
}

fn failed(change: UpdateMany<Entity>, failure: &str, next_try_at: DateTimeUtc) -> UpdateMany<Entity> {
    change
        .col_expr(Column::Failures, ExprTrait::add(Expr::col(Column::Failures), 1))
        .col_expr(Column::Failure, Expr::value(failure))
        .col_expr(Column::NextTryAt, Expr::value(next_try_at))
}

fn end(state: State, reason: Option<&str>, now: DateTimeUtc) -> UpdateMany<Entity> {
    change(state)
        .col_expr(Column::Reason, Expr::value(reason.map(str::to_owned)))
        .col_expr(Column::Item, Expr::value(Option::<String>::None))
        .col_expr(Column::EndedAt, Expr::value(now))
}

/// A row of which X was not asked to post anything, or has nothing for sure.
fn unasked() -> Condition {
    Condition::all().add(Column::EndedAt.is_null()).add(Column::State.is_in([State::Planned, State::Uploaded]))
}

/// A row whose last attempt has this number, and of which nothing is known.
fn of_attempt((id, attempt): (&str, i32)) -> Condition {
    Condition::all()
        .add(Column::Id.eq(id))
        .add(Column::Attempts.eq(attempt))
        .add(Column::State.is_in([State::Posting, State::Unknown]))
}

//! How an incident is opened, met again, joined with others and closed; and which ones last.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, QueryOrder, TryInsertResult};

use crate::incident::{ActiveModel, Alike, Column, Entity, Kind, Model, Scope, open_key};
use crate::new_id;

/// A failure as an incident keeps it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// What it has in common with others.
    pub alike: Alike<'a>,
    /// Meta's subcode.
    pub subcode: Option<i64>,
    /// Meta's name for it.
    pub fbtrace_id: Option<&'a str>,
    /// When.
    pub at: DateTimeUtc,
}

impl Entity {
    /// Finds what lasts by one of these keys (see [`open_key`]), oldest first.
    pub async fn by_keys(db: &impl ConnectionTrait, keys: Vec<String>) -> Result<Vec<Model>, DbErr> {
        Self::find().filter(Column::OpenKey.is_in(keys)).order_by_asc(Column::OpenedAt).all(db).await
    }

    /// Finds the incident of everybody that lasts.
    pub async fn of_everybody(db: &impl ConnectionTrait, class: &str, kind: Kind) -> Result<Option<Model>, DbErr> {
        Self::find().filter(Column::OpenKey.eq(open_key(class, kind, None))).one(db).await
    }

    /// Lists all that last, oldest first.
    pub async fn all_open(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
        Self::find()
            .filter(Column::ClosedAt.is_null())
            .order_by_asc(Column::OpenedAt)
            .order_by_asc(Column::Id)
            .all(db)
            .await
    }

    /// Counts one more failure; `None` if nothing lasts by that key. Returns the incident's id.
    pub async fn see_again(db: &impl ConnectionTrait, key: &str, seen: &Seen<'_>) -> Result<Option<String>, DbErr> {
        let Some(row) = Self::find().filter(Column::OpenKey.eq(key)).one(db).await? else { return Ok(None) };
        let trace = seen.fbtrace_id.map(str::to_owned).or(row.fbtrace_id);
        let met = Self::update_many()
            .col_expr(Column::Failures, ExprTrait::add(Expr::col(Column::Failures), 1))
            .col_expr(Column::FbtraceId, Expr::value(trace))
            .col_expr(Column::LastSeenAt, Expr::value(seen.at))
            .col_expr(Column::UpdatedAt, Expr::value(seen.at))
            .filter(Column::Id.eq(&row.id))
            .filter(Column::ClosedAt.is_null())
            .exec(db)
            .await?;
        Ok((met.rows_affected > 0).then_some(row.id))
    }

    /// Opens one: an install's, or everybody's. `None` if one lasts already.
    pub async fn open(
        db: &impl ConnectionTrait,
        install_id: Option<&str>,
        seen: &Seen<'_>,
        next_probe_at: Option<DateTimeUtc>,
    ) -> Result<Option<String>, DbErr> {
        let Alike { class, kind, code } = seen.alike;
        let id = new_id();
        let row = ActiveModel {
            id: Set(id.clone()),
            open_key: Set(Some(open_key(class, kind, install_id))),
            class: Set(class.to_owned()),
            scope: Set(if install_id.is_some() { Scope::Account } else { Scope::App }),
            kind: Set(kind),
            everybody_waits: Set(false),
            install_id: Set(install_id.map(str::to_owned)),
            x_account_id: Set(None),
            code: Set(code),
            subcode: Set(seen.subcode),
            fbtrace_id: Set(seen.fbtrace_id.map(str::to_owned)),
            // Everybody's takes over those of its parts.
            failures: Set(i64::from(install_id.is_some())),
            verdict: Set(None),
            opened_at: Set(seen.at),
            last_seen_at: Set(seen.at),
            closed_at: Set(None),
            joined_id: Set(None),
            next_probe_at: Set(next_probe_at),
            probes: Set(0),
            told_opened_at: Set(None),
            told_closed_at: Set(None),
            updated_at: Set(seen.at),
        };
        let inserted =
            Self::insert(row).on_conflict_do_nothing_on([Column::OpenKey]).exec_without_returning(db).await?;
        Ok(matches!(inserted, TryInsertResult::Inserted(rows) if rows > 0).then_some(id))
    }

    /// Closes these incidents of accounts as parts of everybody's, which takes their failures and their beginning over.
    /// Those that were closed meanwhile are left out; returns the rest.
    pub async fn join(
        db: &impl ConnectionTrait,
        everybodys: &Model,
        parts: Vec<Model>,
        now: DateTimeUtc,
    ) -> Result<Vec<Model>, DbErr> {
        let mut joined = Vec::new();
        for part in parts {
            let closed = ended(now)
                .col_expr(Column::JoinedId, Expr::value(everybodys.id.clone()))
                .filter(Column::Id.eq(&part.id))
                .filter(Column::ClosedAt.is_null())
                .exec(db)
                .await?;
            if closed.rows_affected > 0 {
                joined.push(part);
            }
        }
        let failures: i64 = joined.iter().map(|part| part.failures).sum();
        let began = joined.iter().map(|part| part.opened_at).chain([everybodys.opened_at]).min();
        Self::update_many()
            .col_expr(Column::Failures, ExprTrait::add(Expr::col(Column::Failures), failures))
            .col_expr(Column::OpenedAt, Expr::value(began))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.eq(&everybodys.id))
            .exec(db)
            .await?;
        Ok(joined)
    }

    /// Closes an incident; `false` if it was closed before.
    pub async fn close(db: &impl ConnectionTrait, id: &str, now: DateTimeUtc) -> Result<bool, DbErr> {
        let closed = ended(now).filter(Column::Id.eq(id)).filter(Column::ClosedAt.is_null()).exec(db).await?;
        Ok(closed.rows_affected > 0)
    }

    /// Says whom an incident of everybody makes wait, and when it is tried next whether it is over; null: nobody waits.
    pub async fn go_on(
        db: &impl ConnectionTrait,
        id: &str,
        everybody_waits: bool,
        next_probe_at: Option<DateTimeUtc>,
        now: DateTimeUtc,
    ) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::EverybodyWaits, Expr::value(everybody_waits))
            .col_expr(Column::NextProbeAt, Expr::value(next_probe_at))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .filter(Column::ClosedAt.is_null())
            .exec(db)
            .await?;
        Ok(())
    }

    /// Counts a probe.
    pub async fn note_probe(db: &impl ConnectionTrait, id: &str, now: DateTimeUtc) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::Probes, ExprTrait::add(Expr::col(Column::Probes), 1))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Keeps what was found out.
    pub async fn keep_verdict(
        db: &impl ConnectionTrait,
        id: &str,
        verdict: Json,
        now: DateTimeUtc,
    ) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::Verdict, Expr::value(verdict))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Lists incidents that began and were not told; those that joined another are told with it.
    pub async fn untold_openings(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
        let untold = Condition::all().add(Column::ClosedAt.is_null()).add(Column::ToldOpenedAt.is_null());
        Self::find().filter(untold).order_by_asc(Column::OpenedAt).order_by_asc(Column::Id).all(db).await
    }

    /// Lists incidents whose beginning was told and whose end was not; those that joined another end with it.
    pub async fn untold_closings(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
        let untold = Condition::all()
            .add(Column::ClosedAt.is_not_null())
            .add(Column::JoinedId.is_null())
            .add(Column::ToldOpenedAt.is_not_null())
            .add(Column::ToldClosedAt.is_null());
        Self::find().filter(untold).order_by_asc(Column::ClosedAt).order_by_asc(Column::Id).all(db).await
    }

    /// Forgets incidents that were closed before `closed_before`; returns how many.
    pub async fn sweep(db: &impl ConnectionTrait, closed_before: DateTimeUtc) -> Result<u64, DbErr> {
        let swept = Self::delete_many().filter(Column::ClosedAt.lt(closed_before)).exec(db).await?;
        Ok(swept.rows_affected)
    }
}

/// The end of an incident: its key is free for the next one.
fn ended(now: DateTimeUtc) -> sea_orm::UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::OpenKey, Expr::value(Option::<String>::None))
        .col_expr(Column::NextProbeAt, Expr::value(Option::<DateTimeUtc>::None))
        .col_expr(Column::ClosedAt, Expr::value(now))
        .col_expr(Column::UpdatedAt, Expr::value(now))
}

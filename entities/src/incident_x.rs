//! Incidents of X: of one account there, or of our app there.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, TryInsertResult};

use crate::incident::{ActiveModel, Column, Entity, Kind, Model, Scope, open_key};
use crate::new_id;

impl Entity {
    /// Opens one, of an account on X or of everybody there; counts one more failure if it lasts already. `true` if it is new.
    pub async fn meet_of_x(
        db: &impl ConnectionTrait,
        (class, kind): (&str, Kind),
        x_account_id: Option<&str>,
        now: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        let key = open_key(class, kind, x_account_id);
        let seen_again = Self::update_many()
            .col_expr(Column::Failures, sea_orm::sea_query::ExprTrait::add(Expr::col(Column::Failures), 1))
            .col_expr(Column::LastSeenAt, Expr::value(now))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::OpenKey.eq(&key))
            .exec(db)
            .await?;
        if seen_again.rows_affected > 0 {
            return Ok(false);
        }
        let row = ActiveModel {
            id: Set(new_id()),
            open_key: Set(Some(key)),
            class: Set(class.to_owned()),
            scope: Set(if x_account_id.is_some() { Scope::Account } else { Scope::App }),
            kind: Set(kind),
            everybody_waits: Set(false),
            install_id: Set(None),
            x_account_id: Set(x_account_id.map(str::to_owned)),
            code: Set(None),
            subcode: Set(None),
            fbtrace_id: Set(None),
            failures: Set(1),
            verdict: Set(None),
            opened_at: Set(now),
            last_seen_at: Set(now),
            closed_at: Set(None),
            joined_id: Set(None),
            next_probe_at: Set(None),
            probes: Set(0),
            told_opened_at: Set(None),
            told_closed_at: Set(None),
            updated_at: Set(now),
        };
        let inserted =
            Self::insert(row).on_conflict_do_nothing_on([Column::OpenKey]).exec_without_returning(db).await?;
        Ok(matches!(inserted, TryInsertResult::Inserted(rows) if rows > 0))
    }

    /// Lists what lasts of one kind, of an account on X, or of everybody there, oldest first.
    pub async fn open_of_x(
        db: &impl ConnectionTrait,
        kind: Kind,
        x_account_id: Option<&str>,
    ) -> Result<Vec<Model>, DbErr> {
        let whose = x_account_id.map_or(Column::XAccountId.is_null(), |id| Column::XAccountId.eq(id));
        Self::find()
            .filter(Column::ClosedAt.is_null())
            .filter(Column::Kind.eq(kind))
            .filter(whose)
            .order_by_asc(Column::OpenedAt)
            .all(db)
            .await
    }

    /// Deletes what an account on X has met: the account is gone.
    pub async fn forget_x(db: &impl ConnectionTrait, x_account_id: &str) -> Result<(), DbErr> {
        Self::delete_many().filter(Column::XAccountId.eq(x_account_id)).exec(db).await?;
        Ok(())
    }
}

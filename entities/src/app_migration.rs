//! How far an app of `apps` has moved off the outlet: what its row says of it, when that is to be looked at again, and the
//! way back.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::LockType;
use sea_orm::{Condition, DatabaseTransaction, QueryOrder, QuerySelect};

use crate::app::{Column, Entity, Model};
use crate::{StringList, app_install};

/// What `instagram_graph_api_migrated_at` says while the move is offered and has not been made.
pub const NEVER: &str = "never";

/// How far an app has moved, by its `instagram_graph_api_migrated_at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Null: it was not saved while the move was offered to its user.
    NotOffered,
    /// `"never"`: it was, and no account has been connected since.
    Offered,
    /// A date: an account was connected, and what could be moved was.
    Made,
}

impl Model {
    /// Returns how far it has moved.
    pub fn has_moved(&self) -> Move {
        match self.instagram_graph_api_migrated_at.as_deref() {
            None => Move::NotOffered,
            Some(NEVER) => Move::Offered,
            Some(_) => Move::Made,
        }
    }
}

/// Which apps `migrate_app` has something to do for when their connections change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concerned {
    /// Those to whom the move is offered, and those that have made it: an account was connected.
    Offered,
    /// Those that have made it: an account is connected no more.
    Made,
}

impl Entity {
    /// Finds an app and locks its row until the transaction ends.
    pub async fn lock(tx: &DatabaseTransaction, app_id: &str) -> Result<Option<Model>, DbErr> {
        Self::find_by_id(app_id).lock_exclusive().one(tx).await
    }

    /// Lists the apps that use an install, in the order in which they are locked.
    pub async fn using(db: &impl ConnectionTrait, install_id: &str) -> Result<Vec<String>, DbErr> {
        let using = app_install::Entity::find().select_only().column(app_install::Column::AppId);
        let using = using.filter(app_install::Column::InstallId.eq(install_id));
        let mut apps: Vec<String> = using.into_tuple().all(db).await?;
        apps.sort_unstable();
        Ok(apps)
    }

    /// Keeps that an app's connections have changed, so that `migrate_app` is due; `false` if that is nothing to it. A look
    /// at the connections as they were is waited for: what it makes of the app is what is looked at here.
    pub async fn owe_migration(
        tx: &DatabaseTransaction,
        app_id: &str,
        which: Concerned,
        now: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        // What refers to the row is not kept waiting.
        let locked = Self::find_by_id(app_id).select_only().column(Column::AppId).lock(LockType::NoKeyUpdate);
        locked.into_tuple::<String>().one(tx).await?;
        let owed = Self::update_many()
            .col_expr(Column::MigrateDueAt, Expr::value(now))
            .filter(Column::AppId.eq(app_id))
            .filter(has_moved(which))
            .exec(tx)
            .await?;
        Ok(owed.rows_affected > 0)
    }

    /// Lists a page of the apps for which `migrate_app` is due and since when, in order of id, behind `after`.
    pub async fn migrations_due(
        db: &impl ConnectionTrait,
        now: DateTimeUtc,
        after: &str,
        limit: u64,
    ) -> Result<Vec<(String, DateTimeUtc)>, DbErr> {
        Self::find()
            .select_only()
            .columns([Column::AppId, Column::MigrateDueAt])
            .filter(Column::MigrateDueAt.lte(now))
            .filter(Column::AppId.gt(after))
            .order_by_asc(Column::AppId)
            .limit(limit)
            .into_tuple()
            .all(db)
            .await
    }

    /// Moves when a migration that is due and could not be done is due again.
    pub async fn postpone_migration(db: &impl ConnectionTrait, app_id: &str, until: DateTimeUtc) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::MigrateDueAt, Expr::value(until))
            .filter(Column::AppId.eq(app_id))
            .filter(Column::MigrateDueAt.is_not_null())
            .exec(db)
            .await?;
        Ok(())
    }

    /// Keeps what has come of a migration, which is due no more.
    pub async fn keep_migration(
        tx: &DatabaseTransaction,
        app_id: &str,
        migrated_at: Option<&str>,
        not_migrated: &StringList,
        now: DateTimeUtc,
    ) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::InstagramGraphApiMigratedAt, Expr::value(migrated_at))
            .col_expr(Column::InstagramNotMigratedFeeds, Expr::value(serde_json::json!(not_migrated)))
            .col_expr(Column::MigrateDueAt, Expr::value(Option::<DateTimeUtc>::None))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::AppId.eq(app_id))
            .exec(tx)
            .await?;
        Ok(())
    }

    /// Keeps that a migration is due no more, and has changed nothing.
    pub async fn end_migration(tx: &DatabaseTransaction, app_id: &str) -> Result<(), DbErr> {
        let never = Expr::value(Option::<DateTimeUtc>::None);
        Self::update_many().col_expr(Column::MigrateDueAt, never).filter(Column::AppId.eq(app_id)).exec(tx).await?;
        Ok(())
    }

    /// Takes an app's move back: the outlet serves all of its feeds from now on, and the move is offered anew. Its
    /// connections stay. `false` if there was none to take back.
    pub async fn roll_back(db: &impl ConnectionTrait, app_id: &str, now: DateTimeUtc) -> Result<bool, DbErr> {
        let rolled_back = Self::update_many()
            .col_expr(Column::InstagramGraphApiMigratedAt, Expr::value(NEVER))
            .col_expr(Column::InstagramNotMigratedFeeds, Expr::value(serde_json::json!(StringList::default())))
            // An account that was connected a moment ago does not undo it.
            .col_expr(Column::MigrateDueAt, Expr::value(Option::<DateTimeUtc>::None))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::AppId.eq(app_id))
            .filter(Condition::any().add(has_moved(Concerned::Made)).add(is_about_to()))
            .exec(db)
            .await?;
        Ok(rolled_back.rows_affected > 0)
    }
}

/// An app to which the move is offered and which an account was connected to a moment ago.
fn is_about_to() -> Condition {
    has_moved(Concerned::Offered).add(Column::MigrateDueAt.is_not_null())
}

fn has_moved(which: Concerned) -> Condition {
    let offered = Condition::all().add(Column::InstagramGraphApiMigratedAt.is_not_null());
    match which {
        Concerned::Offered => offered,
        Concerned::Made => offered.add(Column::InstagramGraphApiMigratedAt.ne(NEVER)),
    }
}

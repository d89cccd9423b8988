//! `feed_apps`: which app asks for which feed. Kept for hashtags, which anybody's account may fetch: one is fetched with
//! the accounts of the apps that want it, and with nobody else's.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{DeleteMany, QuerySelect, QueryTrait};

use crate::feed;

/// One app's wish for one feed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "feed_apps")]
pub struct Model {
    /// The feed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub feed_id: String,
    /// The app that asks for it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub app_id: String,
    /// When it last did, to the hour.
    pub last_requested_at: DateTimeUtc,
}

/// A wish is found by its columns.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Returns when an app last asked for a feed; null if it never did.
    pub async fn last_request(
        db: &impl ConnectionTrait,
        feed_id: &str,
        app_id: &str,
    ) -> Result<Option<DateTimeUtc>, DbErr> {
        let row = Self::find_by_id((feed_id.to_owned(), app_id.to_owned())).one(db).await?;
        Ok(row.map(|row| row.last_requested_at))
    }

    /// Notes that an app asked for a feed; returns whether that is news: it never did, or not since `asked_since`.
    pub async fn note(
        db: &impl ConnectionTrait,
        feed_id: &str,
        app_id: &str,
        asked_since: DateTimeUtc,
        now: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        let last = Self::last_request(db, feed_id, app_id).await?;
        let row = ActiveModel {
            feed_id: Set(feed_id.to_owned()),
            app_id: Set(app_id.to_owned()),
            last_requested_at: Set(now),
        };
        let renew =
            OnConflict::columns([Column::FeedId, Column::AppId]).update_column(Column::LastRequestedAt).to_owned();
        Self::insert(row).on_conflict(renew).exec_without_returning(db).await?;
        Ok(last.is_none_or(|last| last <= asked_since))
    }

    /// Deletes an app's wishes for feeds that it no longer lists.
    pub async fn keep_listed(db: &impl ConnectionTrait, app_id: &str, listed: &[String]) -> Result<(), DbErr> {
        Self::unlisted(app_id, listed).exec(db).await?;
        Ok(())
    }

    /// Returns the statement of [`Self::keep_listed`].
    pub fn unlisted(app_id: &str, listed: &[String]) -> DeleteMany<Self> {
        // Of each wish of the app's its feed is looked at, and no other.
        let unlisted = feed::Entity::find()
            .select_only()
            .column(feed::Column::Id)
            .filter(Expr::col((feed::Entity, feed::Column::Id)).equals((Entity, Column::FeedId)))
            .filter(feed::Column::Key.is_not_in(listed))
            .into_query();
        Self::delete_many().filter(Column::AppId.eq(app_id)).filter(Expr::exists(unlisted))
    }

    /// Deletes the wishes that are older than `before`; returns how many.
    pub async fn sweep(db: &impl ConnectionTrait, before: DateTimeUtc) -> Result<u64, DbErr> {
        Ok(Self::delete_many().filter(Column::LastRequestedAt.lte(before)).exec(db).await?.rows_affected)
    }
}

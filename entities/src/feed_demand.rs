//! What somebody other than a visitor demands of a feed: that it is fetched every so many seconds, and never sleeps.

use sea_orm::entity::prelude::*;

use crate::FeedKey;
use crate::crosspost;
use crate::feed::{Column, Entity, Model, Source};

impl Model {
    /// Returns whether it says that this is demanded of it, noted since then.
    pub fn is_demanded(&self, demand_s: i32, noted_since: DateTimeUtc) -> bool {
        self.demand_s == Some(demand_s) && self.next_fetch_at.is_some() && self.last_requested_at > noted_since
    }
}

impl Entity {
    /// Demands that a feed is fetched every so many seconds: one that slept, or was to be fetched later, is due now, unless a
    /// failure keeps it, which has its own time.
    pub async fn demand(db: &impl ConnectionTrait, feed: &Model, demand_s: i32, now: DateTimeUtc) -> Result<(), DbErr> {
        let is_new = feed.demand_s != Some(demand_s) && feed.failure.is_none();
        let due = feed.next_fetch_at.filter(|_| !is_new).unwrap_or(now);
        Self::update_many()
            .col_expr(Column::DemandS, Expr::value(demand_s))
            .col_expr(Column::LastRequestedAt, Expr::value(now))
            .col_expr(Column::NextFetchAt, Expr::value(due.min(feed.next_fetch_at.unwrap_or(due))))
            .filter(Column::Id.eq(&feed.id))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Takes the demand from the feeds that no cross-post makes any more: they go on as visitors look at them.
    pub async fn demand_no_more(db: &impl ConnectionTrait) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::DemandS, Expr::value(Option::<i32>::None))
            .filter(Column::DemandS.is_not_null())
            .filter(Column::Key.not_in_subquery(crosspost::demanded_keys()))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Finds the feed of an account.
    pub async fn of_account(db: &impl ConnectionTrait, name: &str) -> Result<Option<Model>, DbErr> {
        match FeedKey::account(name) {
            Ok(key) => Self::of_key(db, Source::Graph, &key).await,
            Err(_) => Ok(None),
        }
    }
}

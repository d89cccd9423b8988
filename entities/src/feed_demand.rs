//! What somebody other than a visitor demands of a feed: that it is fetched every so many seconds, and never sleeps.

use sea_orm::Condition;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::CaseStatement;

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
    /// failure keeps it, which has its own time. It goes by the row as it stands: a fetch that ends meanwhile has its say.
    pub async fn demand(db: &impl ConnectionTrait, id: &str, demand_s: i32, now: DateTimeUtc) -> Result<(), DbErr> {
        let is_new = Condition::any().add(Column::DemandS.is_null()).add(Column::DemandS.ne(demand_s));
        let waits = Condition::all().add(is_new).add(Column::Failure.is_null()).add(Column::NextFetchAt.gt(now));
        let is_early = Condition::any().add(Column::NextFetchAt.is_null()).add(waits);
        Self::update_many()
            .col_expr(Column::DemandS, Expr::value(demand_s))
            .col_expr(Column::LastRequestedAt, Expr::value(now))
            .col_expr(
                Column::NextFetchAt,
                CaseStatement::new().case(is_early, now).finally(Column::NextFetchAt.into_expr()).into(),
            )
            .filter(Column::Id.eq(id))
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

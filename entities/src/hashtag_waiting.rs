//! Which hashtags wait for room on some accounts, in order: first what has waited for longest. A narrow
//! select over `feeds`.

use std::collections::HashSet;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, SelectStatement};
use sea_orm::{JoinType, QueryOrder, QuerySelect, QueryTrait};

use crate::feed::{self, WaitsFor};
use crate::hashtag_account::same;
use crate::{app_install, feed_app, hashtag_refusal};

/// More than these are not told apart.
const MOST: u64 = 1_000;

/// Who waits for room on some accounts.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// The accounts' installs.
    pub install_ids: &'a [&'a str],
    /// Since when an app has to have asked for a hashtag.
    pub asked_since: DateTimeUtc,
    /// Since when a refusal keeps a hashtag from an account.
    pub refused_since: DateTimeUtc,
    /// The time.
    pub now: DateTimeUtc,
}

impl Line<'_> {
    /// Lists the hashtags' feeds, each with the installs that it may be asked for with; `before`: only those that wait
    /// since before this feed does.
    pub async fn waiting(
        &self,
        db: &impl ConnectionTrait,
        before: Option<&str>,
    ) -> Result<Vec<(String, HashSet<String>)>, DbErr> {
        let place = || {
            Expr::tuple([
                Expr::col(feed::Column::WaitsSince.as_column_ref()),
                Expr::col(feed::Column::Id.as_column_ref()),
            ])
        };
        let since: Option<Option<DateTimeUtc>> = match before {
            Some(id) => {
                feed::Entity::find_by_id(id).select_only().column(feed::Column::WaitsSince).into_tuple().one(db).await?
            }
            None => None,
        };
        // Behind all of them is who does not wait yet.
        let own = before.zip(since.flatten()).map(|(id, since)| Expr::tuple([Expr::value(since), Expr::value(id)]));
        let wish = feed::Entity::belongs_to(feed_app::Entity).from(feed::Column::Id).to(feed_app::Column::FeedId);
        let uses = feed_app::Entity::belongs_to(app_install::Entity)
            .from(feed_app::Column::AppId)
            .to(app_install::Column::AppId);
        let pairs: Vec<(String, String)> = feed::Entity::find()
            .select_only()
            .column(feed::Column::Id)
            .column(app_install::Column::InstallId)
            .join(JoinType::InnerJoin, wish.into())
            .join(JoinType::InnerJoin, uses.into())
            .filter(feed::Column::WaitsFor.eq(WaitsFor::Account))
            .filter(feed::Column::Failure.eq("rate_limited"))
            .filter(feed::Column::NextFetchAt.is_not_null())
            .apply_if(before, |waiting, id| waiting.filter(feed::Column::Id.ne(id)))
            .filter(feed_app::Column::LastRequestedAt.gt(self.asked_since))
            .filter(app_install::Column::InstallId.is_in(self.install_ids.iter().copied()))
            .filter(Expr::exists(self.refusals()).not())
            .apply_if(own, |waiting, own| waiting.filter(place().lt(own)))
            .order_by_asc(feed::Column::WaitsSince)
            .order_by_asc(feed::Column::Id)
            .limit(MOST)
            .into_tuple()
            .all(db)
            .await?;
        let mut waiting: Vec<(String, HashSet<String>)> = Vec::new();
        for (feed_id, install_id) in pairs {
            match waiting.last_mut().filter(|(last, _)| *last == feed_id) {
                Some((_, installs)) => _ = installs.insert(install_id),
                None => waiting.push((feed_id, HashSet::from([install_id]))),
            }
        }
        Ok(waiting)
    }

    /// What keeps the hashtag in question from the account in question.
    fn refusals(&self) -> SelectStatement {
        let limited = hashtag_refusal::Column::LimitedUntil.gt(self.now);
        let refused = hashtag_refusal::Column::RefusedAt.gt(self.refused_since);
        hashtag_refusal::Entity::find()
            .select_only()
            .expr(Expr::val(1))
            .filter(same(hashtag_refusal::Column::FeedId, feed::Column::Id))
            .filter(same(hashtag_refusal::Column::InstallId, app_install::Column::InstallId))
            .filter(limited.or(hashtag_refusal::Column::LimitedUntil.is_null().and(refused)))
            .into_query()
    }
}

//! What a feed waits for, and what wakes it before its time: a connection, or an app that brings one.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, IntoCondition};
use sea_orm::{QueryOrder, QuerySelect, QueryTrait};

use crate::feed::{Column, Entity, Source};
use crate::{FeedKey, app_install, feed_app};

/// What would let a feed be fetched before its time.
#[derive(Copy, Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum WaitsFor {
    /// An account that may be asked with: those that there are have no room, are limited or were refused.
    #[sea_orm(string_value = "account")]
    Account,
    /// The end of a limit, and nothing else.
    #[sea_orm(string_value = "limit")]
    Limit,
    /// The end of an incident, and nothing else.
    #[sea_orm(string_value = "incident")]
    Incident,
}

impl Entity {
    /// Notes what a feed waits for, behind [`Entity::refuse`], and since when.
    pub async fn wait_for(db: &impl ConnectionTrait, id: &str, what: WaitsFor, now: DateTimeUtc) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::WaitsFor, Expr::value(what))
            .col_expr(Column::WaitsSince, Expr::col(Column::WaitsSince).if_null(now))
            .filter(Column::Id.eq(id))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Notes that a feed waits no longer, behind [`Entity::refuse`].
    pub async fn wait_no_more(db: &impl ConnectionTrait, id: &str) -> Result<(), DbErr> {
        let never = Expr::value(Option::<DateTimeUtc>::None);
        Self::update_many().col_expr(Column::WaitsSince, never).filter(Column::Id.eq(id)).exec(db).await?;
        Ok(())
    }

    /// Makes an account's feeds due that failed for want of a connection that serves, and returns their ids. A fresh feed
    /// has nothing to gain, and a limited key stays closed until its time.
    pub async fn wake(db: &impl ConnectionTrait, key: &FeedKey, now: DateTimeUtc) -> Result<Vec<String>, DbErr> {
        let failed = |failure: Option<&str>, waits_for| {
            failure.is_some() && !matches!(waits_for, Some(WaitsFor::Limit | WaitsFor::Incident))
        };
        // By source and key there is an index.
        let which = Column::Source.eq(Source::Graph).and(Column::Key.eq(key.clone()));
        Self::wake_those(db, which, failed, now).await
    }

    /// Makes an account's feeds due whose connection was over and is mended: those that nobody asked for lately, too, as what
    /// they show is old. A limited key stays closed until its time.
    pub async fn wake_mended(db: &impl ConnectionTrait, key: &FeedKey, now: DateTimeUtc) -> Result<Vec<String>, DbErr> {
        let may = |_: Option<&str>, waits_for| !matches!(waits_for, Some(WaitsFor::Limit | WaitsFor::Incident));
        let which = Column::Source.eq(Source::Graph).and(Column::Key.eq(key.clone()));
        Self::wake_those(db, which, may, now).await
    }

    /// Makes those hashtags due that wait for an account and that an app of this install has asked for since
    /// `asked_since`, and returns their ids.
    pub async fn wake_hashtags(
        db: &impl ConnectionTrait,
        install_id: &str,
        asked_since: DateTimeUtc,
        now: DateTimeUtc,
    ) -> Result<Vec<String>, DbErr> {
        let apps = app_install::Entity::find()
            .select_only()
            .column(app_install::Column::AppId)
            .filter(app_install::Column::InstallId.eq(install_id))
            .into_query();
        let wanted = feed_app::Entity::find()
            .select_only()
            .column(feed_app::Column::FeedId)
            .filter(feed_app::Column::AppId.in_subquery(apps))
            .filter(feed_app::Column::LastRequestedAt.gt(asked_since))
            .into_query();
        let hashtags = Column::Id.in_subquery(wanted).and(Column::Key.starts_with("#"));
        let hashtags = hashtags.and(Column::Source.eq(Source::Graph));
        Self::wake_those(db, hashtags, by_an_account, now).await
    }

    /// Makes a hashtag due if it waits for an account, as the app has some that just began to want it.
    pub async fn wake_hashtag(db: &impl ConnectionTrait, id: &str, now: DateTimeUtc) -> Result<Vec<String>, DbErr> {
        Self::wake_those(db, Column::Id.eq(id), by_an_account, now).await
    }

    /// The rows are locked first, in order of id, and then it is looked what they say: a refusal of the old credential
    /// that is just being written is waited for, and does not outlive the new one (see [`Entity::lock`]).
    async fn wake_those(
        db: &impl ConnectionTrait,
        which: impl IntoCondition,
        wakes: impl Fn(Option<&str>, Option<WaitsFor>) -> bool,
        now: DateTimeUtc,
    ) -> Result<Vec<String>, DbErr> {
        let locked: Vec<(String, Option<String>, Option<WaitsFor>)> = Self::find()
            .select_only()
            .columns([Column::Id, Column::Failure, Column::WaitsFor])
            .filter(which.into_condition())
            .order_by_asc(Column::Id)
            .lock_exclusive()
            .into_tuple()
            .all(db)
            .await?;
        let woken = locked.into_iter().filter(|(_, failure, waits_for)| wakes(failure.as_deref(), *waits_for));
        let ids: Vec<String> = woken.map(|(id, ..)| id).collect();
        Self::make_due(db, &ids, now).await?;
        Ok(ids)
    }
}

/// Whether a hashtag is woken by an account that it may be asked for with.
fn by_an_account(_: Option<&str>, waits_for: Option<WaitsFor>) -> bool {
    waits_for == Some(WaitsFor::Account)
}

//! The accounts that a hashtag may be asked for with: those of the apps that want it. A narrow select over
//! `instagram_installs`, with no secret in it, and no longer than a choice needs.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement, SubQueryStatement};
use sea_orm::{FromQueryResult, Order, QueryOrder, QuerySelect, QueryTrait};

use crate::install::{self, Status};
use crate::{app_install, feed_app, hashtag_refusal, hashtag_search};

/// More than these are not weighed against each other.
const MOST: u64 = 50;

/// One account, and the credential that it would be asked with.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Account {
    /// The install.
    pub install_id: String,
    /// Which of its credentials it has.
    pub generation: i32,
    /// Meta's id of the account.
    pub account_id: String,
}

/// Which accounts are looked for: those of the apps that asked for a feed lately.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The hashtag's feed.
    pub feed_id: &'a str,
    /// Since when an app has to have asked for it.
    pub asked_since: DateTimeUtc,
    /// The time.
    pub now: DateTimeUtc,
}

/// Whether an account has refused the feed with the credential that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It has not.
    Never,
    /// It has, but not since this time.
    Before(DateTimeUtc),
}

impl Wanted<'_> {
    /// Lists the accounts that no limit holds back: first those that were used for the hashtag since `searched_since`
    /// (on the ledger it is one of `tags`), then those with the fewest others on their ledger.
    pub async fn accounts(
        &self,
        db: &impl ConnectionTrait,
        refused: Refused,
        (tags, searched_since): (&[String], DateTimeUtc),
        without: &[String],
    ) -> Result<Vec<Account>, DbErr> {
        let searches = || {
            hashtag_search::Entity::find()
                .select_only()
                .expr(hashtag_search::Column::Tag.count())
                .filter(of_this_account())
                .filter(hashtag_search::Column::SearchedAt.gt(searched_since))
        };
        let own = searches().filter(hashtag_search::Column::Tag.is_in(tags)).into_query();
        let all = searches().into_query();
        let before = match refused {
            Refused::Never => Expr::exists(self.refusals(None)).not(),
            Refused::Before(time) => Expr::exists(self.refusals(Some(time))),
        };
        narrow(self.installs())
            .filter(Expr::exists(self.limits()).not())
            .filter(before)
            .filter(install::Column::Id.is_not_in(without))
            .order_by(subquery(own), Order::Desc)
            .order_by(subquery(all), Order::Asc)
            .order_by_asc(install::Column::Id)
            .limit(MOST)
            .into_model()
            .all(db)
            .await
    }

    /// Returns when the first of the accounts that a limit holds back may be called again.
    pub async fn limited_until(&self, db: &impl ConnectionTrait) -> Result<Option<DateTimeUtc>, DbErr> {
        hashtag_refusal::Entity::find()
            .select_only()
            .column(hashtag_refusal::Column::LimitedUntil)
            .filter(hashtag_refusal::Column::FeedId.eq(self.feed_id))
            .filter(hashtag_refusal::Column::LimitedUntil.gt(self.now))
            .filter(hashtag_refusal::Column::InstallId.in_subquery(self.ids()))
            .order_by_asc(hashtag_refusal::Column::LimitedUntil)
            .into_tuple()
            .one(db)
            .await
    }

    /// Returns the first reason for which one of the accounts refused with the credential that it has.
    pub async fn reason(&self, db: &impl ConnectionTrait) -> Result<Option<String>, DbErr> {
        hashtag_refusal::Entity::find()
            .select_only()
            .column(hashtag_refusal::Column::Reason)
            .filter(hashtag_refusal::Column::FeedId.eq(self.feed_id))
            .filter(hashtag_refusal::Column::LimitedUntil.is_null())
            .filter(Expr::exists(
                self.installs().select_only().expr(Expr::val(1)).filter(of_this_refusal()).into_query(),
            ))
            .order_by_asc(hashtag_refusal::Column::RefusedAt)
            .into_tuple()
            .one(db)
            .await
    }

    /// Lists those of the accounts that one person connected.
    pub async fn of_person(&self, db: &impl ConnectionTrait, facebook_user_id: &str) -> Result<Vec<Account>, DbErr> {
        narrow(self.installs())
            .filter(install::Column::FacebookUserId.eq(facebook_user_id))
            .limit(MOST)
            .into_model()
            .all(db)
            .await
    }

    fn ids(&self) -> SelectStatement {
        self.installs().select_only().column(install::Column::Id).into_query()
    }

    /// The installs with a serving credential of the apps that want the feed.
    fn installs(&self) -> Select<install::Entity> {
        let askers = feed_app::Entity::find()
            .select_only()
            .column(feed_app::Column::AppId)
            .filter(feed_app::Column::FeedId.eq(self.feed_id))
            .filter(feed_app::Column::LastRequestedAt.gt(self.asked_since))
            .into_query();
        let theirs = app_install::Entity::find()
            .select_only()
            .column(app_install::Column::InstallId)
            .filter(app_install::Column::AppId.in_subquery(askers))
            .into_query();
        install::Entity::find()
            .filter(install::Column::Id.in_subquery(theirs))
            .filter(install::Column::Status.eq(Status::Active))
            .filter(install::Column::PageToken.is_not_null())
    }

    /// What the account in question refused; `before`: only if it has not since.
    fn refusals(&self, before: Option<DateTimeUtc>) -> SelectStatement {
        hashtag_refusal::Entity::find()
            .select_only()
            .expr(Expr::val(1))
            .filter(hashtag_refusal::Column::FeedId.eq(self.feed_id))
            .filter(hashtag_refusal::Column::LimitedUntil.is_null())
            .filter(of_this_refusal())
            .apply_if(before, |found, time| found.filter(hashtag_refusal::Column::RefusedAt.lte(time)))
            .into_query()
    }

    /// What limits the account in question, whatever its credential.
    fn limits(&self) -> SelectStatement {
        hashtag_refusal::Entity::find()
            .select_only()
            .expr(Expr::val(1))
            .filter(hashtag_refusal::Column::FeedId.eq(self.feed_id))
            .filter(hashtag_refusal::Column::LimitedUntil.gt(self.now))
            .filter(same(hashtag_refusal::Column::InstallId, install::Column::Id))
            .into_query()
    }
}

fn narrow(installs: Select<install::Entity>) -> Select<install::Entity> {
    installs
        .select_only()
        .column_as(install::Column::Id, "install_id")
        .column(install::Column::Generation)
        .column_as(install::Column::InstagramBusinessAccountId, "account_id")
}

fn of_this_account() -> Expr {
    same(hashtag_search::Column::AccountId, install::Column::InstagramBusinessAccountId)
}

fn of_this_refusal() -> Expr {
    same(hashtag_refusal::Column::InstallId, install::Column::Id)
        .and(same(hashtag_refusal::Column::Generation, install::Column::Generation))
}

pub(crate) fn same(one: impl ColumnTrait, other: impl ColumnTrait) -> Expr {
    Expr::col(one.as_column_ref()).equals(other.as_column_ref())
}

fn subquery(select: SelectStatement) -> Expr {
    SubQueryStatement::from(select).into()
}

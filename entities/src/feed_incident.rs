//! Feeds that wait for the end of an incident: which ones, until when, and how they go on.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::IntoCondition;
use sea_orm::{Condition, DatabaseTransaction, QueryOrder, QuerySelect, QueryTrait};

use crate::feed::{Column, Entity, Source, WaitsFor};
use crate::incident::Kind;
use crate::{FeedKey, app_install, feed_app};

/// The most ids that one statement binds.
const IDS: usize = 500;

/// Filters the feeds that work of one kind fetches; connecting fetches none, nor does what goes to X.
fn of_kind(kind: Kind) -> Condition {
    let graph = || Condition::all().add(Column::Source.eq(Source::Graph));
    match kind {
        Kind::Feeds => graph().add(Column::Key.starts_with("@")),
        Kind::Hashtags => graph().add(Column::Key.starts_with("#")),
        Kind::Outlet => Column::Source.eq(Source::Outlet).into_condition(),
        // No row is without an id.
        Kind::Exchange | Kind::XAccess | Kind::XPosts => Column::Id.is_null().into_condition(),
    }
}

/// Filters those that wait for the end of an incident, and are not asleep.
fn waits() -> Condition {
    Condition::all().add(Column::WaitsFor.eq(WaitsFor::Incident)).add(Column::NextFetchAt.is_not_null())
}

impl Entity {
    /// Counts the feeds of a kind whose newest try succeeded, at `since` or later.
    pub async fn went_well(db: &impl ConnectionTrait, kind: Kind, since: DateTimeUtc) -> Result<u64, DbErr> {
        Self::find()
            .filter(of_kind(kind))
            .filter(Column::FetchedAt.gte(since))
            .filter(Column::Failure.is_null())
            .count(db)
            .await
    }

    /// Returns a hashtag that an app asks for which uses an install.
    pub async fn wanted_hashtag(db: &impl ConnectionTrait, install_id: &str) -> Result<Option<FeedKey>, DbErr> {
        let apps = app_install::Entity::find()
            .select_only()
            .column(app_install::Column::AppId)
            .filter(app_install::Column::InstallId.eq(install_id));
        let wanted = feed_app::Entity::find()
            .select_only()
            .column(feed_app::Column::FeedId)
            .filter(feed_app::Column::AppId.in_subquery(apps.into_query()));
        Self::find()
            .select_only()
            .column(Column::Key)
            .filter(of_kind(Kind::Hashtags))
            .filter(Column::NextFetchAt.is_not_null())
            .filter(Column::Id.in_subquery(wanted.into_query()))
            .order_by_asc(Column::Id)
            .into_tuple()
            .one(db)
            .await
    }

    /// Says when those look again that wait for the end of an incident, should nobody wake them before. They are locked in
    /// order of id, as everybody does.
    pub async fn wait_on(
        tx: &DatabaseTransaction,
        kind: Kind,
        until: DateTimeUtc,
        now: DateTimeUtc,
    ) -> Result<(), DbErr> {
        let waiting = || Condition::all().add(of_kind(kind)).add(waits());
        let ids = Self::find().select_only().column(Column::Id).filter(waiting()).order_by_asc(Column::Id);
        ids.lock_exclusive().into_tuple::<String>().all(tx).await?;
        Self::update_many()
            .col_expr(Column::NextFetchAt, Expr::value(until))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(waiting())
            .exec(tx)
            .await?;
        Ok(())
    }

    /// Locks, in order of id as everybody does, the feeds that the end of an incident concerns, and lists their ids: those
    /// that wait for it, and those that failed in its way and are not due yet.
    pub async fn lock_waiting(
        tx: &DatabaseTransaction,
        kind: Kind,
        class: &str,
        now: DateTimeUtc,
    ) -> Result<Vec<String>, DbErr> {
        let failed = Condition::all().add(Column::Failure.eq(class)).add(Column::NextFetchAt.gt(now));
        Self::find()
            .select_only()
            .column(Column::Id)
            .filter(of_kind(kind))
            .filter(Condition::any().add(failed).add(waits()))
            .order_by_asc(Column::Id)
            .lock_exclusive()
            .into_tuple()
            .all(tx)
            .await
    }

    /// Lets feeds go on at a time; what they waited for is over.
    pub async fn go_on(
        tx: &DatabaseTransaction,
        ids: &[String],
        at: DateTimeUtc,
        now: DateTimeUtc,
    ) -> Result<(), DbErr> {
        for some in ids.chunks(IDS) {
            Self::update_many()
                .col_expr(Column::NextFetchAt, Expr::value(at))
                .col_expr(Column::WaitsFor, Expr::value(Option::<String>::None))
                .col_expr(Column::UpdatedAt, Expr::value(now))
                .filter(Column::Id.is_in(some))
                .exec(tx)
                .await?;
        }
        Ok(())
    }
}

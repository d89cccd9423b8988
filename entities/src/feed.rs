//! `feeds`: one key of one source, with its cached body. There is one reader of its source per row.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ActiveValue::Set, DatabaseTransaction, QuerySelect, TryInsertResult};

use crate::FeedKey;
pub use crate::feed_pace::Paced;
pub use crate::feed_wait::WaitsFor;

/// Where a feed comes from.
#[derive(Copy, Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum Source {
    /// Meta's Graph API.
    #[sea_orm(string_value = "graph")]
    Graph,
    /// The legacy source, which the operator configured.
    #[sea_orm(string_value = "outlet")]
    Outlet,
}

impl Source {
    /// Returns the word that the contract uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Graph => "graph",
            Self::Outlet => "outlet",
        }
    }
}

/// One feed and its last good body.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "feeds")]
pub struct Model {
    /// Our id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Where it comes from.
    pub source: Source,
    /// `@account` or `#hashtag`; unique with the source.
    pub key: FeedKey,
    /// The last good body as JSON text: `{"account":…,"data":[…]}`, and of an account's own list `"is_all"`: whether there is
    /// nothing behind it. Null until the first.
    pub body: Option<String>,
    /// Meta's id of the account whose posts the body holds; null: a hashtag's, or none, or the source did not tell.
    pub account_id: Option<String>,
    /// The source's first answer: the run that everybody polls until there is a body, or none is to be had for now.
    pub first_run_id: Option<String>,
    /// When the body was fetched.
    pub fetched_at: Option<DateTimeUtc>,
    /// When it is due again; null while it sleeps.
    pub next_fetch_at: Option<DateTimeUtc>,
    /// When it was last asked for, to the hour: a feed that nobody wants sleeps.
    pub last_requested_at: DateTimeUtc,
    /// Why the newest try failed (one of the eight classes, or `not_connected`); null after a success.
    pub failure: Option<String>,
    /// What would help before `next_fetch_at`, where something would or nothing does.
    pub waits_for: Option<WaitsFor>,
    /// Since when it has waited, whatever woke it in vain.
    pub waits_since: Option<DateTimeUtc>,
    /// Tries that failed since the last success.
    pub failures: i32,
    /// When its items last changed, as far as was seen.
    pub changed_at: Option<DateTimeUtc>,
    /// When the first address of its media ends; null: none is known to.
    pub media_ends_at: Option<DateTimeUtc>,
    /// The shortest demand on it, in seconds; null: that of whoever looks at it.
    pub demand_s: Option<i32>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
}

/// A good body, and what it says of the next one.
#[derive(Clone, Debug)]
pub struct Good {
    /// The body, as JSON text.
    pub body: String,
    /// Meta's id of the account whose posts it holds.
    pub account_id: Option<String>,
    /// When it was fetched.
    pub fetched_at: DateTimeUtc,
    /// When it is due again.
    pub next_fetch_at: DateTimeUtc,
    /// When its items last changed.
    pub changed_at: DateTimeUtc,
    /// When the first address of its media ends.
    pub media_ends_at: Option<DateTimeUtc>,
}

/// A feed belongs to nothing: its install is found by its key.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Whether it is due at `now`, or was so for whoever wrote to the row last: a process whose clock is ahead makes it due
    /// at a time that has not come here, and one whose clock is behind is told of it too early. Both mean: now.
    pub fn is_due(&self, now: DateTimeUtc) -> bool {
        let seen = [now, self.updated_at, self.last_requested_at];
        self.next_fetch_at.is_some_and(|due| seen.iter().any(|at| due <= *at))
    }

    /// Returns the run that people poll until the first body is there.
    pub fn unfinished_run(&self) -> Option<&str> {
        self.first_run_id.as_deref().filter(|_| self.body.is_none())
    }
}

impl Entity {
    /// Finds a feed by what names it.
    pub async fn of_key(db: &impl ConnectionTrait, source: Source, key: &FeedKey) -> Result<Option<Model>, DbErr> {
        Self::find().filter(Column::Source.eq(source)).filter(Column::Key.eq(key.clone())).one(db).await
    }

    /// Lists what keeps these keys' feeds from being fetched; a feed that nothing keeps is left out.
    pub async fn failures(
        db: &impl ConnectionTrait,
        source: Source,
        keys: impl IntoIterator<Item = FeedKey>,
    ) -> Result<Vec<(FeedKey, String)>, DbErr> {
        Self::find()
            .select_only()
            .columns([Column::Key, Column::Failure])
            .filter(Column::Source.eq(source))
            .filter(Column::Key.is_in(keys))
            .filter(Column::Failure.is_not_null())
            .into_tuple()
            .all(db)
            .await
    }

    /// Lets go of the run that people polled: it has ended without a body.
    pub async fn end_first_run(db: &impl ConnectionTrait, id: &str) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::FirstRunId, Expr::value(Option::<String>::None))
            .filter(Column::Id.eq(id))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Locks a feed's row until the transaction ends, so that what is read behind it is what a reconnect left: it locks
    /// the row too, when it wakes it. (SQLite has locked all by then.)
    pub async fn lock(tx: &DatabaseTransaction, id: &str) -> Result<(), DbErr> {
        Self::find_by_id(id).lock_exclusive().one(tx).await?;
        Ok(())
    }

    /// Makes the row of a feed that is due at once; `false` if somebody else has made it already.
    pub async fn insert_due(
        db: &impl ConnectionTrait,
        source: Source,
        key: &FeedKey,
        (id, run_id): (&str, &str),
        now: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        let row = ActiveModel {
            id: Set(id.to_owned()),
            source: Set(source),
            key: Set(key.clone()),
            body: Set(None),
            account_id: Set(None),
            first_run_id: Set(Some(run_id.to_owned())),
            fetched_at: Set(None),
            next_fetch_at: Set(Some(now)),
            last_requested_at: Set(now),
            failure: Set(None),
            waits_for: Set(None),
            waits_since: Set(None),
            failures: Set(0),
            changed_at: Set(None),
            media_ends_at: Set(None),
            demand_s: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
        };
        let already = [Column::Source, Column::Key];
        let inserted = Self::insert(row).on_conflict_do_nothing_on(already).exec_without_returning(db).await?;
        Ok(matches!(inserted, TryInsertResult::Inserted(count) if count > 0))
    }

    /// Keeps a good body.
    pub async fn keep(db: &impl ConnectionTrait, id: &str, good: Good) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::Body, Expr::value(good.body))
            .col_expr(Column::AccountId, Expr::value(good.account_id))
            .col_expr(Column::FetchedAt, Expr::value(good.fetched_at))
            .col_expr(Column::NextFetchAt, Expr::value(good.next_fetch_at))
            .col_expr(Column::ChangedAt, Expr::value(good.changed_at))
            .col_expr(Column::MediaEndsAt, Expr::value(good.media_ends_at))
            .col_expr(Column::Failure, Expr::value(Option::<String>::None))
            .col_expr(Column::WaitsFor, Expr::value(Option::<String>::None))
            .col_expr(Column::WaitsSince, Expr::value(Option::<DateTimeUtc>::None))
            .col_expr(Column::Failures, Expr::value(0))
            .col_expr(Column::UpdatedAt, Expr::value(good.fetched_at))
            .filter(Column::Id.eq(id))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Keeps why there is nothing new, counts it, and says when it is looked at again.
    pub async fn refuse(
        db: &impl ConnectionTrait,
        id: &str,
        failure: &str,
        now: DateTimeUtc,
        next: DateTimeUtc,
    ) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::Failure, Expr::value(failure))
            .col_expr(Column::WaitsFor, Expr::value(Option::<String>::None))
            .col_expr(Column::Failures, ExprTrait::add(Expr::col(Column::Failures), 1))
            .col_expr(Column::NextFetchAt, Expr::value(next))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Notes that somebody asked for the feed at `at`, unless that was noted since `noted_since`; returns whether it was
    /// noted. Of many who ask at once, one is told so. A feed that slept is due at once.
    pub async fn note_request(
        db: &impl ConnectionTrait,
        id: &str,
        at: DateTimeUtc,
        noted_since: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        let noted = Self::update_many()
            .col_expr(Column::LastRequestedAt, Expr::value(at))
            .col_expr(Column::NextFetchAt, Expr::col(Column::NextFetchAt).if_null(at))
            .filter(Column::Id.eq(id))
            .filter(Column::LastRequestedAt.lte(noted_since))
            .exec(db)
            .await?;
        Ok(noted.rows_affected > 0)
    }

    /// Lets a feed sleep from when one sleeps that was asked for at `at` and never since.
    pub async fn forget_request(db: &impl ConnectionTrait, id: &str, at: DateTimeUtc) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::LastRequestedAt, Expr::value(at))
            .filter(Column::Id.eq(id))
            .exec(db)
            .await?;
        Ok(())
    }
}

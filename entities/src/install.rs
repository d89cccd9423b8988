//! `instagram_installs`: connected Instagram accounts and their credentials.

use sea_orm::entity::prelude::*;
use sea_orm::{
    Condition, DatabaseTransaction, JoinType, QueryOrder, QuerySelect, QueryTrait, RelationTrait, TryInsertResult,
    TryIntoModel,
};

use crate::seal::{Sealed, SealedColumn};
use crate::{FeedKey, StringList, app_install, feed_app};

pub use crate::install_end::{Killed, KnownEnd, Place};

/// The table's name, as the seal on its secrets is bound to it.
const TABLE: &str = "instagram_installs";
/// Where the user tokens lie.
pub const USER_TOKEN: SealedColumn = SealedColumn { table: TABLE, key: "id", column: "user_token" };
/// Where the Page tokens lie.
pub const PAGE_TOKEN: SealedColumn = SealedColumn { table: TABLE, key: "id", column: "page_token" };

/// Whether an install's credential serves.
#[derive(Copy, Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum Status {
    /// It serves.
    #[sea_orm(string_value = "active")]
    Active,
    /// It has ended or was killed: the owner has to reconnect.
    #[sea_orm(string_value = "dead")]
    Dead,
}

/// How near an install's end is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Far.
    Active,
    /// Soon.
    Expiring,
    /// Past.
    Expired,
    /// It was ended before its time.
    Dead,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Active, Self::Expiring, Self::Expired, Self::Dead];

    /// Returns the state that the contract calls so.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Returns the word that the contract uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Dead => "dead",
        }
    }
}

/// One connected account with its credentials.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "instagram_installs")]
pub struct Model {
    /// Our id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The account's user name, without `@`.
    pub instagram_account: String,
    /// Meta's id of the professional account; unique.
    #[sea_orm(unique)]
    pub instagram_business_account_id: String,
    /// The Facebook Page that carries the account.
    pub page_id: String,
    /// That Page's name.
    pub page_name: String,
    /// App-scoped id of the person who connected it: Meta's callbacks name it.
    pub facebook_user_id: Option<String>,
    /// The long-lived user token: discovery and diagnosis.
    pub user_token: Option<Sealed>,
    /// When the user token ends; null: no timed end known.
    pub user_token_expires_at: Option<DateTimeUtc>,
    /// The Page token, which serves the feeds.
    pub page_token: Option<Sealed>,
    /// When the Page token ends; null: never.
    pub token_expires_at: Option<DateTimeUtc>,
    /// When data access ends: 90 days after the person's last visit.
    pub data_access_expires_at: Option<DateTimeUtc>,
    /// Whether the Page token's end is an estimate, as Meta did not tell it.
    pub ends_estimated: bool,
    /// When Meta was last asked about the Page token.
    pub checked_at: DateTimeUtc,
    /// Why the connection was ended before its time; null: it was not.
    pub killed: Option<Killed>,
    /// When that was sure.
    pub killed_at: Option<DateTimeUtc>,
    /// What the person granted.
    pub scopes: StringList,
    /// The account as it was last read: name, picture, counts, in the shape that feeds carry.
    pub profile: Option<Json>,
    /// When it was read; its picture's address does not live long.
    pub profile_read_at: Option<DateTimeUtc>,
    /// Whether the credential serves.
    pub status: Status,
    /// Counts the credentials: raised by every reconnect.
    pub generation: i32,
    /// When the first expiry warning of this generation was sent.
    pub first_verify_email_sent_at: Option<DateTimeUtc>,
    /// When the second was.
    pub second_verify_email_sent_at: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
}

/// What an install is joined with.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The apps that use it.
    #[sea_orm(has_many = "super::app_install::Entity")]
    AppInstall,
}

impl Related<super::app_install::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::AppInstall.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Returns the install's end: the earlier of the end of the credential that serves feeds and the end of
    /// data access. `None`: no end is known.
    pub fn ends_at(&self) -> Option<DateTimeUtc> {
        earlier(self.token_expires_at, self.data_access_expires_at)
    }

    /// Returns whether its credential serves, as far as is known.
    pub fn is_active(&self) -> bool {
        self.status == Status::Active
    }

    /// Returns how near the install's end is at `now`; an end until `soon` is near.
    pub fn state(&self, now: DateTimeUtc, soon: DateTimeUtc) -> State {
        match (self.status, self.ends_at()) {
            _ if self.killed.is_some() => State::Dead,
            _ if self.has_ended(now) => State::Expired,
            (Status::Dead, _) => State::Dead,
            (Status::Active, Some(end)) if end <= soon => State::Expiring,
            (Status::Active, _) => State::Active,
        }
    }
}

/// Returns the earlier of two ends, of which each may be missing.
pub fn earlier(one: Option<DateTimeUtc>, other: Option<DateTimeUtc>) -> Option<DateTimeUtc> {
    [one, other].into_iter().flatten().min()
}

impl Entity {
    /// Finds the install of Meta's account id, and locks its row until the transaction ends: two connections of one
    /// account are written one after the other. (SQLite has locked all by then.)
    pub async fn lock_business_account(tx: &DatabaseTransaction, id: &str) -> Result<Option<Model>, DbErr> {
        Self::find().filter(Column::InstagramBusinessAccountId.eq(id)).lock_exclusive().one(tx).await
    }

    /// Makes an account's row; `None` if somebody else has made it since it was looked for.
    pub async fn insert_new(tx: &DatabaseTransaction, row: ActiveModel) -> Result<Option<Model>, DbErr> {
        let made = row.clone().try_into_model()?;
        let already = [Column::InstagramBusinessAccountId];
        let inserted = Self::insert(row).on_conflict_do_nothing_on(already).exec_without_returning(tx).await?;
        Ok(matches!(inserted, TryInsertResult::Inserted(rows) if rows > 0).then_some(made))
    }

    /// Finds the install whose credential serves `@name`; of two (an account was renamed) the newer.
    pub async fn serving(db: &impl ConnectionTrait, name: &str) -> Result<Option<Model>, DbErr> {
        Self::find()
            .filter(Column::InstagramAccount.eq(name))
            .filter(Column::Status.eq(Status::Active))
            .filter(Column::PageToken.is_not_null())
            .order_by_desc(Column::UpdatedAt)
            .one(db)
            .await
    }

    /// Calls an install's credential dead, which was seen to be.
    pub async fn call_dead(db: &impl ConnectionTrait, id: &str, now: DateTimeUtc) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::Status, Expr::value(Status::Dead))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Returns whether `@name` was connected once, by a credential that serves no more.
    pub async fn has_ended(db: &impl ConnectionTrait, name: &str) -> Result<bool, DbErr> {
        let ended = Self::find().filter(Column::InstagramAccount.eq(name)).filter(Column::Status.eq(Status::Dead));
        Ok(ended.count(db).await? > 0)
    }

    /// Finds an install that serves, of an app that asks for a feed; the same one each time.
    pub async fn asking_for(db: &impl ConnectionTrait, feed_id: &str) -> Result<Option<Model>, DbErr> {
        let apps = feed_app::Entity::find()
            .select_only()
            .column(feed_app::Column::AppId)
            .filter(feed_app::Column::FeedId.eq(feed_id))
            .into_query();
        Self::find()
            .join(JoinType::InnerJoin, Relation::AppInstall.def())
            .filter(app_install::Column::AppId.in_subquery(apps))
            .filter(Column::Status.eq(Status::Active))
            .order_by_asc(Column::Id)
            .one(db)
            .await
    }

    /// Lists the installs that an app uses, oldest connection first.
    pub async fn of_app(db: &impl ConnectionTrait, app_id: &str) -> Result<Vec<Model>, DbErr> {
        Self::find()
            .join(JoinType::InnerJoin, Relation::AppInstall.def())
            .filter(app_install::Column::AppId.eq(app_id))
            .order_by_asc(app_install::Column::CreatedAt)
            .order_by_asc(Column::Id)
            .all(db)
            .await
    }

    /// Lists the names of the accounts that are connected to an app, without `@`. One that has ended is connected still.
    pub async fn names_of_app(db: &impl ConnectionTrait, app_id: &str) -> Result<Vec<String>, DbErr> {
        Self::find()
            .select_only()
            .column(Column::InstagramAccount)
            .join(JoinType::InnerJoin, Relation::AppInstall.def())
            .filter(app_install::Column::AppId.eq(app_id))
            .into_tuple()
            .all(db)
            .await
    }

    /// Lists a page of these installs in order of id, behind `after`: all of them, or those that an app uses.
    pub async fn page(
        db: &impl ConnectionTrait,
        app_id: Option<&str>,
        which: Condition,
        after: &str,
        limit: u64,
    ) -> Result<Vec<Model>, DbErr> {
        let page = Self::visible_to(app_id).filter(which).filter(Column::Id.gt(after));
        page.order_by_asc(Column::Id).limit(limit).all(db).await
    }

    /// Finds an install, if it is there and, where an app is given, that app uses it.
    pub async fn visible(db: &impl ConnectionTrait, app_id: Option<&str>, id: &str) -> Result<Option<Model>, DbErr> {
        Self::visible_to(app_id).filter(Column::Id.eq(id)).one(db).await
    }

    fn visible_to(app_id: Option<&str>) -> Select<Self> {
        let Some(app_id) = app_id else { return Self::find() };
        Self::find().join(JoinType::InnerJoin, Relation::AppInstall.def()).filter(app_install::Column::AppId.eq(app_id))
    }

    /// Keeps what was read of the account, its name too, and returns that: who was renamed serves the new name from now on,
    /// and the old one no longer, which may be somebody else's by then. `None`: no name was told.
    pub async fn keep_profile(
        db: &impl ConnectionTrait,
        id: &str,
        profile: &Json,
        now: DateTimeUtc,
    ) -> Result<Option<String>, DbErr> {
        let name = profile["username"].as_str().and_then(|name| FeedKey::account(name).ok());
        let name = name.as_ref().and_then(FeedKey::account_name);
        Self::update_many()
            .col_expr(Column::Profile, Expr::value(profile.clone()))
            .col_expr(Column::ProfileReadAt, Expr::value(now))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .apply_if(name, |kept, name| kept.col_expr(Column::InstagramAccount, Expr::value(name)))
            .filter(Column::Id.eq(id))
            .exec(db)
            .await?;
        Ok(name.map(str::to_owned))
    }
}

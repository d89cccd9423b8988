//! `x_accounts`: connected accounts on X and their tokens.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{DatabaseTransaction, JoinType, QueryOrder, QuerySelect, RelationTrait, TryInsertResult, TryIntoModel};

use crate::seal::{Sealed, SealedColumn};
use crate::{StringList, crosspost, incident, throttle, x_account_app};

pub use crate::x_account_refresh::{Failure, Pair, Turn};

/// The table's name, as the seal on its secrets is bound to it.
const TABLE: &str = "x_accounts";
/// Where the tokens of two hours lie.
pub const ACCESS_TOKEN: SealedColumn = SealedColumn { table: TABLE, key: "id", column: "access_token" };
/// Where the tokens lie that renew them, each of which serves once.
pub const REFRESH_TOKEN: SealedColumn = SealedColumn { table: TABLE, key: "id", column: "refresh_token" };

/// Whether an account's tokens serve.
#[derive(Copy, Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum Status {
    /// They do.
    #[sea_orm(string_value = "active")]
    Active,
    /// They do not: somebody has to connect the account again.
    #[sea_orm(string_value = "dead")]
    Dead,
}

/// Why an account's tokens serve no more.
#[derive(Copy, Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum Ended {
    /// X has refused them, though nobody had used them up.
    #[sea_orm(string_value = "refused")]
    Refused,
    /// X has most likely given new ones in an answer that never came.
    #[sea_orm(string_value = "lost")]
    Lost,
}

impl Ended {
    /// Returns its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Lost => "lost",
        }
    }
}

/// Why nothing is posted to an account for a time, though its tokens serve.
#[derive(Copy, Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum Stopped {
    /// Our app's credits at X are used up.
    #[sea_orm(string_value = "credits")]
    Credits,
    /// X lets this account post nothing.
    #[sea_orm(string_value = "forbidden")]
    Forbidden,
}

impl Stopped {
    /// Returns its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credits => "credits",
            Self::Forbidden => "forbidden",
        }
    }
}

/// One connected account with its tokens.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "x_accounts")]
pub struct Model {
    /// Our id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// X's id of the account; unique.
    #[sea_orm(unique)]
    pub x_user_id: String,
    /// The account's name, without `@`.
    pub username: String,
    /// What it calls itself.
    pub name: String,
    /// What calls are made with.
    pub access_token: Option<Sealed>,
    /// What the next pair is got with; serves once.
    pub refresh_token: Option<Sealed>,
    /// When the access token ends.
    pub access_ends_at: DateTimeUtc,
    /// What the person granted.
    pub scopes: StringList,
    /// Whether its tokens serve.
    pub status: Status,
    /// Why they do not.
    pub ended: Option<Ended>,
    /// Counts the connections: raised when somebody connects the account again.
    pub generation: i32,
    /// When the pair is renewed; null: never, the account has to be connected again.
    pub refresh_due_at: Option<DateTimeUtc>,
    /// Counts the pairs of tokens: what was got with an older one comes too late.
    pub pair_number: i32,
    /// Counts the turns to renew a pair: who had an older turn says nothing of how it went.
    pub turn_number: i32,
    /// Since when somebody renews it, by the wall clock: committed before X is asked.
    pub refreshing_since: Option<DateTimeUtc>,
    /// How often X was asked with this refresh token and was not heard: one of those may have used it up.
    pub unanswered: i32,
    /// How often X has clearly refused this refresh token.
    pub refused: i32,
    /// How often in a row the pair could not be renewed, for whatever reason.
    pub failures: i32,
    /// When the first of these failed.
    pub first_failed_at: Option<DateTimeUtc>,
    /// How often in a row, lately, for a reason that X does not explain.
    pub unexplained: i32,
    /// When the first of those failed.
    pub unexplained_since: Option<DateTimeUtc>,
    /// The class of the last one.
    pub last_failure: Option<String>,
    /// Why nothing is posted for a time.
    pub stopped_for: Option<Stopped>,
    /// Until when.
    pub stopped_until: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
}

/// What an account is joined with.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The apps that post to it.
    #[sea_orm(has_many = "super::x_account_app::Entity")]
    XAccountApp,
}

impl Related<super::x_account_app::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::XAccountApp.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Returns whether its tokens serve, as far as is known.
    pub fn is_active(&self) -> bool {
        self.status == Status::Active
    }

    /// Returns why nothing is posted to it now, though its tokens serve, and until when.
    pub fn stopped(&self, now: DateTimeUtc) -> Option<(Stopped, DateTimeUtc)> {
        self.stopped_for.zip(self.stopped_until.filter(|until| now < *until))
    }
}

impl Entity {
    /// Finds an account and locks its row until the transaction ends. (SQLite has locked all by then.)
    pub async fn lock(tx: &DatabaseTransaction, id: &str) -> Result<Option<Model>, DbErr> {
        Self::find_by_id(id).lock_exclusive().one(tx).await
    }

    /// The same by X's id of it.
    pub async fn lock_user(tx: &DatabaseTransaction, x_user_id: &str) -> Result<Option<Model>, DbErr> {
        Self::find().filter(Column::XUserId.eq(x_user_id)).lock_exclusive().one(tx).await
    }

    /// Makes an account's row; `None` if somebody else has made it since it was looked for.
    pub async fn insert_new(tx: &DatabaseTransaction, row: ActiveModel) -> Result<Option<Model>, DbErr> {
        let made = row.clone().try_into_model()?;
        let inserted =
            Self::insert(row).on_conflict_do_nothing_on([Column::XUserId]).exec_without_returning(tx).await?;
        Ok(matches!(inserted, TryInsertResult::Inserted(rows) if rows > 0).then_some(made))
    }

    /// Lists a page of accounts in order of id, behind `after`: all of them, or those that an app posts to.
    pub async fn page(
        db: &impl ConnectionTrait,
        app_id: Option<&str>,
        after: &str,
        limit: u64,
    ) -> Result<Vec<Model>, DbErr> {
        let page = Self::visible_to(app_id).filter(Column::Id.gt(after));
        page.order_by_asc(Column::Id).limit(limit).all(db).await
    }

    /// Finds an account, if it is there and, where an app is given, that app posts to it.
    pub async fn visible(db: &impl ConnectionTrait, app_id: Option<&str>, id: &str) -> Result<Option<Model>, DbErr> {
        Self::visible_to(app_id).filter(Column::Id.eq(id)).one(db).await
    }

    /// Lists one account, or some of those whose tokens serve, in order of name.
    pub async fn concerned(db: &impl ConnectionTrait, id: Option<&str>, limit: u64) -> Result<Vec<Model>, DbErr> {
        let which = id.map_or(Column::Status.eq(Status::Active), |id| Column::Id.eq(id));
        Self::find().filter(which).order_by_asc(Column::Username).limit(limit).all(db).await
    }

    /// Returns whether the access to another account has ended, as X could not be heard, and is still tried.
    pub async fn others_fail(
        db: &impl ConnectionTrait,
        but: &str,
        classes: [&str; 2],
        now: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        let failing = Self::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Id.ne(but))
            .filter(Column::Status.eq(Status::Active))
            .filter(Column::LastFailure.is_in(classes))
            .filter(Column::AccessEndsAt.lte(now));
        Ok(failing.into_tuple::<String>().one(db).await?.is_some())
    }

    /// Counts the accounts whose tokens serve.
    pub async fn number(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
        Self::find().filter(Column::Status.eq(Status::Active)).count(db).await
    }

    fn visible_to(app_id: Option<&str>) -> Select<Self> {
        let Some(app_id) = app_id else { return Self::find() };
        Self::find()
            .join(JoinType::InnerJoin, Relation::XAccountApp.def())
            .filter(x_account_app::Column::AppId.eq(app_id))
    }

    /// Deletes an account with everything that is kept because of it: its cross-posts, its limits, its troubles.
    pub async fn forget(tx: &DatabaseTransaction, account: &Model) -> Result<(), DbErr> {
        let id = account.id.as_str();
        crosspost::Entity::forget_of_x_account(tx, id).await?;
        incident::Entity::forget_x(tx, id).await?;
        throttle::Entity::forget_x(tx, &account.x_user_id).await?;
        x_account_app::Entity::delete_many().filter(x_account_app::Column::XAccountId.eq(id)).exec(tx).await?;
        Self::delete_by_id(id).exec(tx).await?;
        Ok(())
    }

    /// Lets nothing be posted to an account until then; `false` if that is so already, for the same reason.
    pub async fn stop(
        db: &impl ConnectionTrait,
        id: &str,
        why: Stopped,
        until: DateTimeUtc,
        now: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        let stopped = Self::update_many()
            .col_expr(Column::StoppedFor, Expr::value(Some(why)))
            .col_expr(Column::StoppedUntil, Expr::value(Some(until)))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .filter(Column::StoppedFor.is_null().or(Column::StoppedFor.ne(why)).or(Column::StoppedUntil.lt(until)))
            .exec(db)
            .await?;
        Ok(stopped.rows_affected > 0)
    }

    /// Lets an account be posted to again whose stop was to end before `stopped_until`; `false` if it was not
    /// stopped, or was stopped later.
    pub async fn go_on(
        db: &impl ConnectionTrait,
        id: &str,
        stopped_until: DateTimeUtc,
        now: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        let goes_on = Self::update_many()
            .col_expr(Column::StoppedFor, Expr::value(Option::<Stopped>::None))
            .col_expr(Column::StoppedUntil, Expr::value(Option::<DateTimeUtc>::None))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .filter(Column::StoppedUntil.lt(stopped_until))
            .exec(db)
            .await?;
        Ok(goes_on.rows_affected > 0)
    }
}

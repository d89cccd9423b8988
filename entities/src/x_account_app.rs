//! `x_account_apps`: which app posts to which account on X. Many apps share one account, and one app may have several.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, FromQueryResult, JoinType, QueryOrder, QuerySelect, QueryTrait, TryInsertResult};

/// One app's use of one account.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "x_account_apps")]
pub struct Model {
    /// The app.
    #[sea_orm(primary_key, auto_increment = false)]
    pub app_id: String,
    /// The account on X.
    #[sea_orm(primary_key, auto_increment = false)]
    pub x_account_id: String,
    /// When they were joined.
    pub created_at: DateTimeUtc,
}

/// Both sides of the use.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The app.
    #[sea_orm(belongs_to = "super::app::Entity", from = "Column::AppId", to = "super::app::Column::AppId")]
    App,
    /// The account.
    #[sea_orm(
        belongs_to = "super::x_account::Entity",
        from = "Column::XAccountId",
        to = "super::x_account::Column::Id"
    )]
    XAccount,
}

impl Related<super::app::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::App.def()
    }
}

impl Related<super::x_account::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::XAccount.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

/// An app that posts to an account.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Dependant {
    /// The account on X.
    pub x_account_id: String,
    /// The app.
    pub app_id: String,
    /// The app's owner.
    pub user: String,
}

impl Entity {
    /// Joins the two, or leaves them joined; `true` if they were not.
    pub async fn join(
        db: &impl ConnectionTrait,
        app_id: &str,
        x_account_id: &str,
        now: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        let row = ActiveModel {
            app_id: Set(app_id.to_owned()),
            x_account_id: Set(x_account_id.to_owned()),
            created_at: Set(now),
        };
        let already = [Column::AppId, Column::XAccountId];
        let inserted = Self::insert(row).on_conflict_do_nothing_on(already).exec_without_returning(db).await?;
        Ok(matches!(inserted, TryInsertResult::Inserted(rows) if rows > 0))
    }

    /// Returns whether an app posts to an account.
    pub async fn is_used(db: &impl ConnectionTrait, x_account_id: &str) -> Result<bool, DbErr> {
        Ok(Self::find().filter(Column::XAccountId.eq(x_account_id)).count(db).await? > 0)
    }

    /// Lists the ids of the accounts that an app posts to, in order.
    pub async fn of_app(db: &impl ConnectionTrait, app_id: &str) -> Result<Vec<String>, DbErr> {
        let ids = Self::find().select_only().column(Column::XAccountId).filter(Column::AppId.eq(app_id));
        ids.order_by_asc(Column::XAccountId).into_tuple().all(db).await
    }

    /// Lists who posts to these accounts, in order of app: all, or one app alone.
    pub async fn dependants<'a>(
        db: &impl ConnectionTrait,
        x_account_ids: impl IntoIterator<Item = &'a str>,
        app_id: Option<&str>,
    ) -> Result<Vec<Dependant>, DbErr> {
        Self::find()
            .select_only()
            .columns([Column::XAccountId, Column::AppId])
            .column(super::app::Column::User)
            .join(JoinType::InnerJoin, Relation::App.def())
            .filter(Column::XAccountId.is_in(x_account_ids))
            .apply_if(app_id, |found, app_id| found.filter(Column::AppId.eq(app_id)))
            .order_by_asc(Column::AppId)
            .into_model()
            .all(db)
            .await
    }
}

//! `instagram_apps`: which app uses which install. Many apps share one install, and one app may have several.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, FromQueryResult, JoinType, QueryOrder, QuerySelect, QueryTrait, TryInsertResult};

/// One app's use of one install.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "instagram_apps")]
pub struct Model {
    /// The app.
    #[sea_orm(primary_key, auto_increment = false)]
    pub app_id: String,
    /// The install that it uses.
    #[sea_orm(primary_key, auto_increment = false)]
    pub install_id: String,
    /// When they were joined.
    pub created_at: DateTimeUtc,
}

/// Both sides of the use.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The app.
    #[sea_orm(belongs_to = "super::app::Entity", from = "Column::AppId", to = "super::app::Column::AppId")]
    App,
    /// The install.
    #[sea_orm(belongs_to = "super::install::Entity", from = "Column::InstallId", to = "super::install::Column::Id")]
    Install,
}

impl Related<super::app::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::App.def()
    }
}

impl Related<super::install::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Install.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

/// An app that depends on an install.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Dependant {
    /// The install.
    pub install_id: String,
    /// The app.
    pub app_id: String,
    /// The app's owner.
    pub user: String,
}

impl Entity {
    /// Lists who depends on these installs, in order of app: all, or one app alone.
    pub async fn dependants<'a>(
        db: &impl ConnectionTrait,
        install_ids: impl IntoIterator<Item = &'a str>,
        app_id: Option<&str>,
    ) -> Result<Vec<Dependant>, DbErr> {
        Self::find()
            .select_only()
            .columns([Column::InstallId, Column::AppId])
            .column(super::app::Column::User)
            .join(JoinType::InnerJoin, Relation::App.def())
            .filter(Column::InstallId.is_in(install_ids))
            .apply_if(app_id, |found, app_id| found.filter(Column::AppId.eq(app_id)))
            .order_by_asc(Column::AppId)
            .into_model()
            .all(db)
            .await
    }

    /// Joins the two, or leaves them joined; `true` if they were not.
    pub async fn join(
        db: &impl ConnectionTrait,
        app_id: &str,
        install_id: &str,
        now: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        let row = ActiveModel {
            app_id: Set(app_id.to_owned()),
            install_id: Set(install_id.to_owned()),
            created_at: Set(now),
        };
        let already = [Column::AppId, Column::InstallId];
        let inserted = Self::insert(row).on_conflict_do_nothing_on(already).exec_without_returning(db).await?;
        Ok(matches!(inserted, TryInsertResult::Inserted(rows) if rows > 0))
    }
}

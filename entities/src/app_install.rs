//! `instagram_apps`: which app uses which install. Many apps share one install, and one app may have several.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

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

impl Entity {
    /// Joins the two, or leaves them joined.
    pub async fn join(
        db: &impl ConnectionTrait,
        app_id: &str,
        install_id: &str,
        now: DateTimeUtc,
    ) -> Result<(), DbErr> {
        let row = ActiveModel {
            app_id: Set(app_id.to_owned()),
            install_id: Set(install_id.to_owned()),
            created_at: Set(now),
        };
        let already = [Column::AppId, Column::InstallId];
        Self::insert(row).on_conflict_do_nothing_on(already).exec_without_returning(db).await?;
        Ok(())
    }
}

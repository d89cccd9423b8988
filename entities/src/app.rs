//! `apps`: the host platform's widgets.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, FromQueryResult, JoinType, QuerySelect, QueryTrait, TryInsertResult};

use crate::{FeedKey, StringList, app_install, install};

pub use crate::app_migration::{Concerned, Move, NEVER};

/// One widget of one user on the host platform.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "apps")]
pub struct Model {
    /// The host platform's id of the widget.
    #[sea_orm(primary_key, auto_increment = false)]
    pub app_id: String,
    /// The host platform's id of the widget's owner.
    pub user: String,
    /// The kind of widget, in the host platform's words.
    #[sea_orm(column_name = "type")]
    pub app_type: String,
    /// Whom to tell about its connections.
    pub owner_email: Option<String>,
    /// The owner's language (BCP 47).
    pub language: Option<String>,
    /// Web origins that may read its feeds from a browser; empty: any.
    pub allowed_origins: StringList,
    /// The feed keys that it shows.
    pub feeds: StringList,
    /// Whether it was saved before the Graph API came: such an app may still be served by the outlet.
    pub saved_before: bool,
    /// Null, `"never"` or a date: whether it takes part in the migration, and when it was done.
    pub instagram_graph_api_migrated_at: Option<String>,
    /// Feeds that the outlet goes on serving.
    pub instagram_not_migrated_feeds: StringList,
    /// When `migrate_app` is due: an account was connected or disconnected; null while it is not.
    pub migrate_due_at: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
}

/// What an app is joined with.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// Its connections.
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
    /// Returns the owner's address as the ledger of mails knows it: however apps write it, it is the same person's.
    pub fn owner(&self) -> Option<String> {
        let address = self.owner_email.as_deref().map(str::trim).filter(|address| !address.is_empty());
        address.map(str::to_lowercase)
    }

    /// Returns whether the app's owner listed `key` among its feeds.
    pub fn lists(&self, key: &FeedKey) -> bool {
        self.feeds.contains(key.as_str())
    }
}

/// An app, as it is asked for a feed.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Asked {
    /// The app.
    #[sea_orm(nested)]
    pub app: Model,
    /// Whether one of its connections reads the feed: an account's own, a hashtag's any.
    pub has_reader: bool,
}

impl Entity {
    /// Finds an app and whether it can read a feed, with one question: this is asked for every visitor.
    pub async fn asked_for(db: &impl ConnectionTrait, app_id: &str, key: &FeedKey) -> Result<Option<Asked>, DbErr> {
        let readers = app_install::Entity::find()
            .select_only()
            .column(app_install::Column::InstallId)
            .filter(app_install::Column::AppId.eq(app_id))
            .apply_if(key.account_name(), |found, name| {
                found
                    .join(JoinType::InnerJoin, app_install::Relation::Install.def())
                    .filter(install::Column::InstagramAccount.eq(name))
            })
            .into_query();
        Self::find_by_id(app_id).expr_as(Expr::exists(readers), "has_reader").into_model().one(db).await
    }

    /// Returns the row of an app that nobody has described yet: new, so that the Graph serves it.
    pub fn fresh(app_id: &str, user: &str, app_type: &str, now: DateTimeUtc) -> ActiveModel {
        ActiveModel {
            app_id: Set(app_id.to_owned()),
            user: Set(user.to_owned()),
            app_type: Set(app_type.to_owned()),
            owner_email: Set(None),
            language: Set(None),
            allowed_origins: Set(StringList::default()),
            feeds: Set(StringList::default()),
            saved_before: Set(false),
            instagram_graph_api_migrated_at: Set(None),
            instagram_not_migrated_feeds: Set(StringList::default()),
            migrate_due_at: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
        }
    }

    /// Registers an app that nobody has described yet; a known one is left as its owner saved it, but for a kind that
    /// was never told. `true` if it is new.
    pub async fn register(
        db: &impl ConnectionTrait,
        app_id: &str,
        user: &str,
        app_type: &str,
        now: DateTimeUtc,
    ) -> Result<bool, DbErr> {
        let fresh = Self::fresh(app_id, user, app_type, now);
        let inserted =
            Self::insert(fresh).on_conflict_do_nothing_on([Column::AppId]).exec_without_returning(db).await?;
        let is_new = matches!(inserted, TryInsertResult::Inserted(rows) if rows > 0);
        if !is_new && !app_type.is_empty() {
            Self::update_many()
                .col_expr(Column::AppType, Expr::value(app_type))
                .filter(Column::AppId.eq(app_id))
                .filter(Column::AppType.eq(""))
                .exec(db)
                .await?;
        }
        Ok(is_new)
    }
}

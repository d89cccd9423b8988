//! `crossposts`: an Instagram account whose new media are posted to an X account.
//!
//! One serves while some app uses both sides: what an app has connected is not posted on from where it has been
//! disconnected.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{BinOper, ExprTrait, Query, SelectStatement};
use sea_orm::{DatabaseTransaction, QueryOrder, QuerySelect, QueryTrait, TryInsertResult, TryIntoModel};

use crate::{app_install, crosspost_delivery, install, x_account_app};

/// One cross-post.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "crossposts")]
pub struct Model {
    /// Our id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Whose media are posted; unique with the X account.
    pub install_id: String,
    /// Where they are posted.
    pub x_account_id: String,
    /// The text, with `{caption}`, `{permalink}` and `{username}`.
    pub template: String,
    /// Whether a post may carry the link to Instagram, which makes it dearer.
    pub link: bool,
    /// Whether pictures are given their alternative texts.
    pub alt_text: bool,
    /// The most posts in 24 hours.
    pub daily_cap: i32,
    /// Whether nothing is posted for now.
    pub paused: bool,
    /// When it was made, to the second: what is older is history, and never posted.
    pub created_at: DateTimeUtc,
    /// When the row was last changed by somebody.
    pub updated_at: DateTimeUtc,
}

/// Either side may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The apps that use both sides of a cross-post, as a subquery that is true where there is one: any, or this one.
fn used_by(app_id: Option<&str>) -> SelectStatement {
    let installs = (app_install::Entity, app_install::Column::InstallId);
    let accounts = (x_account_app::Entity, x_account_app::Column::XAccountId);
    Query::select()
        .expr(Expr::value(1))
        .from(app_install::Entity)
        .inner_join(
            x_account_app::Entity,
            Expr::col((accounts.0, x_account_app::Column::AppId))
                .equals((app_install::Entity, app_install::Column::AppId)),
        )
        .and_where(Expr::col(installs).equals((Entity, Column::InstallId)))
        .and_where(Expr::col(accounts).equals((Entity, Column::XAccountId)))
        .apply_if(app_id, |found, app_id| {
            found.and_where(Expr::col((app_install::Entity, app_install::Column::AppId)).eq(app_id));
        })
        .to_owned()
}

/// The keys of the feeds of which somebody's cross-posts demand something.
pub(crate) fn demanded_keys() -> SelectStatement {
    let name = Expr::col((install::Entity, install::Column::InstagramAccount));
    Query::select()
        .expr(Expr::value("@").binary(BinOper::Custom("||"), name))
        .from(install::Entity)
        .inner_join(Entity, Expr::col((Entity, Column::InstallId)).equals((install::Entity, install::Column::Id)))
        .and_where(Expr::col((Entity, Column::Paused)).eq(false))
        .and_where(Expr::exists(used_by(None)))
        .to_owned()
}

impl Entity {
    /// Makes a row; `None` if the two are joined already.
    pub async fn insert_new(db: &impl ConnectionTrait, row: ActiveModel) -> Result<Option<Model>, DbErr> {
        let made = row.clone().try_into_model()?;
        let already = [Column::InstallId, Column::XAccountId];
        let inserted = Self::insert(row).on_conflict_do_nothing_on(already).exec_without_returning(db).await?;
        Ok(matches!(inserted, TryInsertResult::Inserted(rows) if rows > 0).then_some(made))
    }

    /// Returns whether an app, or this one, uses both an install and an X account.
    pub async fn may_join(
        db: &impl ConnectionTrait,
        app_id: Option<&str>,
        (install_id, x_account_id): (&str, &str),
    ) -> Result<bool, DbErr> {
        let accounts = x_account_app::Entity::find()
            .select_only()
            .column(x_account_app::Column::AppId)
            .filter(x_account_app::Column::XAccountId.eq(x_account_id))
            .into_query();
        let both = app_install::Entity::find()
            .filter(app_install::Column::InstallId.eq(install_id))
            .filter(app_install::Column::AppId.in_subquery(accounts))
            .apply_if(app_id, |found, app_id| found.filter(app_install::Column::AppId.eq(app_id)));
        Ok(both.count(db).await? > 0)
    }

    /// Lists a page of those that a caller may see, in order of id, behind `after`.
    pub async fn page(
        db: &impl ConnectionTrait,
        app_id: Option<&str>,
        after: &str,
        limit: u64,
    ) -> Result<Vec<Model>, DbErr> {
        Self::visible_to(app_id).filter(Column::Id.gt(after)).order_by_asc(Column::Id).limit(limit).all(db).await
    }

    /// Finds one that a caller may see.
    pub async fn visible(db: &impl ConnectionTrait, app_id: Option<&str>, id: &str) -> Result<Option<Model>, DbErr> {
        Self::visible_to(app_id).filter(Column::Id.eq(id)).one(db).await
    }

    fn visible_to(app_id: Option<&str>) -> Select<Self> {
        Self::find().apply_if(app_id, |found, app_id| found.filter(Expr::exists(used_by(Some(app_id)))))
    }

    /// Finds one that posts: it is not paused, and an app uses both its sides.
    pub async fn active(db: &impl ConnectionTrait, id: &str) -> Result<Option<Model>, DbErr> {
        Self::all_active().filter(Column::Id.eq(id)).one(db).await
    }

    /// Locks a row until the transaction ends, so that it neither goes nor pauses meanwhile. (SQLite has locked all by then.)
    pub async fn lock(tx: &DatabaseTransaction, id: &str) -> Result<Option<Model>, DbErr> {
        Self::find_by_id(id).lock_exclusive().one(tx).await
    }

    /// Lists a page of those that post, in order of id, behind `after`.
    pub async fn page_of_active(db: &impl ConnectionTrait, after: &str, limit: u64) -> Result<Vec<Model>, DbErr> {
        Self::all_active().filter(Column::Id.gt(after)).order_by_asc(Column::Id).limit(limit).all(db).await
    }

    /// Lists those that post the media of an account of this name.
    pub async fn active_of(db: &impl ConnectionTrait, account: &str) -> Result<Vec<Model>, DbErr> {
        let installs = install::Entity::find()
            .select_only()
            .column(install::Column::Id)
            .filter(install::Column::InstagramAccount.eq(account))
            .into_query();
        let of_account = Self::all_active().filter(Column::InstallId.in_subquery(installs));
        of_account.order_by_asc(Column::Id).all(db).await
    }

    fn all_active() -> Select<Self> {
        Self::find().filter(Column::Paused.eq(false)).filter(Expr::exists(used_by(None)))
    }

    /// Deletes one, and what is kept of its media.
    pub async fn forget(db: &impl ConnectionTrait, id: &str) -> Result<(), DbErr> {
        forget_all(db, Column::Id, id).await
    }

    /// Deletes those of an install.
    pub async fn forget_of_install(db: &impl ConnectionTrait, install_id: &str) -> Result<(), DbErr> {
        forget_all(db, Column::InstallId, install_id).await
    }

    /// Deletes those of an X account.
    pub async fn forget_of_x_account(db: &impl ConnectionTrait, x_account_id: &str) -> Result<(), DbErr> {
        forget_all(db, Column::XAccountId, x_account_id).await
    }
}

/// Deletes those of which a column says this. Who posts for one meanwhile finds its rows gone, and ends; who plans for one is
/// waited for, so that nothing of what it plans stays.
async fn forget_all(db: &impl ConnectionTrait, column: Column, value: &str) -> Result<(), DbErr> {
    let locked = Entity::find().select_only().column(Column::Id).filter(column.eq(value)).order_by_asc(Column::Id);
    let ids: Vec<String> = locked.lock_exclusive().into_tuple().all(db).await?;
    let of_those = crosspost_delivery::Column::CrosspostId.is_in(ids);
    crosspost_delivery::Entity::delete_many().filter(of_those).exec(db).await?;
    Entity::delete_many().filter(column.eq(value)).exec(db).await?;
    Ok(())
}

//! `connect_links`: the links in letters, with which owners connect one account again. Each serves once.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QuerySelect};

use crate::install;

/// One link.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "connect_links")]
pub struct Model {
    /// SHA-256 of the name that the link carries, in hexadecimal digits: who reads the table makes no link of it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// The install that it renews.
    pub install_id: String,
    /// The app whose owner it was written to.
    pub app_id: String,
    /// The credential that it was written about.
    pub generation: i32,
    /// Meta's id of the one account that it connects.
    pub business_account_id: String,
    /// Until when it serves.
    pub expires_at: DateTimeUtc,
    /// When it has served: when a new credential was kept by it.
    pub used_at: Option<DateTimeUtc>,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

/// The install may be gone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Keeps a link, and returns until when it serves: one that is kept already stays as it is, but serves as long as a new
    /// one where its letter was not taken for so long that half of its time is over.
    pub async fn keep(
        db: &impl ConnectionTrait,
        hash: &str,
        (install, app_id): (&install::Model, &str),
        expires_at: DateTimeUtc,
        now: DateTimeUtc,
    ) -> Result<DateTimeUtc, DbErr> {
        let row = ActiveModel {
            hash: Set(hash.to_owned()),
            install_id: Set(install.id.clone()),
            app_id: Set(app_id.to_owned()),
            generation: Set(install.generation),
            business_account_id: Set(install.instagram_business_account_id.clone()),
            expires_at: Set(expires_at),
            used_at: Set(None),
            created_at: Set(now),
        };
        Self::insert(row).on_conflict_do_nothing_on([Column::Hash]).exec_without_returning(db).await?;
        let half = now + (expires_at - now) / 2;
        let late = Self::update_many().col_expr(Column::ExpiresAt, Expr::value(expires_at));
        late.filter(Column::Hash.eq(hash)).filter(Column::ExpiresAt.lt(half)).exec(db).await?;
        let kept: Option<DateTimeUtc> =
            Self::find_by_id(hash).select_only().column(Column::ExpiresAt).into_tuple().one(db).await?;
        Ok(kept.unwrap_or(expires_at))
    }

    /// Uses a link up; `false` if it was used before, or is gone. Of two uses at once, one is taken.
    pub async fn use_up(db: &impl ConnectionTrait, hash: &str, now: DateTimeUtc) -> Result<bool, DbErr> {
        let used = Self::update_many()
            .col_expr(Column::UsedAt, Expr::value(now))
            .filter(Column::Hash.eq(hash))
            .filter(Column::UsedAt.is_null())
            .exec(db)
            .await?;
        Ok(used.rows_affected > 0)
    }

    /// Forgets the links that ended before `ended_before`; returns how many. A link says itself when it has ended.
    pub async fn sweep(db: &impl ConnectionTrait, ended_before: DateTimeUtc) -> Result<u64, DbErr> {
        Ok(Self::delete_many().filter(Column::ExpiresAt.lt(ended_before)).exec(db).await?.rows_affected)
    }
}

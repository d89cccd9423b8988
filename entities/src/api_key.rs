//! `api_keys`: operators' keys. A key is shown once; what is kept does not open anything.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, Condition, QueryOrder};

/// One operator's key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    /// The part of the key that names it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Who or what has it.
    pub name: String,
    /// SHA-256 of its secret part, in hexadecimal digits.
    pub secret_hash: String,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last used, to the hour.
    pub last_used_at: Option<DateTimeUtc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTimeUtc>,
}

/// A key belongs to nothing.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Keeps a new key.
    pub async fn keep(
        db: &impl ConnectionTrait,
        id: &str,
        name: &str,
        secret_hash: String,
        now: DateTimeUtc,
    ) -> Result<(), DbErr> {
        let row = ActiveModel {
            id: Set(id.to_owned()),
            name: Set(name.to_owned()),
            secret_hash: Set(secret_hash),
            created_at: Set(now),
            last_used_at: Set(None),
            revoked_at: Set(None),
        };
        Self::insert(row).exec_without_returning(db).await?;
        Ok(())
    }

    /// Lists all keys, oldest first.
    pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
        Self::find().order_by_asc(Column::CreatedAt).order_by_asc(Column::Id).all(db).await
    }

    /// Notes that a key was used in the hour that began at `hour`; a use that is noted costs no second write.
    pub async fn note_use(db: &impl ConnectionTrait, id: &str, hour: DateTimeUtc) -> Result<(), DbErr> {
        let older = Condition::any().add(Column::LastUsedAt.is_null()).add(Column::LastUsedAt.lt(hour));
        Self::update_many()
            .col_expr(Column::LastUsedAt, Expr::value(hour))
            .filter(Column::Id.eq(id))
            .filter(older)
            .exec(db)
            .await?;
        Ok(())
    }

    /// Revokes a key; `false` if none of this id serves.
    pub async fn revoke(db: &impl ConnectionTrait, id: &str, now: DateTimeUtc) -> Result<bool, DbErr> {
        let revoked = Self::update_many()
            .col_expr(Column::RevokedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .filter(Column::RevokedAt.is_null())
            .exec(db)
            .await?;
        Ok(revoked.rows_affected > 0)
    }
}

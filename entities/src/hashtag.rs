//! `instagram_hashtags`: Meta's id of each hashtag. Ids are global and permanent, so a known one is never asked for again.

use sea_orm::ActiveValue::Set;
use sea_orm::QuerySelect;
use sea_orm::entity::prelude::*;

/// One hashtag and its id.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "instagram_hashtags")]
pub struct Model {
    /// The hashtag, without `#`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tag: String,
    /// Meta's id of it.
    pub hashtag_id: String,
    /// When it was learnt.
    pub created_at: DateTimeUtc,
}

/// A hashtag belongs to nothing.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Returns the id of a hashtag, if it is known.
    pub async fn id_of(db: &impl ConnectionTrait, tag: &str) -> Result<Option<String>, DbErr> {
        Self::find_by_id(tag).select_only().column(Column::HashtagId).into_tuple().one(db).await
    }

    /// Lists the hashtags behind ids, as far as they are known.
    pub async fn behind(db: &impl ConnectionTrait, ids: &[String]) -> Result<Vec<Model>, DbErr> {
        Self::find().filter(Column::HashtagId.is_in(ids)).all(db).await
    }

    /// Keeps the id of a hashtag; the first that was kept stays.
    pub async fn keep(db: &impl ConnectionTrait, tag: &str, id: &str, now: DateTimeUtc) -> Result<(), DbErr> {
        let row = ActiveModel { tag: Set(tag.to_owned()), hashtag_id: Set(id.to_owned()), created_at: Set(now) };
        Self::insert(row).on_conflict_do_nothing_on([Column::Tag]).exec_without_returning(db).await?;
        Ok(())
    }
}

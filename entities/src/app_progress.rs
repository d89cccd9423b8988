//! How far the apps of `apps` have moved off the outlet, all together.

use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, QueryOrder, QuerySelect};

use crate::app::{Column, Entity};

/// Apps of one kind that are equally far.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Progress {
    /// The kind, in the host platform's words.
    pub app_type: String,
    /// Whether they were saved before the Graph API came.
    pub saved_before: bool,
    /// Whether the move is offered to them, or was made.
    pub is_offered: bool,
    /// Whether it was made.
    pub is_made: bool,
    /// How many they are.
    pub apps: i64,
    /// How many feeds the outlet goes on serving for those that have moved.
    pub feeds_left: i64,
}

impl Entity {
    /// Counts the apps by their kind and by how far they have moved.
    pub async fn progress(db: &impl ConnectionTrait) -> Result<Vec<Progress>, DbErr> {
        let is_offered = || Column::InstagramGraphApiMigratedAt.is_not_null();
        let is_made = || Expr::cust("coalesce(instagram_graph_api_migrated_at, 'never') <> 'never'");
        Self::find()
            .select_only()
            .column_as(Column::AppType, "app_type")
            .column(Column::SavedBefore)
            .column_as(is_offered(), "is_offered")
            .column_as(is_made(), "is_made")
            .column_as(Column::AppId.count(), "apps")
            .column_as(Expr::cust("sum(json_array_length(instagram_not_migrated_feeds))"), "feeds_left")
            .group_by(Column::AppType)
            .group_by(Column::SavedBefore)
            .group_by(is_offered())
            .group_by(is_made())
            .order_by_asc(Column::AppType)
            .order_by_asc(Column::SavedBefore)
            .into_model()
            .all(db)
            .await
    }
}

//! `alert_channels`: whether the ways to the operator work.

use sea_orm::entity::prelude::*;

/// One way: `slack` or `mail`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alert_channels")]
pub struct Model {
    /// Its name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel: String,
    /// Since when nothing gets through; null: it works, as far as was tried.
    pub failing_since: Option<DateTimeUtc>,
    /// Why not; free of secrets.
    pub failure: Option<String>,
    /// When a message last got through.
    pub sent_at: Option<DateTimeUtc>,
    /// When the last digest did.
    pub digest_at: Option<DateTimeUtc>,
    /// Before when it does not want to be asked.
    pub not_before: Option<DateTimeUtc>,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
}

/// A channel belongs to nothing.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

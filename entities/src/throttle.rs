//! `throttles`: a key that must not be called before a time, and how much of its allowance is used.

use sea_orm::entity::prelude::*;

/// One key: `app`, or `user:`, `page:`, `account:`, `hashtags:` and Meta's id.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "throttles")]
pub struct Model {
    /// The key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// How much of the allowance Meta said is used, in per cent; null: it never said.
    pub percent: Option<f64>,
    /// What one call was seen to cost, in per cent of the allowance.
    pub cost: Option<f64>,
    /// When Meta said so.
    pub measured_at: Option<DateTimeUtc>,
    /// Until when Meta refuses the key.
    pub closed_until: Option<DateTimeUtc>,
    /// What closed it: Meta's numbers, never its text.
    pub reason: Option<String>,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
}

/// A key belongs to nothing.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
